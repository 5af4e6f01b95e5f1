import { createFeedChain, type FeedChain } from '../browser/harness/feeder.ts';
import { benchNetwork, buildChain } from '../bench/chain-builder.ts';

/** Several blocks a second, so that kills interrupt many writes. */
const BLOCK_TIME_MS = 200;

const ACCOUNTS = 60;
const TRANSACTIONS_PER_BLOCK = 200;

/** Size of a transfer in the database (`npm run bench -- storage`). */
const BYTES_PER_TRANSACTION = 480;

/** Age of the last block: more than clocks differ. */
const AGE_MS = 60_000;

/** A chain with real signatures, with which the profiles of a run begin. */
export interface BaseChain {
  readonly feed: FeedChain;
  /** Size of its database. */
  readonly megabytes: number;
}

/** @param megabytes approximate size of the database; each takes two seconds */
export async function buildBaseChain(megabytes: number): Promise<BaseChain> {
  const blocks = Math.ceil((megabytes * 1e6) / BYTES_PER_TRANSACTION / TRANSACTIONS_PER_BLOCK);
  const network = { label: 'crash', blockTimeMs: BLOCK_TIME_MS, genesisTimeMs: Date.now() - AGE_MS - (blocks + 10) * BLOCK_TIME_MS };
  const plan = { blocks, transactionsPerBlock: TRANSACTIONS_PER_BLOCK, accounts: ACCOUNTS, network };
  const feed = await createFeedChain(benchNetwork(network), buildChain(plan));
  return { feed, megabytes: feed.store.pages().size / 1e6 };
}
