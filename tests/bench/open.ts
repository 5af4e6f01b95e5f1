import { existsSync } from 'node:fs';
import { CHROMIUM_PATH } from '../browser/harness/chromium.ts';
import { createFeedChain } from '../browser/harness/feeder.ts';
import { TestServer } from '../browser/harness/server.ts';
import { benchNetwork, buildChain } from './chain-builder.ts';
import { FedTab } from './fed-tab.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { alternate, median, medianRatio } from './framework/measure.ts';

const ROUNDS = 9;
const SMALL = 1_000;
const LARGE = 10_000;
const TRANSACTIONS_PER_BLOCK = 100;
const ACCOUNTS = 100;

/** A tab with a chain of `transactions` transfers on disk. */
async function tabWith(transactions: number, url: string): Promise<FedTab> {
  const parameters = { label: `bench-open-${transactions}` };
  const plan = { blocks: transactions / TRANSACTIONS_PER_BLOCK, transactionsPerBlock: TRANSACTIONS_PER_BLOCK, accounts: ACCOUNTS };
  const chain = await createFeedChain(benchNetwork(parameters), buildChain({ ...plan, network: parameters }));
  const fed = await FedTab.open(url, chain.network);
  const feed = await fed.prepare(chain);
  await feed();
  chain.store.close();
  return fed;
}

async function reload(fed: FedTab, transactions: number): Promise<number> {
  const elapsedMs = await fed.reload();
  const { height } = await fed.tab.status();
  if (height < transactions / TRANSACTIONS_PER_BLOCK) throw new Error(`After a reload the tab has only ${height} blocks.`);
  return elapsedMs;
}

async function run(bench: Bench): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  const most = bench.setting('BENCH_TRANSACTIONS', LARGE);
  const sizes = [SMALL, LARGE, ...(most > LARGE ? [most] : [])];
  const server = await TestServer.start();
  const tabs: FedTab[] = [];
  try {
    for (const size of sizes) tabs.push(await tabWith(size, server.url));
    const contestants = tabs.map((fed, index) => [String(sizes[index]), () => reload(fed, sizes[index]!)] as const);
    const samples = await alternate(Object.fromEntries(contestants), ROUNDS);
    for (const size of sizes) bench.figure(`ms_${size}`, median(samples[size]!));
    for (const size of sizes.slice(1)) bench.figure(`${size}_over_${SMALL}`, medianRatio(samples, String(size), String(SMALL)));
  } finally {
    for (const fed of tabs) await fed.close();
    await server.kill();
  }
}

export const open: Benchmark = {
  name: 'open',
  summary: 'reloading a tab until its node is ready, by transactions on its disk (the largest by BENCH_TRANSACTIONS)',
  run,
};
