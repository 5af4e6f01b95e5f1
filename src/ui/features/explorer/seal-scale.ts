/** A seal as a number: the hash must not be above the target. All numbers are 64 hexadecimal digits, highest first. */

const BITS = 256;
const DIGIT_BITS = 4;
/** As many digits as a double holds. */
const KEPT_DIGITS = 13;

/** The number of leading zero bits, with a fraction: 256 − log₂ of the number. 256 for zero. */
export function zeroBits(hex: string): number {
  const zeros = /^0*/.exec(hex)![0].length;
  if (zeros === hex.length) return BITS;
  const kept = hex.slice(zeros, zeros + KEPT_DIGITS);
  return DIGIT_BITS * (zeros + kept.length) - Math.log2(Number.parseInt(kept, 16));
}

/** How many times smaller than the target the hash is; below 1 where the hash is above the target. */
export function margin(id: string, target: string): number {
  return 2 ** (zeroBits(id) - zeroBits(target));
}

/** The digits of a number: the leading zeros, the rest up to the digit that decides the comparison with `other`, that digit, and the rest. */
export interface Digits {
  readonly zeros: string;
  readonly same: string;
  readonly decisive: string;
  readonly rest: string;
}

export function digitsOf(hex: string, other: string): Digits {
  let at = 0;
  while (at < hex.length && hex[at] === other[at]) at++;
  const zeros = /^0*/.exec(hex)![0].length;
  const shown = Math.min(zeros, at);
  // The digit that decides may itself be a zero.
  return { zeros: hex.slice(0, shown), same: hex.slice(shown, at), decisive: hex.slice(at, at + 1), rest: hex.slice(at + 1) };
}

/** The axis of leading zero bits, from 0 to a multiple of eight beyond both numbers. */
export function axisBits(id: string, target: string): number {
  return Math.min(BITS, DIGIT_BITS * 2 * Math.ceil((Math.max(zeroBits(id), zeroBits(target)) + 2) / (DIGIT_BITS * 2)));
}

/** Marks of the axis: at most six. */
export function axisMarks(bits: number): number[] {
  const step = [8, 16, 32, 64].find((each) => bits / each <= 5) ?? 64;
  return Array.from({ length: Math.floor(bits / step) + 1 }, (_, i) => i * step);
}
