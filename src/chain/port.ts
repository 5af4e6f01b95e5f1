import type { RuleError } from '../consensus/errors.ts';
import type { Address } from '../crypto/address.ts';
import type { Network } from '../protocol/network.ts';
import type { DecodedBlock, SealedHeader } from '../protocol/block.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';

/**
 * What the network and the miner may ask of the chain. Calls are serialised by the node's one mailbox: none of them runs while
 * another is under way.
 */
export interface TipInfo {
  readonly height: number;
  readonly id: string;
  readonly sealed: SealedHeader;
  /** Cumulative work from genesis, exact. */
  readonly work: bigint;
}

/**
 * - `connected`: the active chain now ends in it (perhaps after a reorganisation)
 * - `side`: valid as far as checked, stored on a branch with less (or equal) work
 * - `known`: already here
 * - `orphan`: its parent is unknown; nothing was kept
 * - `held`: more than 2T ahead of this clock; kept in a bounded queue and retried, nobody is to blame
 */
export type BlockOutcome = 'connected' | 'side' | 'known' | 'orphan' | 'held';

export interface HeadersOutcome {
  /** How many were new. */
  readonly added: number;
  /** The first header's parent is unknown: ask again with a locator. Nothing was kept. */
  readonly orphan: boolean;
  /** Number of trailing headers not taken because they are ahead of this clock. */
  readonly held: number;
  /** They end a branch that was only counted so far and has more work than the tip: ask for it from where it begins, and it is kept. */
  readonly again?: true;
}

export interface ChainPort {
  readonly network: Network;
  /** Active, fully verified tip. */
  tip(): TipInfo;
  /** Header with the most work whose ancestry is not known to be invalid; its bodies may be missing. */
  bestHeader(): TipInfo;
  hasHeader(id: string): boolean;
  hasBlock(id: string): boolean;
  /** Sealed header of any known block. */
  header(id: string): SealedHeader | null;
  /** Id of the active chain's block at a height. */
  activeId(height: number): string | null;
  /** Active blocks from the tip back to genesis, dense first, then doubling steps: at most 32 + log2(height) ids. */
  locator(): string[];
  /** Headers of the active chain after the first id of `locator` that is on it (else after genesis), at most `limit`. */
  headersAfter(locator: readonly string[], limit: number): SealedHeader[];
  /**
   * Checks and keeps consecutive headers. Of branches with less work than the tip only so many are kept; a longer one is counted (and
   * `added`) without being kept until it has more.
   * @param source whom they came from, so that a branch can be counted over several calls
   * @throws RuleError when a header provably breaks a rule; everything before it stays
   */
  acceptHeaders(headers: readonly SealedHeader[], source?: object): HeadersOutcome;
  /** Nothing more comes from a source of headers. */
  releaseSource(source: object): void;
  /**
   * Ids on the way from the active chain to a header whose bodies are missing, lowest first, at most `limit`.
   * @param goal id of a header; absent: the best one; unknown: none is missing
   */
  missingBlocks(limit: number, goal?: string): string[];
  /** Active blocks whose stored bodies were altered, lowest first, at most `limit` ids; `acceptBlock` mends them. */
  readonly altered: { ids(limit: number): string[] };
  /** A block on any branch, null when its body is not here, or was altered in the store. */
  block(id: string): DecodedBlock | null;
  /** Its canonical bytes: cheaper than {@link block} for a block off the active chain. */
  blockBytes(id: string): Uint8Array | null;
  /**
   * Checks, stores and, where it has the most work, connects a block and any stored descendants.
   * @throws RuleError when it provably breaks a rule; nothing changes
   */
  acceptBlock(block: DecodedBlock): Promise<BlockOutcome>;
  /**
   * The same for several blocks, lowest first, with less work for each: the chain is afterwards as if they had been accepted one by one.
   * @returns what became of each, the broken rule in place of an outcome
   */
  acceptBlocks(blocks: readonly DecodedBlock[]): Promise<(BlockOutcome | RuleError)[]>;
  /** Begins to check the signatures of a block that will be accepted soon. Changes nothing and never fails. */
  prevalidate(block: DecodedBlock): void;
  /** Compact target of a block on the tip with this time. */
  nextBits(timeMs: number): number;
  /**
   * Root of the accounts after a block on the tip, mined by `miner`, with these transactions in this order.
   * @throws RuleError when one of them does not apply; nothing changes
   */
  stateRootAfter(miner: Address, transactions: readonly DecodedTransaction[]): Uint8Array;
}

export interface MempoolPort {
  has(id: string): boolean;
  get(id: string): DecodedTransaction | null;
  /** All ids, best fee per byte first. */
  ids(): string[];
  /** An executable order for the next block: best fee per byte first, nonces in order, registrations first come. */
  select(maxBytes: number): DecodedTransaction[];
  /**
   * Checks and keeps a transaction.
   * @param own made by this tab: never evicted for size, announced again until confirmed
   * @throws TabchainError with the code of the rule or limit; nothing changes
   */
  accept(transaction: DecodedTransaction, own: boolean): Promise<'added' | 'queued' | 'known'>;
}
