import { sha256 } from '../crypto/hash.ts';
import { merkleLeaf, merkleNode } from '../crypto/merkle.ts';
import type { Address } from '../crypto/address.ts';
import { fromHex } from '../util/bytes.ts';
import { Writer } from './codec.ts';

/** Accounts are spread over 2^12 buckets by the first twelve bits of the address. */
export const BUCKET_BITS = 12;
export const BUCKET_COUNT = 2 ** BUCKET_BITS;

/** An account as the rules see it. It exists iff it is registered or holds coins. */
export interface AccountState {
  readonly address: Address;
  /** Smallest units. */
  readonly balance: number;
  /** Transfers sent so far = nonce of the next one. */
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

/** Canonical row of an account inside its bucket. Keys enter by their digest, which keeps proofs of balance short. */
export function encodeAccount(account: AccountState): Uint8Array {
  const row = new Writer(128).raw(fromHex(account.address)).u53(account.balance).u53(account.nonce);
  const { registration } = account;
  if (!registration) return row.u8(0).finish();
  return row.u8(1).text8(registration.name).raw(sha256(registration.signingModulus, registration.encryptionModulus)).finish();
}

/** Leaf of the state tree: hash over the bucket's rows in address order. */
export function bucketHash(accounts: readonly AccountState[]): Uint8Array {
  const rows = new Writer(128 * accounts.length);
  for (const account of accounts) rows.raw(encodeAccount(account));
  return merkleLeaf(rows.finish());
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
