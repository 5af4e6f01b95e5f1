import initSqlJs from 'sql.js';
import { Chain } from '../../src/chain/chain.ts';
import { addressText } from '../../src/crypto/address.ts';
import type { SignatureVerifier } from '../../src/crypto/rsa/verifier.ts';
import { ChainQueries } from '../../src/storage/sql/queries.ts';
import { SqlChainStore } from '../../src/storage/sql/store.ts';
import { benchNetwork, buildChain } from './chain-builder.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { alternate, median, medianRatio, type Contestants } from './framework/measure.ts';
import { ownProcessorMs } from './framework/processor-time.ts';
import { keyPool } from './key-pool.ts';

const ROUNDS = 15;
const SMALL = 1_000;
const DEFAULT_LARGE = 100_000;
const ACCOUNTS = 100;
const TRANSACTIONS_PER_BLOCK = 100;
/** Queries in one sample, each for a different account or block. */
const QUERIES = 200;
/** Rows that a page of the product requests. */
const PAGE_ROWS = 20;

/** Accepts filler signatures, which make no difference to queries. */
const TRUSTING: SignatureVerifier = { verify: () => true, prefetch: () => Promise.resolve() };

/** A store with a chain of about `transactions` transactions. */
async function storeOf(transactions: number): Promise<SqlChainStore> {
  const network = benchNetwork();
  const store = SqlChainStore.open(await initSqlJs(), network);
  const clock = { now: () => Number.MAX_SAFE_INTEGER };
  const chain = await Chain.open({ network, store, verifier: TRUSTING, clock, log: () => undefined });
  const setUp = 2 * ACCOUNTS - 1;
  const blocks = Math.ceil((transactions - setUp) / TRANSACTIONS_PER_BLOCK);
  const plan = { blocks, transactionsPerBlock: TRANSACTIONS_PER_BLOCK, accounts: ACCOUNTS, signatures: 'filler' } as const;
  for await (const block of buildChain(plan)) await chain.acceptBlock(block);
  return store;
}

/** The queries of the pages, measured in milliseconds of processor time per query. */
function contestants(label: string, store: SqlChainStore): Contestants {
  const queries = new ChainQueries(store.sql);
  const accounts = keyPool(ACCOUNTS).map(({ address }) => addressText(address));
  const height = store.height();
  const timed = (query: (i: number) => unknown) => () => {
    const before = ownProcessorMs();
    for (let i = 0; i < QUERIES; i++) query(i);
    return (ownProcessorMs() - before) / QUERIES;
  };
  const accountOf = (i: number): string => accounts[(i * 7) % ACCOUNTS]!;
  return {
    [`history ${label}`]: timed((i) => queries.history(accountOf(i), { limit: PAGE_ROWS, mined: true })),
    [`block ${label}`]: timed((i) => {
      // Only blocks of transfers, because they all hold the same number of transactions.
      const at = height - ((i * 7_919) % Math.min(height - 3, 1_000_000));
      return [queries.block(at), queries.transactionsOf(at)];
    }),
    [`balance ${label}`]: timed((i) => queries.account(accountOf(i))),
  };
}

async function run(bench: Bench): Promise<void> {
  const large = bench.setting('BENCH_TRANSACTIONS', DEFAULT_LARGE);
  const stores = [await storeOf(SMALL), await storeOf(large)];
  try {
    const samples = await alternate({ ...contestants('small', stores[0]!), ...contestants('large', stores[1]!) }, ROUNDS);
    for (const name of ['history', 'block', 'balance']) {
      const [small, big] = [median(samples[`${name} small`]!), median(samples[`${name} large`]!)];
      bench.note(`${name.padEnd(8)} ${(1000 * small).toFixed(0)} µs at ${SMALL} transactions, ${(1000 * big).toFixed(0)} µs at ${large}`);
      bench.figure(`${name}_growth`, medianRatio(samples, `${name} large`, `${name} small`), { atMost: 1.5 });
    }
  } finally {
    for (const store of stores) store.close();
  }
}

export const queries: Benchmark = {
  name: 'queries',
  summary: 'history page, block page and account, a long chain compared with a short one (BENCH_TRANSACTIONS, 100,000 by default)',
  run,
};
