import { existsSync } from 'node:fs';
import { CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import { createFeedChain, type FeedChain } from '../../browser/harness/feeder.ts';
import { tasksDuring } from '../../browser/harness/page-tasks.ts';
import { TestServer } from '../../browser/harness/server.ts';
import { benchNetwork, buildChain } from '../chain-builder.ts';
import { FedTab } from '../fed-tab.ts';
import type { Bench } from '../framework/benchmark.ts';
import { alternate, median } from '../framework/measure.ts';
import { ownProcessorMs, workerProcessorMs } from '../framework/processor-time.ts';
import { BLOCK_SIZES, importPlan } from './plan.ts';

const RUNS = 3;
const GOAL_TX_PER_S = 10_000;
/** People notice longer tasks; browsers too call them long. */
const LONG_TASK_MS = 50;

/** Transactions per second of real time until the whole chain is on the disk of a real tab. Other programs lower the figure. */
export async function importInChromium(bench: Bench): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  const [quiet, full] = await Promise.all(BLOCK_SIZES.map((size) => chainOf(bench, size)));
  const server = await TestServer.start();
  try {
    const { url, lanUrl } = server;
    const shares: Shares = { worker: [], feeder: [] };
    const rates = await alternate(
      {
        secure: () => rate(url, quiet!, shares),
        full: () => rate(url, full!),
        ...(lanUrl === null ? {} : { plain: () => rate(lanUrl, quiet!) }),
      },
      RUNS,
    );
    const share = median(shares.feeder) / (median(shares.feeder) + median(shares.worker));
    bench.note(`while the tab's process computes, the feeding one takes ${(100 * share).toFixed(0)} % of the processor time of both`);
    bench.figure('chromium_tx_per_s', median(rates['secure']!), { atLeast: GOAL_TX_PER_S });
    bench.figure(`chromium_${BLOCK_SIZES[1]}_tx_per_s`, median(rates['full']!));
    if (lanUrl === null) bench.note('No network here, so no plain http.');
    else bench.figure('chromium_plain_tx_per_s', median(rates['plain']!));
    bench.figure('page_longest_task_ms', await longestTask(url, quiet!), { atMost: LONG_TASK_MS });
  } finally {
    await server.kill();
  }
}

/** Milliseconds of processor time, one entry per run. */
interface Shares {
  readonly worker: number[];
  readonly feeder: number[];
}

function chainOf(bench: Bench, transactionsPerBlock: number): Promise<FeedChain> {
  const plan = importPlan(bench, transactionsPerBlock);
  return createFeedChain(benchNetwork(plan.network), buildChain(plan));
}

async function rate(url: string, chain: FeedChain, shares?: Shares): Promise<number> {
  const fed = await FedTab.open(url, chain.network);
  try {
    const feed = await fed.prepare(chain);
    const [workerMs, ownMs] = [workerProcessorMs(), ownProcessorMs()];
    const elapsedMs = await feed();
    shares?.worker.push((workerProcessorMs() ?? 0) - (workerMs ?? 0));
    shares?.feeder.push(ownProcessorMs() - ownMs);
    return (1000 * chain.transactions) / elapsedMs;
  } finally {
    await fed.close();
  }
}

/** Longest task of the page's thread, in milliseconds of its processor time. */
async function longestTask(url: string, chain: FeedChain): Promise<number> {
  const fed = await FedTab.open(url, chain.network);
  try {
    const { page } = fed.tab;
    const longest = async (work: () => Promise<unknown>): Promise<number> => {
      const tasks = await tasksDuring(page, async () => void (await work()));
      return Math.max(0, ...tasks.map(({ processorMs }) => processorMs));
    };
    const blocked = await longest(() => page.evaluate(compute, 10 * LONG_TASK_MS));
    if (blocked < LONG_TASK_MS) throw new Error('A page that blocks is not noticed.');
    return await longest(await fed.prepare(chain));
  } finally {
    await fed.close();
  }
}

/** Runs in the page and computes for this long. Other programs may have the processor for a part of that time. */
function compute(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;) Math.random();
}
