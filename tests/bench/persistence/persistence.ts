import { existsSync } from 'node:fs';
import { CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { median } from '../framework/measure.ts';
import type { BlockTimes } from './page/store-lab.ts';
import { StoragePage } from './storage-page.ts';

/** Sizes of the database, in MB. The first is measured again beside each of the others. */
const SIZES = [1, 10, 100, 300];
const ROUNDS = 8;
const BLOCKS_A_ROUND = 6;
const WHOLE_FILE_ROUNDS = 3;
const CATCH_UP_BLOCKS = 60;

/** So many megabytes of blocks bring the log of a fresh image to its full length; only then are chunks written again. */
const LOG_SHARE = 0.25;
const LOG_MEGABYTES_PER_BLOCK = 0.19;

/** A phone's patience; the reasons are in the design of the storage (src/storage/pages). */
const MAX_MS = 40;
const MAX_RATIO = 1.5;
const MIN_OVER_WHOLE_FILE = 50;
const MAX_OPEN_MS = 3_000;

const percentile95 = (samples: readonly number[]): number => samples.toSorted((a, b) => a - b)[Math.floor(samples.length * 0.95)]!;

/** Saving a block of 100 transactions in real Chromium, with databases of several sizes side by side. */
export const persistence: Benchmark = {
  name: 'persistence',
  summary: 'connecting and saving a block of 100 transactions, to IndexedDB in Chromium, by size of the database',
  long: true,
  async run(bench) {
    if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
    const page = await StoragePage.open();
    try {
      await page.ask('small', { type: 'grow', megabytes: SIZES[0]! });
      for (const megabytes of SIZES.slice(1)) await measureSize(bench, page, megabytes);
    } finally {
      await page.close();
    }
  },
};

async function measureSize(bench: Bench, page: StoragePage, megabytes: number): Promise<void> {
  await page.ask('large', { type: 'grow', megabytes });
  await page.ask('large', { type: 'catch-up', count: Math.ceil((megabytes * LOG_SHARE) / LOG_MEGABYTES_PER_BLOCK) });
  const small: number[] = [];
  const large: number[] = [];
  const kilobytes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const request = { type: 'blocks', count: BLOCKS_A_ROUND } as const;
    small.push(...(await page.ask<BlockTimes>('small', request)).ms);
    const times = await page.ask<BlockTimes>('large', request);
    large.push(...times.ms);
    kilobytes.push(...times.kilobytes);
  }
  const catchUpMs = await page.ask<number>('large', { type: 'catch-up', count: CATCH_UP_BLOCKS });
  const openMs = await page.ask<number>('large', { type: 'open' });
  const wholeMs: number[] = [];
  for (let round = 0; round < WHOLE_FILE_ROUNDS; round++) wholeMs.push(await page.ask<number>('large', { type: 'whole-file' }));
  bench.note(
    `${megabytes} MB: median ${median(large).toFixed(1)} ms, p95 ${percentile95(large).toFixed(0)} ms; catching up ${catchUpMs.toFixed(1)} ms a block; ` +
      `whole file ${median(wholeMs).toFixed(0)} ms; open ${openMs.toFixed(0)} ms; beside it a small one ${median(small).toFixed(1)} ms`,
  );
  if (megabytes === SIZES[1]) bench.figure('ms_per_block_1MB', median(small), { atMost: MAX_MS });
  bench.figure(`ms_per_block_${megabytes}MB`, median(large), { atMost: MAX_MS });
  if (megabytes !== SIZES.at(-1)) return;
  bench.figure('ratio_300_over_1', median(large) / median(small), { atMost: MAX_RATIO });
  bench.figure('over_whole_file_300MB', median(wholeMs) / median(large), { atLeast: MIN_OVER_WHOLE_FILE });
  bench.figure('open_300MB_ms', openMs, { atMost: MAX_OPEN_MS });
  bench.figure('kb_per_block', median(kilobytes));
}
