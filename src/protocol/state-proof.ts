import { ADDRESS_BYTES } from '../crypto/address.ts';
import { HASH_BYTES } from '../crypto/hash.ts';
import { fromHex, toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { Reader, Writer } from './codec.ts';
import { encodeStateRow, KEY_BITS, type AccountState, type StateRow } from './state-root.ts';
import { MODULUS_BYTES } from './transactions/format.ts';
import { MAX_NAME_BYTES } from './transactions/registration.ts';

/**
 * Most accounts in a chunk. With the longest names, and edges as long as a million accounts make them, a chunk has about 230 KB: no more
 * than a block of the default size.
 */
export const MAX_CHUNK_ACCOUNTS = 400;

/** A subtree of the state tree beside the way to a leaf. */
export interface TreeEdge {
  /** 0–255: the bit at which the way and the subtree part. */
  readonly bit: number;
  /** Hash of the subtree's node, 32 bytes. */
  readonly hash: Uint8Array;
}

/** Proof that an account has a certain row, or that no such account exists. */
export interface AccountProof {
  /** The row at which a search for the account ends: its own row, or another account's row. Null in a state without accounts. */
  readonly row: StateRow | null;
  /** From the leaf to the root, bits falling. */
  readonly path: readonly TreeEdge[];
}

/** All accounts with keys from the first to the last account of the chunk, and the hashes that lead from them to the root. */
export interface StateChunk {
  /** In the order of their keys. */
  readonly accounts: readonly AccountState[];
  /** Subtrees over smaller keys beside the way to the first account, from the leaf to the root, bits falling. */
  readonly left: readonly TreeEdge[];
  /** Subtrees over larger keys beside the way to the last account, from the leaf to the root, bits falling. */
  readonly right: readonly TreeEdge[];
}

export function encodeAccountProof(proof: AccountProof): Uint8Array {
  return writeAccountProof(new Writer(), proof).finish();
}

/** @throws TabchainError `encoding-*` */
export function decodeAccountProof(bytes: Uint8Array): AccountProof {
  const reader = new Reader(bytes);
  const proof = readAccountProof(reader);
  reader.end();
  return proof;
}

/** `u8` 0, or `u8` 1 ‖ row ‖ path. */
export function writeAccountProof(writer: Writer, { row, path }: AccountProof): Writer {
  return row ? writeEdges(writer.u8(1).raw(encodeStateRow(row)), path) : writer.u8(0);
}

/** The inverse of {@link writeAccountProof}. @throws TabchainError `encoding-*` */
export function readAccountProof(reader: Reader): AccountProof {
  return reader.flag() ? { row: readRow(reader), path: readEdges(reader) } : { row: null, path: [] };
}

export function encodeStateChunk(chunk: StateChunk): Uint8Array {
  return writeStateChunk(new Writer(), chunk).finish();
}

/** @throws TabchainError `encoding-*` */
export function decodeStateChunk(bytes: Uint8Array): StateChunk {
  const reader = new Reader(bytes);
  const chunk = readStateChunk(reader);
  reader.end();
  return chunk;
}

/** `u16` number of accounts ‖ accounts ‖ left edges ‖ right edges. */
export function writeStateChunk(writer: Writer, { accounts, left, right }: StateChunk): Writer {
  writer.count16(accounts.length, MAX_CHUNK_ACCOUNTS);
  for (const account of accounts) writeAccount(writer, account);
  return writeEdges(writeEdges(writer, left), right);
}

/** The inverse of {@link writeStateChunk}. @throws TabchainError `encoding-*` */
export function readStateChunk(reader: Reader): StateChunk {
  const accounts = reader.list16(MAX_CHUNK_ACCOUNTS, MIN_ACCOUNT_BYTES, readAccount);
  return { accounts, left: readEdges(reader), right: readEdges(reader) };
}

/** Address, balance, nonce, flag. */
const MIN_ACCOUNT_BYTES = ADDRESS_BYTES + 8 + 8 + 1;
/** The same, name and two moduli. */
const MAX_ACCOUNT_BYTES = MIN_ACCOUNT_BYTES + 1 + MAX_NAME_BYTES + 2 * MODULUS_BYTES;
const EDGE_BYTES = 1 + HASH_BYTES;
/** Upper bound of the length of a chunk: 245 KB. */
export const MAX_CHUNK_BYTES = 2 + MAX_CHUNK_ACCOUNTS * MAX_ACCOUNT_BYTES + 2 * (2 + KEY_BITS * EDGE_BYTES);

/** An account as in its row, with the moduli in place of their digest. */
function writeAccount(writer: Writer, { address, balance, nonce, registration }: AccountState): Writer {
  writer.fixed(fromHex(address), ADDRESS_BYTES).u53(balance).u53(nonce);
  if (!registration) return writer.u8(0);
  const { name, signingModulus, encryptionModulus } = registration;
  return writer.u8(1).text8(name, MAX_NAME_BYTES).fixed(signingModulus, MODULUS_BYTES).fixed(encryptionModulus, MODULUS_BYTES);
}

function readAccount(reader: Reader): AccountState {
  const common = readStart(reader);
  if (!reader.flag()) return { ...common, registration: null };
  const name = reader.text8(MAX_NAME_BYTES);
  const registration = { name, signingModulus: reader.take(MODULUS_BYTES), encryptionModulus: reader.take(MODULUS_BYTES) };
  return { ...common, registration };
}

function readRow(reader: Reader): StateRow {
  const common = readStart(reader);
  if (!reader.flag()) return { ...common, registration: null };
  return { ...common, registration: { name: reader.text8(MAX_NAME_BYTES), keys: reader.take(HASH_BYTES) } };
}

function readStart(reader: Reader): Pick<StateRow, 'address' | 'balance' | 'nonce'> {
  return { address: toHex(reader.view(ADDRESS_BYTES)), balance: reader.u53(), nonce: reader.u53() };
}

function writeEdges(writer: Writer, edges: readonly TreeEdge[]): Writer {
  writer.count16(edges.length, KEY_BITS);
  requireFalling(edges);
  for (const { bit, hash } of edges) writer.u8(bit).fixed(hash, HASH_BYTES);
  return writer;
}

function readEdges(reader: Reader): TreeEdge[] {
  const edges = reader.list16(KEY_BITS, EDGE_BYTES, () => ({ bit: reader.u8(), hash: reader.take(HASH_BYTES) }));
  requireFalling(edges);
  return edges;
}

function requireFalling(edges: readonly TreeEdge[]): void {
  if (edges.some(({ bit }, index) => index > 0 && bit >= edges[index - 1]!.bit)) {
    throw new TabchainError('encoding-non-canonical', 'The bits of a path do not fall.');
  }
}
