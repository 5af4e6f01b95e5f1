import type { ChainPlan } from '../chain-builder.ts';
import type { Bench } from '../framework/benchmark.ts';

const DEFAULT_TRANSACTIONS = 10_000;
const ACCOUNTS = 200;
/** A block of 700 transfers exceeds the default limit. */
const MAX_BLOCK_BYTES = 512 * 1024;

/** Transactions in a quiet and in a full block. The goals apply to the first. */
export const BLOCK_SIZES = [100, 700] as const;

/** Chains of `BENCH_TRANSACTIONS` transactions, 10,000 by default. */
export function importPlan(bench: Bench, transactionsPerBlock: number): ChainPlan & { readonly network: object } {
  return {
    blocks: Math.ceil(bench.setting('BENCH_TRANSACTIONS', DEFAULT_TRANSACTIONS) / transactionsPerBlock),
    transactionsPerBlock,
    accounts: ACCOUNTS,
    network: { label: `bench-${transactionsPerBlock}`, maxBlockBytes: MAX_BLOCK_BYTES },
  };
}
