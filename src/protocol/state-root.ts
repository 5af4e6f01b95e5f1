import { HASH_BYTES, sha256 } from '../crypto/hash.ts';
import { merkleLeaf, merkleNode } from '../crypto/merkle.ts';
import { ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { fromHex } from '../util/bytes.ts';
import { Writer } from './codec.ts';

/** The first twelve bits of an address select one of 2^12 buckets. */
export const BUCKET_BITS = 12;
export const BUCKET_COUNT = 2 ** BUCKET_BITS;

/** An account as the rules see it. It exists iff it is registered or holds coins. */
export interface AccountState {
  readonly address: Address;
  /** Smallest units. */
  readonly balance: number;
  /** Number of transfers sent so far, and the nonce of the next transfer. */
  readonly nonce: number;
  readonly registration: AccountRegistration | null;
}

export interface AccountRegistration {
  readonly name: string;
  /** 256 bytes, big-endian. */
  readonly signingModulus: Uint8Array;
  readonly encryptionModulus: Uint8Array;
}

/** Bucket of an address: its first three hexadecimal digits. */
export function bucketOf(address: Address): number {
  return Number.parseInt(address.slice(0, BUCKET_BITS / 4), 16);
}

/** Finds an address by binary search in rows in address order. A bucket may hold tens of thousands: anyone can choose addresses. */
export function findRow<R extends { readonly address: Address }>(rows: readonly R[], address: Address): R | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.address < address) low = middle + 1;
    else high = middle;
  }
  const row = rows[low];
  return row?.address === address ? row : undefined;
}

/**
 * Applies all changes of a block to rows in address order, in one pass. `undefined` removes a row.
 * @param rows not changed
 * @param changes each address once, in address order
 */
export function mergeRows<R extends { readonly address: Address }>(
  rows: readonly R[],
  changes: readonly (readonly [Address, R | undefined])[],
): R[] {
  const merged: R[] = [];
  let at = 0;
  for (const [address, row] of changes) {
    while (at < rows.length && rows[at]!.address < address) merged.push(rows[at++]!);
    if (rows[at]?.address === address) at++;
    if (row) merged.push(row);
  }
  while (at < rows.length) merged.push(rows[at++]!);
  return merged;
}

/** Canonical row of an account in its bucket. The row contains a digest of the keys, which keeps proofs of balance short. */
export function encodeAccount(account: AccountState): Uint8Array {
  return writeAccount(new Writer(ROW_BYTES), account).finish();
}

/** Length of the longest row: address, balance, nonce, flag, name with its length, digest of the keys. */
const ROW_BYTES = ADDRESS_BYTES + 8 + 8 + 1 + 21 + HASH_BYTES;

function writeAccount(rows: Writer, { address, balance, nonce, registration }: AccountState, digestOf = keyDigest): Writer {
  rows.fixed(fromHex(address), ADDRESS_BYTES).u53(balance).u53(nonce);
  if (!registration) return rows.u8(0);
  return rows.u8(1).text8(registration.name).raw(digestOf(registration));
}

/** The digest of the keys in an account's row. */
export function keyDigest({ signingModulus, encryptionModulus }: AccountRegistration): Uint8Array {
  return sha256(signingModulus, encryptionModulus);
}

/**
 * Leaf of the state tree: hash over the bucket's rows in address order.
 * @param digestOf `keyDigest` or a cached version: each payment in a bucket needs the digests of all its registrations
 */
export function bucketHash(accounts: readonly AccountState[], digestOf = keyDigest): Uint8Array {
  const rows = new Writer(ROW_BYTES * accounts.length);
  for (const account of accounts) writeAccount(rows, account, digestOf);
  return merkleLeaf(rows.view());
}

/** Hash of a bucket without accounts. */
export const EMPTY_BUCKET_HASH: Uint8Array = bucketHash([]);

/** Root of a state without accounts. */
export const EMPTY_STATE_ROOT: Uint8Array = emptyRoot();

function emptyRoot(): Uint8Array {
  let node = EMPTY_BUCKET_HASH;
  for (let level = 0; level < BUCKET_BITS; level++) node = merkleNode(node, node);
  return node;
}
