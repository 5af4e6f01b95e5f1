import { TabchainError } from './errors.ts';

/** Character codes of the digits 0 to f. */
const DIGIT_CODES = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Bytes whose digits are made into text by one call: engines limit the arguments of a call. */
const HEX_AT_ONCE = 4_096;

/**
 * Lower-case hexadecimal of `bytes`. A text made by appending digits would consist of parts, and its first use as a key would have to join
 * them: such a text took twice as long in Chromium and longer in Node. The functions of @noble/hashes do not fit: reading takes 1.4 times as
 * long where the engine has no `fromHex` of its own (Node 20), and each worker's script grows.
 */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length > HEX_AT_ONCE) {
    const half = bytes.length >>> 1;
    return toHex(bytes.subarray(0, half)) + toHex(bytes.subarray(half));
  }
  const codes = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = DIGIT_CODES[bytes[i]! >>> 4]!;
    codes[2 * i + 1] = DIGIT_CODES[bytes[i]! & 15]!;
  }
  return String.fromCharCode.apply(null, codes as unknown as number[]);
}

/** Value of each hexadecimal digit by its character code; 255 for other characters. */
const DIGITS = new Uint8Array(128).fill(255);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

/**
 * Bytes of a hexadecimal text (either case). Runs for every id and address that is hashed, so it avoids a regular expression.
 * @throws TabchainError `hex-invalid`
 */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >>> 1);
  let wrong = text.length & 1;
  for (let i = 0; i < bytes.length; i++) {
    const high = DIGITS[text.charCodeAt(2 * i)] ?? 255;
    const low = DIGITS[text.charCodeAt(2 * i + 1)] ?? 255;
    wrong |= (high | low) & 0xf0;
    bytes[i] = (high << 4) | low;
  }
  if (wrong !== 0) throw new TabchainError('hex-invalid', 'This is not hexadecimal text.');
  return bytes;
}

/** Whether two byte arrays are equal, including length. Not constant-time, because callers compare only public values. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** Lexicographic order like memcmp; on a shared prefix the shorter array comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** One new array with all parts in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A copy in its own memory. Not slice(), which on a Node Buffer gives a view, nor from(), which copies byte by byte. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** A reversed copy. */
export function reversedBytes(bytes: Uint8Array): Uint8Array {
  return copyOf(bytes).reverse();
}

/** Big-endian unsigned integer of any length. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt('0x' + toHex(bytes));
}

/**
 * `value` as exactly `length` big-endian bytes.
 * @throws TabchainError `integer-out-of-range`
 */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  const hex = value.toString(16);
  if (value < 0n || hex.length > 2 * length) throw new TabchainError('integer-out-of-range', 'The integer does not fit its field.');
  return fromHex(hex.padStart(2 * length, '0'));
}

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * The text of UTF-8 bytes. Refuses bytes that decoding and encoding again would change.
 * @throws TabchainError `utf8-invalid`
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new TabchainError('utf8-invalid', 'The text is not valid UTF-8.');
  }
}
