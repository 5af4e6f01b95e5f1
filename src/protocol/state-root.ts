import { HASH_BYTES, sha256 } from '../crypto/hash.ts';
import { merkleLeaf } from '../crypto/merkle.ts';
import { ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { fromHex } from '../util/bytes.ts';
import { Writer } from './codec.ts';

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

/** An account as the state root commits to it: with a digest in place of the keys, which keeps proofs of balance short. */
export interface StateRow {
  readonly address: Address;
  readonly balance: number;
  readonly nonce: number;
  readonly registration: { readonly name: string; /** {@link keyDigest} */ readonly keys: Uint8Array } | null;
}

/** Length of the longest row: address, balance, nonce, flag, name with its length, digest of the keys. */
const ROW_BYTES = ADDRESS_BYTES + 8 + 8 + 1 + 21 + HASH_BYTES;

/** The digest of the keys in an account's row. */
export function keyDigest({ signingModulus, encryptionModulus }: AccountRegistration): Uint8Array {
  return sha256(signingModulus, encryptionModulus);
}

/** @param digestOf `keyDigest` or a cached version, because keys never change and make up most of the bytes to hash */
export function stateRow({ address, balance, nonce, registration }: AccountState, digestOf = keyDigest): StateRow {
  return { address, balance, nonce, registration: registration && { name: registration.name, keys: digestOf(registration) } };
}

/** Canonical row of an account. */
export function encodeStateRow({ address, balance, nonce, registration }: StateRow): Uint8Array {
  const row = new Writer(ROW_BYTES).fixed(fromHex(address), ADDRESS_BYTES).u53(balance).u53(nonce);
  if (!registration) return row.u8(0).view();
  return row.u8(1).text8(registration.name).fixed(registration.keys, HASH_BYTES).view();
}

// The tree is a compact sparse Merkle tree: a Patricia tree (Morrison 1968) with hashes. Its shape depends only on the accounts, never on
// their history. It follows the sparse Merkle trees of Dahlberg, Pulls and Peeters (2016) and of Diem's Jellyfish (2021), but joins the bits
// in which the keys below a node agree into one step.

/** Bits of a key, and thus the longest possible path. */
export const KEY_BITS = 8 * HASH_BYTES;

/**
 * The place of an account in the state tree, 32 bytes. A hash, because anybody can pay any 20 bytes: chosen addresses could otherwise share
 * so many bits that the paths to them become long.
 */
export function stateKey(address: Address): Uint8Array {
  return sha256(fromHex(address));
}

/** Hash of an account's leaf: SHA-256(0x00 ‖ row). */
export function leafHash(row: StateRow): Uint8Array {
  return merkleLeaf(encodeStateRow(row));
}

/** 0x01 and the bit, for each bit. */
const NODE_PREFIXES = Array.from({ length: KEY_BITS }, (_, bit) => Uint8Array.of(1, bit));

/**
 * Hash of an inner node: SHA-256(0x01 ‖ bit ‖ left ‖ right).
 * @param bit 0–255: the first bit, from the most significant, in which the keys below the node differ
 * @param left hash of the node over the keys in which the bit is clear
 */
export function innerHash(bit: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIXES[bit]!, left, right);
}

/** Root of a state without accounts. */
export const EMPTY_STATE_ROOT: Uint8Array = sha256();

/** Bit number `bit` (0–255, from the most significant) of the key at `offset`. */
export function keyBit(keys: Uint8Array, bit: number, offset = 0): 0 | 1 {
  return ((keys[offset + (bit >>> 3)]! >>> (7 - (bit & 7))) & 1) as 0 | 1;
}

/** The first bit in which two keys of 32 bytes differ; {@link KEY_BITS} where they are equal. */
export function firstDifference(a: Uint8Array, b: Uint8Array, aOffset = 0, bOffset = 0): number {
  for (let i = 0; i < HASH_BYTES; i++) {
    const difference = a[aOffset + i]! ^ b[bOffset + i]!;
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return KEY_BITS;
}
