/** The hash lab's numbers: SHA-256 of a text and a number, as in a block, where miners change nothing but a number. */

/** Hexadecimal SHA-256. WebCrypto is missing on plain http, so the caller gives the hash. */
export type Hash = (text: string) => string;

export function leadingZeros(digest: string): number {
  return /^0*/.exec(digest)![0].length;
}

/**
 * Looks for a number whose hash begins with enough zeros.
 * @param from the first number to try
 * @param tries at most so many
 * @returns the number; null if none of these has it
 */
export function findNumber(hash: Hash, text: string, zeros: number, from: number, tries: number): number | null {
  for (let number = from; number < from + tries; number++) if (leadingZeros(hash(`${text}${number}`)) >= zeros) return number;
  return null;
}
