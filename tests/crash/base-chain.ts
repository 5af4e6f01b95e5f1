import { createFeedChain, type FeedChain } from '../browser/harness/feeder.ts';
import { benchNetwork, buildChain } from '../bench/chain-builder.ts';

/** Several blocks a second: as many writes to be cut in two. */
const BLOCK_TIME_MS = 200;

const ACCOUNTS = 60;
const TRANSACTIONS_PER_BLOCK = 200;

/** What a transfer takes in the database (`npm run bench -- storage`). */
const BYTES_PER_TRANSACTION = 480;

/** So long ago the last block was found: all clocks agree on that. */
const AGE_MS = 60_000;

/** A chain with real signatures that the profiles of a run begin with. */
export interface BaseChain {
  readonly feed: FeedChain;
  /** Size of its database. */
  readonly megabytes: number;
}

/** @param megabytes of the database, about; two seconds each */
export async function buildBaseChain(megabytes: number): Promise<BaseChain> {
  const blocks = Math.ceil((megabytes * 1e6) / BYTES_PER_TRANSACTION / TRANSACTIONS_PER_BLOCK);
  const network = { label: 'crash', blockTimeMs: BLOCK_TIME_MS, genesisTimeMs: Date.now() - AGE_MS - (blocks + 10) * BLOCK_TIME_MS };
  const plan = { blocks, transactionsPerBlock: TRANSACTIONS_PER_BLOCK, accounts: ACCOUNTS, network };
  const feed = await createFeedChain(benchNetwork(network), buildChain(plan));
  return { feed, megabytes: feed.store.pages().size / 1e6 };
}
