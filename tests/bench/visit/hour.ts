import { existsSync } from 'node:fs';
import { CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import { createFeedChain, Feeder } from '../../browser/harness/feeder.ts';
import { TestServer } from '../../browser/harness/server.ts';
import { waitUntil } from '../../browser/harness/wait.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { benchNetwork, buildChain } from '../chain-builder.ts';
import { FedTab } from '../fed-tab.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { heldBytes } from '../framework/held-memory.ts';
import { processesWithWorkers } from '../framework/processor-time.ts';

/** Blocks of an hour, at one a second. */
const HOUR_BLOCKS = 3_600;
/** Blocks before the first measurement, so that all lists on screen are full. */
const WARM_UP_BLOCKS = 200;
const TRANSACTIONS_PER_BLOCK = 2;
const ACCOUNTS = 30;
const MEGABYTE = 2 ** 20;

/** Feeds blocks one after another: each is shown before the next one comes. */
async function follow(fed: FedTab, feeder: Feeder, blocks: AsyncIterator<DecodedBlock>, count: number): Promise<number> {
  const startedAt = performance.now();
  for (let i = 0; i < count; i++) {
    const { value, done } = await blocks.next();
    if (done) throw new Error('The chain is too short.');
    await feeder.extend(value);
    await fed.tab.page.evaluate(async (height) => {
      const { tabchain } = window as unknown as { tabchain: { status(): Promise<{ height: number }> } };
      while ((await tabchain.status()).height < height) await new Promise(requestAnimationFrame);
    }, value.header.height);
  }
  return performance.now() - startedAt;
}

/** An hour of blocks on one page of the product. */
export interface PageHour {
  /** Of the network. */
  readonly label: string;
  /** Opens the page; without it, the list of blocks stays open. */
  readonly open?: (fed: FedTab) => Promise<void>;
  readonly figure: string;
  /** Measures something after the hour; `next` feeds one more block. */
  readonly afterwards?: (fed: FedTab, next: () => Promise<void>) => Promise<void>;
  /** Blocks that `afterwards` may feed. */
  readonly spare?: number;
}

/** Feeds an hour of blocks to a page, and records the memory that the page holds more than before. */
export async function measureHour(bench: Bench, { label, open, figure, afterwards, spare = 0 }: PageHour): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  if (process.platform !== 'linux') return bench.note('Only Linux tells the memory of a process in a way that this benchmark reads.');
  const parameters = { label, blockTimeMs: 1_000 };
  const blocks = bench.setting('BENCH_BLOCKS', HOUR_BLOCKS);
  const plan = {
    blocks: WARM_UP_BLOCKS + blocks + spare,
    transactionsPerBlock: TRANSACTIONS_PER_BLOCK,
    accounts: ACCOUNTS,
    network: parameters,
  };
  const foreign = new Set(processesWithWorkers());
  const server = await TestServer.start();
  const fed = await FedTab.open(server.url, benchNetwork(parameters), { flags: ['--js-flags=--expose-gc'] });
  try {
    const feeder = await Feeder.prepare(fed.tab.page, await createFeedChain(benchNetwork(parameters), none()));
    await feeder.open();
    await open?.(fed);
    const chain = buildChain(plan);
    await follow(fed, feeder, chain, WARM_UP_BLOCKS);
    const before = await heldBytes(fed.tab, foreign);
    const stored = (await fed.tab.status()).persisted.bytes;
    const ms = await follow(fed, feeder, chain, blocks);
    const after = await heldBytes(fed.tab, foreign);
    await waitUntil([fed.tab], 'the chain on disk', ([status]) => status!.persisted.height === status!.height);
    const growth = ((await fed.tab.status()).persisted.bytes - stored) / MEGABYTE;
    bench.note(
      `${blocks} blocks in ${(ms / 1e3).toFixed(0)} s; ${(before / MEGABYTE).toFixed(0)} MB before, ${(after / MEGABYTE).toFixed(0)} MB after`,
    );
    bench.note(`the database, which lies in memory, grew by ${growth.toFixed(1)} MB`);
    bench.figure(figure, (after - before) / MEGABYTE, { atMost: 10 });
    await afterwards?.(fed, async () => void (await follow(fed, feeder, chain, 1)));
    if (fed.tab.problems.length > 0) throw new Error(`The tab has problems:\n${fed.tab.problems.join('\n')}`);
    await feeder.close();
  } finally {
    await fed.close();
    await server.kill();
  }
}

async function* none(): AsyncGenerator<DecodedBlock> {}

export const hour: Benchmark = {
  name: 'page',
  summary: 'memory that the list of blocks takes in an hour of a block each second',
  long: true,
  run: (bench) => measureHour(bench, { label: 'bench-hour', figure: 'memory_hour_growth_mb' }),
};
