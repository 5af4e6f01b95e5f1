import { HASH_BYTES, sha256 } from '../crypto/hash.ts';
import { merkleLeaf } from '../crypto/merkle.ts';
import { ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { concatBytes, fromHex } from '../util/bytes.ts';
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

/** Address, balance and nonce: the part of a row that transactions change. */
const START_BYTES = ADDRESS_BYTES + 8 + 8;
/** Length of the longest rest of a row: flag, name with its length, digest of the keys. */
const MAX_END_BYTES = 1 + 21 + HASH_BYTES;

/** The digest of the keys in an account's row. */
export function keyDigest({ signingModulus, encryptionModulus }: AccountRegistration): Uint8Array {
  return sha256(signingModulus, encryptionModulus);
}

export function stateRow({ address, balance, nonce, registration }: AccountState): StateRow {
  return { address, balance, nonce, registration: registration && { name: registration.name, keys: keyDigest(registration) } };
}

/** Canonical row of an account. */
export function encodeStateRow(row: StateRow): Uint8Array {
  return concatBytes(startOfRow(fromHex(row.address), row), endOfRow(row.registration));
}

function startOfRow(address: Uint8Array, { balance, nonce }: Pick<StateRow, 'balance' | 'nonce'>): Uint8Array {
  return new Writer(START_BYTES).fixed(address, ADDRESS_BYTES).u53(balance).u53(nonce).view();
}

function endOfRow(registration: StateRow['registration']): Uint8Array {
  const writer = new Writer(MAX_END_BYTES).u8(registration ? 1 : 0);
  return registration ? writer.text8(registration.name).fixed(registration.keys, HASH_BYTES).view() : writer.view();
}

const UNREGISTERED = endOfRow(null);

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

/**
 * Gives the same hashes as {@link leafHash}, and keeps the end of each registered account's row: most of the bytes to hash and to encode are
 * its keys and its name, and they never change.
 */
export class LeafHasher {
  readonly #ends = new WeakMap<AccountRegistration, Uint8Array>();

  /** @param address the account's, as 20 bytes */
  hash(address: Uint8Array, account: AccountState): Uint8Array {
    return merkleLeaf(startOfRow(address, account), account.registration ? this.#endOf(account.registration) : UNREGISTERED);
  }

  #endOf(registration: AccountRegistration): Uint8Array {
    let end = this.#ends.get(registration);
    if (!end) this.#ends.set(registration, (end = endOfRow({ name: registration.name, keys: keyDigest(registration) })));
    return end;
  }
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
