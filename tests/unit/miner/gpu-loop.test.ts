import { describe, expect, it } from 'vitest';
import { MAX_BATCH_WORDS } from '../../../src/miner/gpu/batch.ts';
import { GpuLoop } from '../../../src/miner/gpu/gpu-loop.ts';
import type { GpuSearch } from '../../../src/miner/gpu/search.ts';
import { wordsBelow } from '../../../src/miner/gpu/self-check.ts';
import { WORDS_PER_BASE, type SearchJob } from '../../../src/miner/kernel/kernel.ts';
import type { MinerCommand, MinerReport } from '../../../src/miner/messages.ts';
import { TabchainError } from '../../../src/util/errors.ts';

interface Batch {
  readonly slot: number;
  readonly job: SearchJob;
  readonly firstWord: number;
  readonly words: number;
  finish(candidates: number[]): void;
  break(error: Error): void;
}

/** A GPU whose batches end on request of the test, and a clock that the test moves. */
class Bench {
  time = 5_000;
  readonly batches: Batch[] = [];
  readonly reports: MinerReport[] = [];
  readonly pauses: { delayMs: number; end(): void }[] = [];
  readonly loop: GpuLoop;

  constructor() {
    const jobs = new Map<object, SearchJob>();
    const search: GpuSearch = {
      name: 'stand-in',
      pack: (job) => {
        const packed = new Uint32Array(1);
        jobs.set(packed, job);
        return packed;
      },
      search: (slot, packed, firstWord, words) =>
        new Promise((finish, fail) => this.batches.push({ slot, job: jobs.get(packed)!, firstWord, words, finish, break: fail })),
    };
    this.loop = new GpuLoop({
      search,
      clock: { monotonic: () => this.time },
      report: (report) => this.reports.push(report),
      sleep: (delayMs) => new Promise((end) => this.pauses.push({ delayMs, end })),
    });
  }

  /** Ends the oldest batch in flight after `tookMs`. */
  async finish(tookMs: number, candidates: number[] = []): Promise<Batch> {
    const batch = this.batches.shift()!;
    this.time += tookMs;
    batch.finish(candidates);
    await settled();
    return batch;
  }

  take<T extends MinerReport['type']>(type: T): Extract<MinerReport, { type: T }>[] {
    return this.reports.filter((report): report is Extract<MinerReport, { type: T }> => report.type === type);
  }

  get hashes(): number {
    return this.take('progress').reduce((sum, { hashes }) => sum + hashes, 0);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function work(tag: number, targetByte = 0, throttle = 100): Extract<MinerCommand, { type: 'work' }> {
  const target = new Uint8Array(32).fill(targetByte);
  return { type: 'work', tag, throttle, job: { headerHash: new Uint8Array(32).fill(tag), nonceBase: new Uint8Array(16), target } };
}

describe('GPU loop', () => {
  it('is ready, and keeps two batches in flight that never overlap', async () => {
    const bench = new Bench();
    expect(bench.reports).toEqual([{ type: 'ready', kernel: 'stand-in' }]);
    bench.loop.handle(work(1));
    expect(bench.batches.map(({ slot }) => slot)).toEqual([0, 1]);
    let next = 0;
    for (let i = 0; i < 40; i++) {
      const { firstWord, words } = await bench.finish(20);
      expect(firstWord).toBe(next);
      next += words;
      expect(bench.batches).toHaveLength(2);
    }
    bench.loop.handle({ type: 'stop' });
    expect(bench.hashes).toBe(next);
  });

  it('starts a new job after the batches in flight, each of which is sized for 20 ms', async () => {
    const bench = new Bench();
    bench.loop.handle(work(1));
    // A GPU of one gigahash per second: the batch size grows from small to its final value within a few batches.
    const lasts = (): number => bench.batches[0]!.words / 1_000_000;
    for (let i = 0; i < 60; i++) await bench.finish(lasts());
    expect(lasts()).toBeGreaterThan(14);
    expect(lasts()).toBeLessThanOrEqual(20);
    bench.loop.handle(work(2));
    const startedAt = bench.time;
    await bench.finish(20);
    expect(bench.batches.at(-1)!.job.headerHash[0]).toBe(2);
    await bench.finish(20);
    // Both batches of the old job are done, and the GPU works on the new job.
    expect(bench.batches.map(({ job }) => job.headerHash[0])).toEqual([2, 2]);
    expect(bench.batches[0]!.firstWord).toBe(0);
    expect(bench.time - startedAt).toBeLessThanOrEqual(50);
  });

  it('reports a find, checked and smallest, and then waits', async () => {
    const bench = new Bench();
    const command = work(7, 0x04);
    bench.loop.handle(command);
    const words = wordsBelow(command.job, 0, 2_000);
    await bench.finish(20, words.toReversed());
    expect(bench.take('found')).toEqual([{ type: 'found', tag: 7, word: words[0] }]);
    expect(bench.reports.at(-2)?.type).toBe('progress');
    await bench.finish(20);
    expect(bench.batches).toHaveLength(0);
    bench.loop.handle(work(8));
    expect(bench.batches).toHaveLength(2);
  });

  it('does not report a find for outdated work, but counts the work', async () => {
    const bench = new Bench();
    const command = work(1, 0x04);
    bench.loop.handle(command);
    bench.loop.handle(work(2));
    const { words } = await bench.finish(300, wordsBelow(command.job, 0, 500));
    expect(bench.take('found')).toEqual([]);
    expect(bench.hashes).toBe(words);
  });

  it('switches itself off after a false claim, once', async () => {
    const bench = new Bench();
    bench.loop.handle(work(1));
    await bench.finish(20, [3]);
    expect(bench.take('failed')).toMatchObject([{ code: 'gpu-wrong' }]);
    await bench.finish(20, [9]);
    bench.loop.handle(work(2));
    expect(bench.batches).toHaveLength(0);
    expect(bench.take('failed')).toHaveLength(1);
  });

  it('switches itself off when a batch fails, or when the GPU is reported lost', async () => {
    const broken = new Bench();
    broken.loop.handle(work(1));
    broken.batches[1]!.break(new TabchainError('gpu-lost', 'The GPU has stopped: driver reset'));
    await settled();
    expect(broken.take('failed')).toEqual([{ type: 'failed', code: 'gpu-lost', reason: 'The GPU has stopped: driver reset' }]);
    const told = new Bench();
    told.loop.fail(new TabchainError('gpu-lost', 'gone'));
    told.loop.handle(work(1));
    expect(told.batches).toHaveLength(0);
    expect(told.take('failed')).toHaveLength(1);
  });

  it('pauses as the throttle requires, on one slot, and uses both slots again without a throttle', async () => {
    const bench = new Bench();
    bench.loop.handle(work(1, 0, 25));
    expect(bench.batches.map(({ slot }) => slot)).toEqual([0]);
    await bench.finish(20);
    expect(bench.batches).toHaveLength(0);
    expect(bench.pauses.map(({ delayMs }) => delayMs)).toEqual([60]);
    bench.pauses.shift()!.end();
    await settled();
    expect(bench.batches.map(({ slot }) => slot)).toEqual([0]);
    bench.loop.handle({ type: 'throttle', throttle: 100 });
    expect(bench.batches.map(({ slot }) => slot)).toEqual([0, 1]);
    await bench.finish(20);
    expect(bench.pauses).toHaveLength(0);
  });

  it('reports an exhausted base after its last batch', async () => {
    const bench = new Bench();
    bench.loop.handle(work(3));
    for (let i = 0; i < 1_000 && bench.batches.length > 0; i++) await bench.finish(0);
    expect(bench.take('exhausted')).toEqual([{ type: 'exhausted', tag: 3 }]);
    bench.loop.handle({ type: 'stop' });
    expect(bench.hashes).toBe(WORDS_PER_BASE);
    expect(WORDS_PER_BASE / MAX_BATCH_WORDS).toBeGreaterThan(16);
  });
});
