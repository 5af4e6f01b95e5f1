/** The header times that a person picks for the next blocks, as texts that the person may be typing. */

/** Blocks in a plan: enough to see a rule go wrong. */
export const PLANNED = 8;

export const PLANS = ['usual', 'close', 'late', 'back', 'ahead'] as const;
export type Plan = (typeof PLANS)[number];

/**
 * Seconds between each header and its parent.
 * @param blockSeconds the network's mean time between blocks
 */
export function planned(plan: Plan, blockSeconds: number): string[] {
  const usual = new Array<number>(PLANNED).fill(blockSeconds);
  const close = new Array<number>(PLANNED).fill(0.001);
  switch (plan) {
    case 'usual':
      return usual.map(String);
    case 'close':
      return close.map(String);
    case 'late':
      return [10 * blockSeconds, ...usual.slice(1)].map(String);
    case 'back':
      return [blockSeconds, -blockSeconds, ...usual.slice(2)].map(String);
    case 'ahead':
      // An hour, and more than any clock is wrong.
      return [3_600 + 10 * blockSeconds, ...usual.slice(1)].map(String);
  }
}

/** Whole milliseconds; null for a text that is no number of seconds. */
export function gapOf(seconds: string): number | null {
  const text = seconds.normalize('NFKC').trim().replace(',', '.').replace('−', '-');
  if (!/^-?\d{1,6}(\.\d{1,3})?$/.test(text)) return null;
  return Math.round(Number(text) * 1_000);
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** The power of ten next to a number above one, such as 10²³. */
export function powerOfTen(value: number): string {
  const exponent = String(Math.round(Math.log10(value)));
  return `10${[...exponent].map((digit) => SUPERSCRIPTS[Number(digit)]).join('')}`;
}

interface Answer {
  readonly next: readonly { readonly time: number; readonly gap: number | null; readonly difficulty: number }[];
  readonly refusedBy: string | null;
  readonly mostAheadMs: number;
}

/** A gap this much shorter than usual is a lie that raises the difficulty. */
const QUICK = 0.01;
const ENOUGH = 6;

/** The plans whose lesson the rules' answer shows, no matter who picked the times. */
export function lessonsOf({ next, refusedBy, mostAheadMs }: Answer, blockTimeMs: number, nowMs: number): Plan[] {
  const gaps = next.map(({ gap }) => gap ?? blockTimeMs);
  const shown: Plan[] = [];
  if (next.length >= ENOUGH && gaps.every((gap) => gap === blockTimeMs)) shown.push('usual');
  if (gaps.filter((gap) => gap <= QUICK * blockTimeMs).length >= ENOUGH) shown.push('close');
  // Eased: the late block itself is at least half as hard, and the block after it hardly easier than before.
  if (next.some(({ difficulty }, i) => i + 1 < next.length && difficulty * 1.9 <= next[i + 1]!.difficulty)) shown.push('late');
  if (refusedBy === 'time-not-after-parent') shown.push('back');
  if (next.some(({ time }) => time > nowMs + mostAheadMs)) shown.push('ahead');
  return shown;
}
