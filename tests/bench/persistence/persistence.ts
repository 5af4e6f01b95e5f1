import { existsSync } from 'node:fs';
import { CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { median, percentile } from '../framework/measure.ts';
import type { BlockTimes, Opened } from './page/store-lab.ts';
import { StoragePage } from './storage-page.ts';

/** Sizes of the database, in MB. The first is measured again beside each other size. */
const SIZES = [1, 10, 100, 300];
const ROUNDS = 8;
const BLOCKS_A_ROUND = 6;
const WHOLE_FILE_ROUNDS = 3;
const CATCH_UP_BLOCKS = 60;
/** Blocks saved after opening the largest database, to measure the page's memory. */
const BLOCKS_AFTER_OPENING = 24;
/** wa-sqlite also holds the whole file in memory; above this size two copies are too much for one page. */
const MAX_MIRROR_MB = 100;

/** Blocks of this share of the file's size fill the log of a fresh image. Only then are chunks written again. */
const LOG_SHARE = 0.125;
const LOG_MEGABYTES_PER_BLOCK = 0.19;

/** Goals for phones; the reasons are in the design of the storage (src/storage/disk). */
const MAX_MS = 40;
const MAX_RATIO = 1.5;
const MIN_OVER_WHOLE_FILE = 50;
const MAX_OPEN_MS = 1_500;

const WA_SQLITE =
  'wa-sqlite (@journeyapps/wa-sqlite, its asyncify build) on its IDBMirrorVFS: the same file in memory, the same changing statements of each block in one ' +
  'transaction until IndexedDB has it, one put for each changed page. It need not ask the questions that the store asks of its tables, nor sync the disk (relaxed ' +
  'durability); ours does both.';

const percentile95 = (samples: readonly number[]): number => percentile(samples, 0.95);

/** Saves blocks of 100 transactions in real Chromium, with databases of several sizes side by side. */
export const persistence: Benchmark = {
  name: 'persistence',
  summary: 'connecting and saving a block of 100 transactions, to IndexedDB in Chromium, by size of the database',
  long: true,
  async run(bench) {
    if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
    const page = await StoragePage.open();
    bench.note(WA_SQLITE);
    try {
      await page.ask('small', { type: 'grow', megabytes: SIZES[0]! });
      for (const megabytes of SIZES.slice(1)) await measureSize(bench, page, megabytes);
    } finally {
      await page.close();
    }
  },
};

/** Milliseconds per block, by database; `kilobytes` is the log written per block. */
interface Times {
  readonly small: number[];
  readonly large: number[];
  readonly mirror: number[];
  readonly whole: number[];
  readonly kilobytes: number[];
  /** Those times of `large` in which no chunk of the image was written again. */
  readonly logOnly: number[];
}

/** Measures in alternation, so that a temporary disturbance of the machine affects all databases. */
async function measureBlocks(page: StoragePage, megabytes: number): Promise<Times> {
  const times: Times = { small: [], large: [], mirror: [], whole: [], kilobytes: [], logOnly: [] };
  const request = { type: 'blocks', count: BLOCKS_A_ROUND } as const;
  for (let round = 0; round < ROUNDS; round++) {
    times.small.push(...(await page.ask<BlockTimes>('small', request)).ms);
    const large = await page.ask<BlockTimes>('large', request);
    times.large.push(...large.ms);
    times.kilobytes.push(...large.kilobytes);
    times.logOnly.push(...large.ms.filter((_, block) => large.chunks[block] === 0));
    if (megabytes > MAX_MIRROR_MB) continue;
    times.mirror.push(...(await page.ask<number[]>('large', { type: 'mirror', count: BLOCKS_A_ROUND })));
  }
  for (let round = 0; round < WHOLE_FILE_ROUNDS; round++) times.whole.push(await page.ask<number>('large', { type: 'whole-file' }));
  return times;
}

async function measureSize(bench: Bench, page: StoragePage, megabytes: number): Promise<void> {
  await page.ask('large', { type: 'grow', megabytes });
  await page.ask('large', { type: 'catch-up', count: Math.ceil((megabytes * LOG_SHARE) / LOG_MEGABYTES_PER_BLOCK) });
  const { small, large, mirror, whole, kilobytes, logOnly } = await measureBlocks(page, megabytes);
  const catchUpMs = await page.ask<number>('large', { type: 'catch-up', count: CATCH_UP_BLOCKS });
  bench.note(
    `${megabytes} MB: median ${median(large).toFixed(1)} ms, p95 ${percentile95(large).toFixed(0)} ms (${percentile95(logOnly).toFixed(0)} ms where no chunk was written again); catching up ${catchUpMs.toFixed(1)} ms a block; ` +
      `whole file ${median(whole).toFixed(0)} ms; beside it one of ${SIZES[0]} MB ${median(small).toFixed(1)} ms, p95 ${percentile95(small).toFixed(0)} ms`,
  );
  if (mirror.length > 0) {
    bench.note(`${megabytes} MB: wa-sqlite ${median(mirror).toFixed(1)} ms, p95 ${percentile95(mirror).toFixed(0)} ms`);
    bench.figure(`over_wa_sqlite_${megabytes}MB`, median(mirror) / median(large));
  }
  if (megabytes === SIZES[1]) bench.figure('ms_per_block_1MB', median(small), { atMost: MAX_MS });
  bench.figure(`ms_per_block_${megabytes}MB`, median(large), { atMost: MAX_MS });
  if (megabytes !== SIZES.at(-1)) return;
  bench.figure('p95_300MB_ms', percentile95(large));
  bench.figure('catching_up_300MB_ms', catchUpMs);
  bench.figure('ratio_300_over_1', median(large) / median(small), { atMost: MAX_RATIO });
  bench.figure('over_whole_file_300MB', median(whole) / median(large), { atLeast: MIN_OVER_WHOLE_FILE });
  bench.figure('kb_per_block', median(kilobytes));
  await measureOpening(bench, page);
}

/** Measures in a fresh page, which holds only the database that it opens. */
async function measureOpening(bench: Bench, page: StoragePage): Promise<void> {
  await page.renew();
  let opened: Opened | null = null;
  const openBytes = await page.peakMemory(async () => (opened = await page.ask<Opened>('large', { type: 'open' })));
  const { ms, bytes } = opened as unknown as Opened;
  bench.figure('open_300MB_ms', ms, { atMost: MAX_OPEN_MS });
  await page.ask('large', { type: 'follow' });
  const saveBytes = await page.peakMemory(() => page.ask('large', { type: 'blocks', count: BLOCKS_AFTER_OPENING }));
  if (openBytes === null || saveBytes === null)
    return bench.note('Only Linux tells the memory of a process in a way that this benchmark reads.');
  const mb = (of: number): string => `${(of / 1e6).toFixed(0)} MB`;
  bench.note(
    `memory of the page's process: at most ${mb(openBytes)} while a database of ${mb(bytes)} is opened, ${mb(saveBytes)} while it is saved to`,
  );
  bench.figure('peak_memory_300MB_mb', Math.max(openBytes, saveBytes) / 1e6);
  bench.figure('open_memory_over_size', openBytes / bytes);
}
