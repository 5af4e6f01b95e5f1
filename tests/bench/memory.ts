import { existsSync } from 'node:fs';
import { CHROMIUM_PATH } from '../browser/harness/chromium.ts';
import { createFeedChain } from '../browser/harness/feeder.ts';
import { TestServer } from '../browser/harness/server.ts';
import { benchNetwork, buildChain } from './chain-builder.ts';
import { FedTab } from './fed-tab.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { heldBytes } from './framework/held-memory.ts';
import { median } from './framework/measure.ts';
import { processesWithWorkers } from './framework/processor-time.ts';

const ROUNDS = 3;
const TRANSACTIONS = 10_000;
const TRANSACTIONS_PER_BLOCK = 100;
const ACCOUNTS = 100;
const MEGABYTE = 2 ** 20;

/** Median over several starts of the browser, because a process that has worked keeps more memory than it needs. */
async function afterRestart(fed: FedTab, foreign: ReadonlySet<number>): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    await fed.restart();
    samples.push(await heldBytes(fed.tab, foreign));
  }
  return median(samples);
}

async function run(bench: Bench): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  if (process.platform !== 'linux') return bench.note('Only Linux tells the memory of a process in a way that this benchmark reads.');
  const parameters = { label: 'bench-memory' };
  const plan = { blocks: TRANSACTIONS / TRANSACTIONS_PER_BLOCK, transactionsPerBlock: TRANSACTIONS_PER_BLOCK, accounts: ACCOUNTS };
  const chain = await createFeedChain(benchNetwork(parameters), buildChain({ ...plan, network: parameters }));
  const foreign = new Set(processesWithWorkers());
  const server = await TestServer.start();
  const fed = await FedTab.open(server.url, chain.network, { flags: ['--js-flags=--expose-gc'] });
  try {
    const emptyBytes = await afterRestart(fed, foreign);
    const feed = await fed.prepare(chain);
    await feed();
    bench.note(`${((await heldBytes(fed.tab, foreign)) / MEGABYTE).toFixed(0)} MB when the chain has just come in`);
    const fullBytes = await afterRestart(fed, foreign);
    const { bytes } = (await fed.tab.status()).persisted;
    bench.note(`${(bytes / chain.transactions).toFixed(0)} bytes of database a transaction`);
    bench.figure('mb_empty', emptyBytes / MEGABYTE);
    bench.figure(`mb_${TRANSACTIONS}`, fullBytes / MEGABYTE);
    bench.figure('bytes_per_transaction', (fullBytes - emptyBytes) / chain.transactions);
    bench.figure('growth_over_database', (fullBytes - emptyBytes) / bytes);
  } finally {
    await fed.close();
    await server.kill();
  }
}

export const memory: Benchmark = {
  name: 'memory',
  summary: 'memory of a tab with its node, empty and with 10,000 transactions, in its own process',
  run,
};
