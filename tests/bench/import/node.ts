import initSqlJs from 'sql.js';
import { Chain } from '../../../src/chain/chain.ts';
import { createVerifier } from '../../../src/crypto/rsa/verifier.ts';
import { decodeBlock, encodeBlock } from '../../../src/protocol/block.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { benchNetwork, buildChain, type ChainPlan } from '../chain-builder.ts';
import type { Bench } from '../framework/benchmark.ts';
import { median } from '../framework/measure.ts';
import { ownProcessorMs } from '../framework/processor-time.ts';
import { BLOCK_SIZES, importPlan } from './plan.ts';

const RUNS = 3;
/** A time after every block's time. */
const LATE_MS = Number.MAX_SAFE_INTEGER;

interface Encoded {
  readonly blocks: readonly Uint8Array[];
  readonly transactions: number;
}

async function encodedChain(plan: ChainPlan): Promise<Encoded> {
  const blocks: Uint8Array[] = [];
  let transactions = 0;
  for await (const block of buildChain(plan)) {
    blocks.push(encodeBlock(block));
    transactions += block.transactions.length;
  }
  return { blocks, transactions };
}

/** Imports a chain as a node does, from bytes to committed rows: decode, signatures ahead by WebCrypto, all rules, SQL. */
async function importOnce({ blocks, transactions }: Encoded, plan: ChainPlan): Promise<{ perCpuSecond: number; perSecond: number }> {
  const network = benchNetwork(plan.network);
  const store = SqlChainStore.open(await initSqlJs(), network);
  const verifier = createVerifier({ subtle: crypto.subtle });
  const chain = await Chain.open({ network, store, verifier, clock: { now: () => LATE_MS }, log: () => undefined });
  const [cpuMs, atMs] = [ownProcessorMs(), performance.now()];
  for (const bytes of blocks) await chain.acceptBlock(decodeBlock(bytes, network.maxBlockBytes));
  const [cpuSeconds, seconds] = [(ownProcessorMs() - cpuMs) / 1000, (performance.now() - atMs) / 1000];
  if (store.height() !== blocks.length) throw new Error(`Only ${store.height()} of ${blocks.length} blocks were taken.`);
  store.close();
  return { perCpuSecond: transactions / cpuSeconds, perSecond: transactions / seconds };
}

/** Measures transactions per second of processor time, by block size. */
export async function importInNode(bench: Bench): Promise<void> {
  for (const transactionsPerBlock of BLOCK_SIZES) {
    const plan = importPlan(bench, transactionsPerBlock);
    const startedAt = performance.now();
    const chain = await encodedChain(plan);
    bench.note(
      `${chain.transactions} transactions in blocks of ${transactionsPerBlock}, built in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
    );
    const runs: { perCpuSecond: number; perSecond: number }[] = [];
    for (let i = 0; i < RUNS; i++) runs.push(await importOnce(chain, plan));
    bench.note(`  ${median(runs.map(({ perSecond }) => perSecond)).toFixed(0)} a second of real time`);
    const isGoal = transactionsPerBlock === BLOCK_SIZES[0];
    bench.figure(
      isGoal ? 'node_tx_per_cpu_s' : `node_${transactionsPerBlock}_tx_per_cpu_s`,
      median(runs.map(({ perCpuSecond }) => perCpuSecond)),
      isGoal ? { atLeast: 9_000 } : undefined,
    );
  }
}
