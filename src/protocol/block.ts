import { ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { HASH_BYTES, sha256, sha256d } from '../crypto/hash.ts';
import { merkleRoot } from '../crypto/merkle.ts';
import { concatBytes, fromHex, reversedBytes, toHex } from '../util/bytes.ts';
import { assert, TabchainError } from '../util/errors.ts';
import { Reader, Writer } from './codec.ts';
import { MIN_TRANSACTION_BYTES, readTransaction, skipTransaction, type DecodedTransaction } from './transaction.ts';

export const BLOCK_VERSION = 2;
export const NONCE_BYTES = 20;
/** Header without nonce. */
export const HEADER_BYTES = 176;
/** Header and nonce, as they are sent and stored. */
export const SEALED_HEADER_BYTES = HEADER_BYTES + NONCE_BYTES;
/** Places of fields in an encoded header. */
export const HEIGHT_OFFSET = 4;
export const PREVIOUS_OFFSET = 8;
export const BITS_OFFSET = 144;
export const MINER_OFFSET = 156;

export interface BlockHeader {
  readonly version: number;
  readonly height: number;
  /** Id of the previous block, hexadecimal. */
  readonly previous: string;
  /** Root of the history: all blocks below this block, genesis included. */
  readonly historyRoot: Uint8Array;
  readonly transactionRoot: Uint8Array;
  /** Root of the accounts after this block. */
  readonly stateRoot: Uint8Array;
  /** Unix time in milliseconds, by the miner's clock. */
  readonly timeMs: number;
  /** Compact target. */
  readonly bits: number;
  /** Smallest units in existence after this block: the sum of all balances. */
  readonly supply: number;
  readonly miner: Address;
}

/** A header with its nonce and its id. The proof of work may be unchecked. */
export interface SealedHeader {
  readonly header: BlockHeader;
  readonly nonce: Uint8Array;
  /**
   * Seal digest in reversed byte order, hexadecimal. Like Bitcoin, Tabchain reads the digest as a little-endian number. In this order,
   * which is used everywhere including the wire, work appears as leading zeros.
   */
  readonly id: string;
}

/** A block decoded from canonical bytes. No rule is checked yet. */
export interface DecodedBlock extends SealedHeader {
  readonly transactions: readonly DecodedTransaction[];
  /** Length of the canonical encoding. */
  readonly size: number;
}

export function encodeHeader(header: BlockHeader): Uint8Array {
  return new Writer(HEADER_BYTES)
    .u32(header.version)
    .u32(header.height)
    .fixed(fromHex(header.previous), HASH_BYTES)
    .fixed(header.historyRoot, HASH_BYTES)
    .fixed(header.transactionRoot, HASH_BYTES)
    .fixed(header.stateRoot, HASH_BYTES)
    .u53(header.timeMs)
    .u32(header.bits)
    .u53(header.supply)
    .fixed(fromHex(header.miner), ADDRESS_BYTES)
    .finish();
}

/** SHA-256 of the header: the input of the seal search. */
export function headerHash(header: BlockHeader): Uint8Array {
  return sha256(encodeHeader(header));
}

/**
 * The seal function: SHA-256d(hash ‖ nonce), reversed so that the digest compares as a big-endian number. `hash` has 32 bytes and
 * `nonce` 20, so the input is one SHA-256 block. The search changes only word 12 of it, the nonce's last four bytes.
 */
export function sealDigest(hash: Uint8Array, nonce: Uint8Array): Uint8Array {
  return reversedBytes(sha256d(hash, nonce));
}

export function sealHeader(header: BlockHeader, nonce: Uint8Array): SealedHeader {
  assert(nonce.length === NONCE_BYTES, 'A nonce has another length.');
  return { header, nonce, id: toHex(sealDigest(headerHash(header), nonce)) };
}

export function sealBlock(header: BlockHeader, nonce: Uint8Array, transactions: readonly DecodedTransaction[]): DecodedBlock {
  const size = transactions.reduce((sum, t) => sum + t.bytes.length, SEALED_HEADER_BYTES + 4);
  return { ...sealHeader(header, nonce), transactions, size };
}

/** Merkle root (RFC 6962) over the transaction ids in block order. */
export function transactionRoot(transactions: readonly DecodedTransaction[]): Uint8Array {
  return merkleRoot(transactions.map((t) => fromHex(t.id)));
}

export function encodeSealedHeader(sealed: SealedHeader): Uint8Array {
  return concatBytes(encodeHeader(sealed.header), sealed.nonce);
}

export function readSealedHeader(reader: Reader): SealedHeader {
  const header: BlockHeader = {
    version: reader.u32(),
    height: reader.u32(),
    previous: toHex(reader.view(HASH_BYTES)),
    historyRoot: reader.take(HASH_BYTES),
    transactionRoot: reader.take(HASH_BYTES),
    stateRoot: reader.take(HASH_BYTES),
    timeMs: reader.u53(),
    bits: reader.u32(),
    supply: reader.u53(),
    miner: toHex(reader.view(ADDRESS_BYTES)),
  };
  return sealHeader(header, reader.take(NONCE_BYTES));
}

/** Sealed header ‖ u32 count ‖ transactions. */
export function encodeBlock(block: DecodedBlock): Uint8Array {
  const writer = new Writer(block.size).raw(encodeSealedHeader(block)).u32(block.transactions.length);
  for (const transaction of block.transactions) writer.raw(transaction.bytes);
  return writer.finish();
}

/**
 * Decodes exactly one block.
 * @param maxBytes the network's `maxBlockBytes`
 * @throws TabchainError `block-oversized`, `encoding-*`
 */
export function decodeBlock(bytes: Uint8Array, maxBytes: number): DecodedBlock {
  if (bytes.length > maxBytes) {
    throw new TabchainError('block-oversized', 'A block is larger than the network allows.', { bytes: bytes.length, maxBytes });
  }
  const reader = new Reader(bytes);
  const sealed = readSealedHeader(reader);
  const count = reader.u32();
  if (count > Math.floor(reader.remaining / MIN_TRANSACTION_BYTES)) {
    throw new TabchainError('encoding-truncated', 'A block names more transactions than it holds.', { count });
  }
  const transactions: DecodedTransaction[] = [];
  for (let i = 0; i < count; i++) transactions.push(readTransaction(reader));
  reader.end();
  return { ...sealed, transactions, size: bytes.length };
}

/** Views of a canonical block's transactions in its bytes: cheap, because the function decodes and hashes nothing. */
export function transactionSlices(blockBytes: Uint8Array): Uint8Array[] {
  const reader = new Reader(blockBytes, SEALED_HEADER_BYTES);
  return Array.from({ length: reader.u32() }, () => {
    const start = reader.offset;
    skipTransaction(reader);
    return blockBytes.subarray(start, reader.offset);
  });
}
