/** Answers for the pictures of the explorer; a part of `api.ts`. Bytes are hexadecimal. */

import type { ErrorCode } from '../util/error-codes.ts';
import type { BlockSummary, Coins, PartyInfo, TransactionInfo } from './api.ts';

/** A header as it is hashed, and the steps from its bytes to the block's id. */
export interface HeaderBytes {
  id: string;
  height: number;
  /** The 176 bytes of the header, without the nonce. */
  header: string;
  /** SHA-256 of the header. */
  hash: string;
  nonce: string;
  /** SHA-256d of hash and nonce. Its bytes in reverse order are the id. */
  digest: string;
  target: string;
}

/** A node of the transaction tree beside the way to the root, and the node that the way reaches with it. */
export interface MerklePathStep {
  /** Side of the node beside the way. */
  side: 'left' | 'right';
  hash: string;
  /** The transactions below the node beside the way: positions `from` to `to` - 1. */
  from: number;
  to: number;
  /** Hash of the node above both. */
  above: string;
}

/** The way from one transaction of a block to the block's transaction root. */
export interface MerklePathInfo {
  height: number;
  position: number;
  txid: string;
  /** Number of transactions in the block. */
  count: number;
  leaf: string;
  /** Lowest first; empty for the only transaction of a block. */
  steps: MerklePathStep[];
  root: string;
}

/** Everything that a person needs to check a transaction's signature by hand. */
export interface SignatureInfo {
  txid: string;
  signer: PartyInfo;
  /** The signed bytes, in their parts. */
  domain: string;
  networkId: string;
  body: string;
  signature: string;
  /** The public key: modulus and exponent. */
  modulus: string;
  exponent: number;
}

/** The fields of a header that a trial may change, each as the page shows the field. */
export interface HeaderChange {
  version?: number;
  height?: number;
  previous?: string;
  historyRoot?: string;
  transactionRoot?: string;
  stateRoot?: string;
  /** Unix milliseconds. */
  time?: number;
  /** Eight hexadecimal digits. */
  bits?: string;
  supply?: Coins;
  /** Name or address. */
  miner?: string;
  nonce?: string;
}

/** A change that a trial makes to a copy of a block. */
export interface BlockChange {
  header?: HeaderChange;
  /** Another amount for the transfer at a position. */
  amount?: { position: number; amount: Coins };
  /** Write the new transaction root into the header. Default false. */
  rootToo?: boolean;
}

/** A rule as a trial found it. */
export interface RuleFinding {
  code: ErrorCode;
  /** Null where the rule cannot be checked, because what it compares with is no longer known. */
  holds: boolean | null;
  /** What the changed block says and what it should say; null where no value is compared. */
  found: string | null;
  expected: string | null;
}

/** What the rules say about a changed copy of a block. */
export interface BlockTrial extends HeaderBytes {
  /** Root over the ids of the transactions. */
  transactionRoot: string;
  /** The id that the changed transfer has; null where none was changed. */
  txid: string | null;
  /** The first rule that refuses the block; null where all rules hold. */
  refusedBy: ErrorCode | null;
  /** The rules in the order in which a node checks them. */
  rules: RuleFinding[];
}

/** A block by its header time. */
export interface TimedBlock {
  height: number;
  /** Unix milliseconds. */
  time: number;
  /** Milliseconds after its parent; null where the parent is genesis, whose time no miner's clock gave. */
  gap: number | null;
  /** Expected hashes of this block. */
  difficulty: number;
}

/** What the rule of difficulty demands of the next blocks, if their headers had the given times. */
export interface HeaderTimes {
  /** Newest blocks of the chain, oldest first; the last is the tip. */
  recent: TimedBlock[];
  /** The blocks above the tip, up to the one that a rule refuses. */
  next: TimedBlock[];
  /** The rule that refuses the block after those; null where all times pass. */
  refusedBy: ErrorCode | null;
  /** A header more than this many milliseconds ahead of a node's clock waits there, and breaks no rule. */
  mostAheadMs: number;
}

/** A transaction as the strip draws it. */
export interface StripSquare {
  txid: string;
  kind: TransactionInfo['kind'];
  bytes: number;
  amount: Coins;
  fee: Coins;
}

export interface StripBlock extends BlockSummary {
  /** Seconds since the previous block; null where that is unknown, and for the first block. */
  gap: number | null;
  /** The first transactions of the block. */
  squares: StripSquare[];
}

/** A block that the mempool would fill. */
export interface StripWaiting {
  transactions: number;
  bytes: number;
  squares: StripSquare[];
}

/** A block of another branch, beside the block of its height that counts. */
export interface StripRival {
  height: number;
  id: string;
  miner: PartyInfo;
  /** Whether the block or one of its ancestors broke a rule; else another branch has more work. */
  invalid: boolean;
}

/** The newest blocks and the blocks to come, at one moment. */
export interface ChainStrip {
  /** Newest first. */
  blocks: StripBlock[];
  /** The next block first; at least one, perhaps empty. */
  waiting: StripWaiting[];
  /** Complete or invalid blocks of other branches at the heights of `blocks`, at most 24. */
  rivals: StripRival[];
}

/** A point of a series: the blocks above the previous point, up to `height`. */
export interface SeriesPoint {
  height: number;
  /** Unix milliseconds. */
  time: number;
  /** Expected hashes of the block at this height. */
  difficulty: number;
  /** Hashes per second, by the work of these blocks and the time that they took. */
  hashrate: number;
  supply: Coins;
  /** Fees of the block at this height. */
  fees: Coins;
}

export interface ChainSeries {
  /** Blocks from the first point to the last. */
  blocks: number;
  /** At most 500, oldest first. */
  points: SeriesPoint[];
  /** Times between blocks: `sample` of them, counted in `counts.length` bins of `binSeconds`. The last bin also counts all longer times. */
  intervals: { sample: number; meanSeconds: number; binSeconds: number; counts: number[] };
}

/** The methods that explain blocks and transactions. */
export interface ExplorerCalls {
  /** A block's header as it is hashed; null if unknown. */
  blockHeader(idOrHeight: string | number): Promise<HeaderBytes | null>;
  /** The way from a block's transaction to the transaction root; null if the block is unknown or has no such position. */
  merklePath(idOrHeight: string | number, position: number): Promise<MerklePathInfo | null>;
  /** The signed bytes of a transaction, its signature and its key; null if unknown, or without a known key. */
  signature(txid: string): Promise<SignatureInfo | null>;
  /** Applies the rules to a changed copy of a block. The chain stays as it is, and nothing is sent. Null if the block is unknown. */
  tryBlock(idOrHeight: string | number, change: BlockChange): Promise<BlockTrial | null>;
  /**
   * The difficulties that the rules demand of the next blocks, if their headers had these times. Nothing is mined, sent or stored.
   * @param gaps milliseconds between each block and its parent, the tip's child first; at most 32 numbers, also below zero
   */
  headerTimes(gaps: number[]): Promise<HeaderTimes>;
  /** The newest blocks with their transactions, and the blocks that the mempool would fill. At most 50 blocks. */
  strip(options?: { limit?: number }): Promise<ChainStrip>;
  /** Difficulty, hash rate, supply, fees and times between blocks over the newest `blocks` blocks; default: all. */
  series(options?: { blocks?: number }): Promise<ChainSeries>;
}
