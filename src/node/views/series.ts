import { formatCoins } from '../../protocol/amount.ts';
import { ExplorerQueries, type SeriesRow } from '../../storage/sql/explorer-queries.ts';
import type { ChainSeries, SeriesPoint } from '../../api/api.ts';
import type { LedgerContents } from '../ledger.ts';

/** More points than a chart has pixels would show nothing more. */
const MAX_POINTS = 500;
/** Times between blocks that the histogram counts. */
const MAX_INTERVALS = 1_000;
const BINS = 20;
/** The histogram ends at this many block times: one time in 150 is longer, where blocks come by chance. */
const BIN_SPAN = 5;

/**
 * Series over the newest `wanted` blocks, or all. Reads a bounded number of rows by their heights, so the cost does not grow with the chain:
 * work and supply are sums in each row, so the rows between two points are not needed.
 */
export function chainSeries({ chain, network, store }: LedgerContents, wanted: number | null): ChainSeries {
  const queries = new ExplorerQueries(store.sql);
  const last = chain.tip().height;
  // The time of genesis is part of the network, and the base of a recent chain has no row.
  const lowest = chain.base() + 1;
  const first = Math.max(lowest, wanted === null ? 0 : last - wanted + 1);
  const rows = queries.series(strided(first, last, MAX_POINTS));
  return {
    blocks: Math.max(0, last - first + 1),
    points: rows.map((row, i) => pointOf(row, rows[i - 1] ?? null)),
    intervals: histogram(intervalsOf(queries, Math.max(first, lowest + 1), last), network.blockTimeMs / 1_000),
  };
}

/** At most `most` of the numbers from `first` to `last`, at equal distances. The last one is always among them. */
export function strided(first: number, last: number, most: number): number[] {
  if (first > last) return [];
  const stride = Math.max(1, Math.ceil((last - first + 1) / most));
  const count = Math.floor((last - first) / stride) + 1;
  return Array.from({ length: count }, (_, i) => last - (count - 1 - i) * stride);
}

function pointOf(row: SeriesRow, before: SeriesRow | null): SeriesPoint {
  const seconds = before ? (row.timeMs - before.timeMs) / 1_000 : 0;
  return {
    height: row.height,
    time: row.timeMs,
    difficulty: row.difficulty,
    hashrate: before && seconds > 0 ? Number(row.chainWork - before.chainWork) / seconds : 0,
    supply: formatCoins(row.supply),
    fees: formatCoins(row.fees),
  };
}

/** Seconds between a block and its parent, for at most {@link MAX_INTERVALS} blocks. */
function intervalsOf(queries: ExplorerQueries, first: number, last: number): number[] {
  const heights = strided(first, last, MAX_INTERVALS);
  const times = queries.times([...new Set(heights.flatMap((height) => [height - 1, height]))].sort((a, b) => a - b));
  return heights.flatMap((height) => {
    const [parent, own] = [times.get(height - 1), times.get(height)];
    return parent === undefined || own === undefined ? [] : [(own - parent) / 1_000];
  });
}

/** @param blockSeconds the network's mean time between blocks */
export function histogram(seconds: readonly number[], blockSeconds: number): ChainSeries['intervals'] {
  const binSeconds = (BIN_SPAN * blockSeconds) / BINS;
  const counts = new Array<number>(BINS).fill(0);
  for (const each of seconds) counts[Math.min(BINS - 1, Math.floor(each / binSeconds))]!++;
  const sum = seconds.reduce((total, each) => total + each, 0);
  return { sample: seconds.length, meanSeconds: seconds.length === 0 ? 0 : sum / seconds.length, binSeconds, counts };
}
