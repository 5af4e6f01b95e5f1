/**
 * A snapshot is all accounts after a block. Snapshot blocks are those at heights that are multiples of this number, so that all peers serve
 * the same snapshots, and a newcomer has one interval's time to fetch one. A shorter interval would cost each peer more memory.
 */
export const SNAPSHOT_EVERY = 64;

/**
 * A newcomer's snapshot lies at least so many blocks below the tip. Which blocks came before, the newcomer believes from samples of work,
 * and no reorganisation can reach below the snapshot. So a private branch must not reach so deep.
 *
 * With 30 % of the hash power and the best header times, an attempt rewrites 20 blocks in 0.22 % of cases and 100 blocks in 0.001 %
 * (`tests/reports/difficulty.md`); between the two, that makes about 0.01 % for 64. The newcomer replays the blocks above, at most
 * 64 + 63 of them under all rules, within seconds. A greater depth would gain little and cost more of that time.
 */
export const SNAPSHOT_DEPTH = 64;

/** Height of the snapshot with which a newcomer begins when the tip has this height. Where there is none, 0: the newcomer begins at genesis. */
export function snapshotHeight(tipHeight: number): number {
  const highest = tipHeight - SNAPSHOT_DEPTH;
  return highest < SNAPSHOT_EVERY ? 0 : highest - (highest % SNAPSHOT_EVERY);
}
