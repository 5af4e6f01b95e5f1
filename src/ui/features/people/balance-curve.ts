import type { AccountActivity } from '../../../api/api.ts';

export interface BalanceCurve {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly from: number;
  readonly to: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The curve of a balance up to now. Null for a history without entries. A balance holds from its block to the next, and a point of the
 * chart holds from the point before.
 */
export function balanceCurve({ balances }: Pick<AccountActivity, 'balances'>, nowMs: number): BalanceCurve | null {
  const [first] = balances;
  if (!first) return null;
  // The clocks of miners may be ahead of this one.
  const to = Math.max(nowMs, balances.at(-1)!.time + 1);
  const values = balances.map(({ balance }) => Number(balance));
  const points = values.map((y, index) => ({ x: balances[index + 1]?.time ?? to, y }));
  return { points, from: first.time, to, least: Math.min(...values), most: Math.max(...values) };
}

/** Five marks of time, evenly spaced. */
export function timeTicks(
  { from, to }: Pick<BalanceCurve, 'from' | 'to'>,
  write: (timeMs: number) => string,
  marks = 4,
): { x: number; text: string }[] {
  return Array.from({ length: marks + 1 }, (_, index) => {
    const x = from + ((to - from) * index) / marks;
    return { x, text: write(x) };
  });
}
