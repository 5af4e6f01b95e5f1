import { ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { HASH_BYTES } from '../crypto/hash.ts';
import type { MerkleStep } from '../crypto/merkle.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { encodeSealedHeader, readSealedHeader, type SealedHeader } from './block.ts';
import { Reader, Writer } from './codec.ts';
import { readHistoryProof, writeHistoryProof, type HistoryProof } from './history-proof.ts';
import { readAccountProof, writeAccountProof, type AccountProof } from './state-proof.ts';
import { readTransaction, type DecodedTransaction } from './transaction.ts';

/** Version of the format: the first byte of a receipt. */
const RECEIPT_VERSION = 1;

/** A block holds fewer than 2^16 transactions, so no path in its Merkle tree is longer. */
const MAX_PATH_STEPS = 16;

/** A receipt of a transfer with a sealed memo, in the fullest block and below 2^32 later blocks, stays below this length. */
export const MAX_RECEIPT_BYTES = 4_096;

/** What a receipt shows about its block. */
export type Evidence =
  /** The block holds the transaction. `path` leads from the transaction's id to `transactionRoot`. */
  | { readonly kind: 'transaction'; readonly transaction: DecodedTransaction; readonly path: readonly MerkleStep[] }
  /** The account has this row after the block, or does not exist. */
  | { readonly kind: 'account'; readonly address: Address; readonly proof: AccountProof }
  /** The block itself: who mined the block, and when. */
  | { readonly kind: 'block' };

/**
 * A receipt: a few hundred bytes that show a part of the chain to anyone who trusts one block id. Nothing is checked yet
 * (`consensus/receipt.ts` does that).
 */
export interface Receipt {
  readonly networkTag: number;
  /** The block that the evidence is about. */
  readonly block: SealedHeader;
  /** A block above it, and the proof that `block` is its ancestor; null where `block` itself is to be trusted. */
  readonly later: { readonly sealed: SealedHeader; readonly proof: HistoryProof } | null;
  readonly evidence: Evidence;
}

const KINDS = ['transaction', 'account', 'block'] as const satisfies readonly Evidence['kind'][];

/**
 * `u8` version ‖ `u32` network tag ‖ sealed header ‖ `u8` 0, or `u8` 1 ‖ later sealed header ‖ history proof ‖ `u8` kind ‖ evidence:
 * - 1, a transaction: transaction ‖ `u8` number of steps ‖ for each step, lowest first: `u8` 1 where the hash is on the left, else 0 ‖ hash
 * - 2, an account: address ‖ account proof
 * - 3, a block: nothing
 */
export function encodeReceipt({ networkTag, block, later, evidence }: Receipt): Uint8Array {
  const writer = new Writer()
    .u8(RECEIPT_VERSION)
    .u32(networkTag)
    .raw(encodeSealedHeader(block))
    .u8(later ? 1 : 0);
  if (later) writeHistoryProof(writer.raw(encodeSealedHeader(later.sealed)), later.proof);
  writer.u8(KINDS.indexOf(evidence.kind) + 1);
  if (evidence.kind === 'transaction') {
    writer.raw(evidence.transaction.bytes).u8(evidence.path.length);
    for (const { isLeft, hash } of evidence.path) writer.u8(isLeft ? 1 : 0).fixed(hash, HASH_BYTES);
  }
  if (evidence.kind === 'account') writeAccountProof(writer.fixed(fromHex(evidence.address), ADDRESS_BYTES), evidence.proof);
  return writer.finish();
}

/**
 * Decodes exactly one receipt.
 * @throws TabchainError `receipt-version`, `encoding-*`
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > MAX_RECEIPT_BYTES) {
    throw new TabchainError('encoding-too-long', 'A receipt is longer than any can be.', { bytes: bytes.length, max: MAX_RECEIPT_BYTES });
  }
  const reader = new Reader(bytes);
  const version = reader.u8();
  if (version !== RECEIPT_VERSION)
    throw new TabchainError('receipt-version', 'This program does not know the version of the receipt.', { version });
  const networkTag = reader.u32();
  const block = readSealedHeader(reader);
  const later = reader.flag() ? { sealed: readSealedHeader(reader), proof: readHistoryProof(reader) } : null;
  const evidence = readEvidence(reader);
  reader.end();
  return { networkTag, block, later, evidence };
}

function readEvidence(reader: Reader): Evidence {
  const kind = KINDS[reader.u8() - 1];
  if (kind === 'block') return { kind };
  if (kind === 'account') return { kind, address: toHex(reader.take(ADDRESS_BYTES)), proof: readAccountProof(reader) };
  if (kind !== 'transaction') throw new TabchainError('encoding-non-canonical', 'A receipt is of an unknown kind.');
  const transaction = readTransaction(reader);
  const steps = reader.u8();
  if (steps > MAX_PATH_STEPS) throw new TabchainError('encoding-too-long', 'A path is longer than any block is deep.', { steps });
  return { kind, transaction, path: Array.from({ length: steps }, () => ({ isLeft: reader.flag(), hash: reader.take(HASH_BYTES) })) };
}
