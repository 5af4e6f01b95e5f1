import type { RuleError } from '../consensus/rule-error.ts';
import type { Address } from '../crypto/address.ts';
import type { Network } from '../protocol/network.ts';
import type { BlockHeader, DecodedBlock, SealedHeader } from '../protocol/block.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import type { StateChunk } from '../protocol/state-proof.ts';
import type { ChainTail, WorkSamples } from '../protocol/work-proof.ts';

export type { ChainBase } from '../storage/port.ts';

/** A block at the end of a branch, with the work of that branch. */
export interface TipInfo {
  readonly height: number;
  readonly id: string;
  readonly sealed: SealedHeader;
  /** Cumulative work from genesis, exact. */
  readonly work: bigint;
}

/** The fields of a header that follow from the chain below the block and the accounts after the block. */
export type ChainFields = Pick<BlockHeader, 'historyRoot' | 'stateRoot' | 'supply'>;

/** A block or header provably breaks a rule. */
interface Rejected {
  readonly status: 'rejected';
  readonly error: RuleError;
}

/**
 * The outcome of a block.
 * - `connected`: the block is on the active chain (perhaps after a reorganisation)
 * - `side`: valid as far as checked, stored on a branch with less (or equal) work
 * - `known`: the node already has the block
 * - `orphan`: the block's parent is unknown; nothing was stored
 * - `held`: more than 2T ahead of this clock; kept in a bounded queue and retried; the sender is not to blame
 * - `rejected`: nothing was stored
 */
export type BlockOutcome = { readonly status: 'connected' | 'side' | 'known' | 'orphan' | 'held' } | Rejected;

/**
 * The outcome of consecutive headers, of which `added` were new.
 * - `accepted`: stored or counted, except the last `held` headers, which are ahead of this clock
 * - `orphan`: the parent of the first unknown header is unknown: request headers again with a locator. No later header was stored.
 * - `again`: these headers end a branch that was only counted, and that now has more work than the tip. Request it again from its fork.
 * - `rejected`: the headers before the invalid header stay
 */
export type HeadersOutcome =
  | { readonly status: 'accepted'; readonly added: number; readonly held: number }
  | { readonly status: 'orphan' | 'again'; readonly added: number }
  | Rejected;

/** Proofs about the active chain, for peers that do not have it. */
export interface ProofsPort {
  /** The headers from the snapshot block's context up to an active block. Null where the block is unknown, not active, or too low. */
  tail(tip: string): ChainTail | null;
  /**
   * The active blocks below a block into which the points fall.
   * @param before id of the block
   * @param points fractions of the work of all blocks below, in units of 2^-64, ascending
   * @returns null where the block is not active, or the chain begins above genesis
   */
  samples(before: string, points: readonly bigint[]): WorkSamples | null;
  /**
   * The accounts after a snapshot block, from a key (32 bytes) on.
   * @returns `later` where a call made only a part of the answer: ask again. Null where this node cannot serve the snapshot
   */
  stateChunk(block: string, from: Uint8Array): StateChunk | 'later' | null;
}

/**
 * The chain as the network and the miner see it. The node's mailbox serialises all calls: no call runs while another is in progress.
 */
export interface ChainPort {
  readonly network: Network;
  /** Height of the block at which the chain's database begins: 0 for the whole chain. Blocks above have bodies, blocks below are unknown. */
  base(): number;
  /** Active, fully verified tip. */
  tip(): TipInfo;
  /** The header with the most work and no ancestor known to be invalid. Bodies on its branch may be missing. */
  bestHeader(): TipInfo;
  hasHeader(id: string): boolean;
  hasBlock(id: string): boolean;
  /** Sealed header of any known block. */
  header(id: string): SealedHeader | null;
  /** Id of the active chain's block at a height. */
  activeId(height: number): string | null;
  /** Active blocks from the tip back to the base, dense first, then doubling steps: at most 32 + log2(height) ids. */
  locator(): string[];
  /**
   * Headers of the active chain after the first active id of `locator`, at most `limit`. Where no id is active: the headers after genesis,
   * or none in a chain that begins at a base above genesis.
   */
  headersAfter(locator: readonly string[], limit: number): SealedHeader[];
  /**
   * Checks and stores consecutive headers. Branches with less work than the tip may store a bounded number of headers. The headers of a
   * longer branch are counted (also in `added`), but not stored until the branch has more work.
   * @param source the sender of the headers, so that a branch can be counted over several calls
   */
  acceptHeaders(headers: readonly SealedHeader[], source?: object): HeadersOutcome;
  /** Must be called for a source that sends no more headers. */
  releaseSource(source: object): void;
  /**
   * Ids of the blocks between the active chain and a header whose bodies are missing, lowest first, at most `limit`.
   * @param goal id of the header, by default the best header's; no body is missing for an unknown id
   */
  missingBlocks(limit: number, goal?: string): string[];
  /** Active blocks whose stored bodies were altered, lowest first, at most `limit` ids. `acceptBlocks` restores such a body. */
  readonly altered: { ids(limit: number): string[] };
  readonly proofs: ProofsPort;
  /** A block on any branch. Null when its body is missing or was altered in the store. The body of a base above genesis is missing. */
  block(id: string): DecodedBlock | null;
  /** The block's canonical bytes: cheaper than {@link block} for a block off the active chain. */
  blockBytes(id: string): Uint8Array | null;
  /**
   * Checks and stores blocks, lowest first. Where a branch has the most work, connects its blocks and their stored descendants. The result
   * is as if the blocks had been accepted one by one, but takes less time for each block.
   * @returns the outcome of each block
   */
  acceptBlocks(blocks: readonly DecodedBlock[]): Promise<BlockOutcome[]>;
  /** Begins to check the signatures of a block that will be accepted soon. Changes nothing and never fails. */
  prevalidate(block: DecodedBlock): void;
  /** Compact target of a block on the tip with this time. */
  nextBits(timeMs: number): number;
  /**
   * The fields that a block on the tip has with this miner and these transactions in this order.
   * @throws RuleError when a transaction does not apply; nothing changes
   */
  nextFields(miner: Address, transactions: readonly DecodedTransaction[]): ChainFields;
}

export interface MempoolPort {
  has(id: string): boolean;
  get(id: string): DecodedTransaction | null;
  /** All ids, best fee per byte first. */
  ids(): string[];
  /** Transactions for the next block in an executable order: best fee per byte first, nonces in order, oldest registrations first. */
  select(maxBytes: number): DecodedTransaction[];
  /**
   * Checks and keeps a transaction.
   * @param own this tab made the transaction: never evicted for size, announced again until confirmed
   * @throws TabchainError with the code of the rule or limit; nothing changes
   */
  accept(transaction: DecodedTransaction, own: boolean): Promise<'added' | 'queued' | 'known'>;
}
