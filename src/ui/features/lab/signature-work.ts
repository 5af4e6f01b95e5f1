/** The signature lab alters a signature and a text. Both are given and returned as hexadecimal digits. */

/** Bits of a signature. */
export const SIGNATURE_BITS = 2_048;

/** A signature with one bit turned over. @param bit 0 is the last bit */
export function flipBit(signature: string, bit: number): string {
  const at = signature.length - 1 - Math.floor(bit / 4);
  const digit = Number.parseInt(signature[at]!, 16) ^ (1 << (bit % 4));
  return signature.slice(0, at) + digit.toString(16) + signature.slice(at + 1);
}

/** How many bits two hexadecimal texts of the same length differ in. */
export function differingBits(one: string, other: string): number {
  let count = 0;
  for (let i = 0; i < one.length; i++) {
    let bits = Number.parseInt(one[i]!, 16) ^ Number.parseInt(other[i]!, 16);
    for (; bits > 0; bits >>= 1) count += bits & 1;
  }
  return count;
}

/** A text as hexadecimal UTF-8. */
export function hexOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
