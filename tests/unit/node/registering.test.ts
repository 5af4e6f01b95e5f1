import { describe, expect, test } from 'vitest';
import type { MiningPool } from '../../../src/miner/pool.ts';
import { findStamp, STAMP_PATIENCE_MS } from '../../../src/node/registering.ts';
import { TabchainError } from '../../../src/util/errors.ts';

const HASH = new Uint8Array(32);
const REQUIRED = 2n ** 240n;
const WANTED = 2n ** 236n;

interface Search {
  readonly target: bigint;
  readonly progress: (hashes: number) => void;
  readonly find: (stamp: Uint8Array) => void;
  readonly aborted: () => boolean;
}

/** A pool whose searches end on request of the test, and timers that the test rings. */
class Bench {
  readonly searches: Search[] = [];
  readonly fractions: (number | null)[] = [];
  readonly rings = new Map<number, { callback: () => void; delayMs: number }>();

  readonly timers = {
    set: (callback: () => void, delayMs: number) => {
      this.rings.set(this.rings.size + 1, { callback, delayMs });
      return this.rings.size;
    },
    clear: (id: number) => void this.rings.delete(id),
  };

  readonly pool: Pick<MiningPool, 'findSeal'> = {
    findSeal: (_hash, target, { signal, onProgress } = {}) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new TabchainError('search-cancelled', 'Stopped.')));
        const aborted = (): boolean => signal?.aborted ?? false;
        this.searches.push({ target, progress: (hashes) => onProgress?.(hashes), find: resolve, aborted });
      }),
  };

  find(wanted: bigint): Promise<Uint8Array> {
    return findStamp(this, this.pool, HASH, { required: REQUIRED, wanted }, (fraction) => this.fractions.push(fraction));
  }
}

const stamp = (value: number): Uint8Array => new Uint8Array(20).fill(value);
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the stamp of a registration', () => {
  test('has the work that the network requires while there is space', async () => {
    const bench = new Bench();
    const found = bench.find(REQUIRED);
    bench.searches[0]!.find(stamp(1));
    expect(await found).toEqual(stamp(1));
    expect(bench.searches.map(({ target }) => target)).toEqual([REQUIRED]);
    expect(bench.rings.size).toBe(0);
  });

  test('has more work when too many wait, and reports the progress of the search', async () => {
    const bench = new Bench();
    const found = bench.find(WANTED);
    bench.searches[0]!.find(stamp(1));
    await turn();
    const { target, progress, find } = bench.searches[1]!;
    expect(target).toBe(WANTED);
    for (const hashes of [0, 2 ** 20, 2 ** 26]) progress(hashes);
    expect(bench.fractions).toEqual([0, expect.closeTo(1 - 1 / Math.E, 5), expect.closeTo(1)]);
    find(stamp(2));
    expect(await found).toEqual(stamp(2));
    expect(bench.rings.size).toBe(0);
  });

  test('is the first one if a better one is not found in time', async () => {
    const bench = new Bench();
    const found = bench.find(WANTED);
    bench.searches[0]!.find(stamp(1));
    await turn();
    const [ring] = [...bench.rings.values()];
    expect(ring!.delayMs).toBe(STAMP_PATIENCE_MS);
    ring!.callback();
    expect(await found).toEqual(stamp(1));
    expect(bench.searches[1]!.aborted()).toBe(true);
  });
});
