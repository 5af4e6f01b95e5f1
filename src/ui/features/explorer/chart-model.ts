import type { ChainSeries } from '../../../api/api.ts';

export const CHARTS = ['difficulty', 'hashrate', 'intervals', 'supply', 'fees'] as const;
export type ChartName = (typeof CHARTS)[number];

export const WINDOWS = ['100', '1000', 'all'] as const;
export type WindowName = (typeof WINDOWS)[number];

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Fees are drawn in millionths, because an axis needs whole steps. */
export const UNITS = 1_000_000;
const MAX_TICKS = 6;

/** The points of a chart over heights. The hash rate of the first point is unknown. */
export function pointsOf(name: Exclude<ChartName, 'intervals'>, { points }: ChainSeries): Point[] {
  const valued = points.map((point) => ({
    x: point.height,
    y: {
      difficulty: point.difficulty,
      hashrate: point.hashrate,
      supply: Number(point.supply),
      fees: Math.round(Number(point.fees) * UNITS),
    }[name],
  }));
  return name === 'hashrate' ? valued.slice(1) : valued;
}

/** Counts of a histogram as a curve whose value holds from the point before; the first point is the left edge. */
export function observedPoints({ binSeconds, counts }: ChainSeries['intervals']): Point[] {
  return [{ x: 0, y: counts[0] ?? 0 }, ...counts.map((y, i) => ({ x: (i + 1) * binSeconds, y }))];
}

/**
 * The counts that times without memory have on average, at the middle of each bin. The last bin counts all longer times, too.
 * @param meanSeconds the network's mean time between blocks
 */
export function expectedPoints({ binSeconds, counts, sample }: ChainSeries['intervals'], meanSeconds: number): Point[] {
  const later = (seconds: number): number => Math.exp(-seconds / meanSeconds);
  const inBin = (i: number): number => sample * (later(i * binSeconds) - (i === counts.length - 1 ? 0 : later((i + 1) * binSeconds)));
  const bins = counts.map((_, i) => ({ x: (i + 0.5) * binSeconds, y: inBin(i) }));
  return [{ x: 0, y: (sample * binSeconds) / meanSeconds }, ...bins];
}

/** Round numbers between two numbers, at most six. */
export function roundTicks(from: number, to: number): number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / (MAX_TICKS - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}
