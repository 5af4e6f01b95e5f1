import type { ErrorCode } from '../util/error-codes.ts';
import type { Coins, PartyInfo } from './api.ts';

/**
 * - `active`: on the branch that counts - `side`: complete, but another branch has more work
 * - `missing`: only the header is here - `invalid`: the block or one of its ancestors broke a rule
 */
export type TreeStanding = 'active' | 'side' | 'missing' | 'invalid';

/** A block in the tree of all branches. */
export interface TreeBlock {
  height: number;
  id: string;
  previous: string;
  time: number;
  /** The address is empty for genesis. */
  miner: PartyInfo;
  /** Expected hashes for this block, and of the whole branch up to this block; decimal strings. */
  work: string;
  cumulativeWork: string;
  standing: TreeStanding;
  /** The rule that an invalid block broke. */
  reason: ErrorCode | null;
  /** Null where the body is not here, and for some bodies of a tree with many branches. */
  transactions: number | null;
  reward: Coins | null;
}

/** A block that a reorganisation took out of the chain. */
export interface ReplacedBlock {
  height: number;
  id: string;
  miner: PartyInfo;
  reward: Coins;
}

/** One change of the chain to a branch with more work. */
export interface Reorganisation {
  /** When it happened, by this device's clock. */
  time: number;
  /** Height of the last block that both branches have. */
  fork: number;
  /** Number of blocks that no longer count, and of blocks that took their place. */
  replaced: number;
  by: number;
  /** Rewards of the replaced blocks, all together, and those of the open account. */
  rewards: Coins;
  ownRewards: Coins;
  /** Transactions that were in the replaced blocks and in none of the new blocks. */
  returned: number;
  /** The replaced blocks, lowest first; at most 100. */
  blocks: ReplacedBlock[];
}

export interface ForksOptions {
  /** Only blocks below this height. Default: up to some blocks above the tip. */
  before?: number;
  /** Number of heights. Default 24, at most 100. */
  heights?: number;
}

/** The branches that this node knows between two heights, both inclusive. */
export interface ForkTree {
  from: number;
  to: number;
  tip: { height: number; id: string };
  /** Highest first; at each height the active block first. */
  blocks: TreeBlock[];
  /** Height of the highest block below `from` that is not on the active branch: pass a greater `before` to see it. Null without such a block. */
  older: number | null;
  /** The last changes to another branch since this node was opened, newest first, at most 16. */
  reorganisations: Reorganisation[];
}
