import type { BlockEffect, StateView } from '../consensus/types.ts';
import type { DecodedBlock, SealedHeader } from '../protocol/block.ts';
import type { History } from '../protocol/history.ts';
import type { AccountState } from '../protocol/state-root.ts';
import type { ErrorCode } from '../util/error-codes.ts';

/** Consecutive active headers as bytes: reading a long chain's headers one by one would take most of the time of opening. */
export interface PackedHeaders {
  readonly count: number;
  /** The stored ids, 64 hexadecimal digits each, as one text. */
  readonly ids: string;
  /** Canonical encodings of header and nonce, 196 bytes each, made from the columns of the rows. */
  readonly sealed: Uint8Array;
}

/** The block at which a chain database begins, where that block is not genesis. */
export interface ChainBase {
  /** Up to `CONTEXT_HEADERS` consecutive headers, oldest first; the last is the base's. */
  readonly headers: readonly SealedHeader[];
  /** The history up to and including the base. Its `work` is the base's cumulative work. */
  readonly history: History;
}

/** Height of a base; 0 for a whole chain, which has none. */
export function baseHeight(base: ChainBase | null): number {
  return base?.headers.at(-1)!.header.height ?? 0;
}

/** A transaction that this tab made, kept across reloads. */
export interface OwnTransaction {
  readonly id: string;
  /** Canonical bytes. */
  readonly bytes: Uint8Array;
  readonly firstSeenMs: number;
  readonly status: 'pending' | 'dropped';
  /** Error code that explains `dropped`; null while pending. */
  readonly reason: ErrorCode | null;
}

/**
 * The chain's database: the active chain, the accounts after its tip, blocks of other branches, and this tab's own transactions.
 * As a `StateView` it shows the accounts after the tip. All calls are synchronous. All writes must happen inside `atomically`.
 */
export interface ChainStore extends StateView {
  /**
   * Runs `work` as one transaction: all its writes happen, or none if `work` throws. Calls must not be nested.
   * @throws the error of `work`, after rolling back
   */
  atomically<T>(work: () => T): T;

  /** All accounts after the tip, each once, in no particular order. No writes may happen before the last is read. */
  accounts(): Iterable<AccountState>;
  /** Height of the active tip. */
  height(): number;
  /** The block after which the rows of blocks begin; null for a whole chain, whose rows begin with genesis. */
  base(): ChainBase | null;
  /** Height of the lowest block that has rows; null where no block has. */
  lowest(): number | null;
  /**
   * The active headers from `fromHeight` up, only of blocks that have rows, in parts. Nothing is checked except the lengths.
   * @throws TabchainError `storage-damaged` where the rows do not give headers
   */
  packedHeaders(fromHeight: number): Iterable<PackedHeaders>;
  /** Sealed header of the active block at `height`; null above the tip, and below the headers of {@link base}. */
  header(height: number): SealedHeader | null;
  /** At most `limit` active headers from `fromHeight` up, only of blocks that have rows. */
  headers(fromHeight: number, limit: number): SealedHeader[];
  /** The active block at `height`, rebuilt from its rows; null where it has none. */
  block(height: number): DecodedBlock | null;

  /**
   * Appends a block to the active chain and writes its changes of accounts.
   * @param chainWork cumulative work including this block
   */
  connect(effect: BlockEffect, chainWork: bigint): void;
  /** Removes the tip block. `effect.changes` restore the accounts after its parent. */
  disconnect(effect: BlockEffect): void;

  /** Makes a higher active block the base, and deletes the rows of all blocks up to it, in a transaction of its own. */
  prune(base: ChainBase): void;

  /** Replaces the stored transactions of an active block. */
  replaceBody(block: DecodedBlock): void;

  /** Stores a block of another branch. Does nothing where the block is already stored. */
  putSideBlock(block: DecodedBlock): void;
  sideBlock(id: string): DecodedBlock | null;
  /** Canonical bytes. */
  sideBlockBytes(id: string): Uint8Array | null;
  deleteSideBlock(id: string): void;
  /** Headers and sizes of all side blocks, lowest first. */
  sideBlocks(): { sealed: SealedHeader; size: number }[];

  /** Height of the active block that contains a transaction, null when no active block does. */
  transactionHeight(id: string): number | null;

  /** Oldest first. */
  ownTransactions(): OwnTransaction[];
  putOwnTransaction(transaction: OwnTransaction): void;
  deleteOwnTransaction(id: string): void;
}
