import type { ErrorCode } from '../util/error-codes.ts';
/** The API's types for accounts; a part of `api.ts`. */

export interface OwnAccount {
  name: string;
  address: string;
  /** Four short groups that people can compare aloud, e.g. "3f9a 11c0 7be2 d045". */
  fingerprint: string;
  /** PEM (SubjectPublicKeyInfo) of the signing key. */
  publicKey: string;
  /** `none`: not announced; `pending`: in the mempool; `confirmed`: in the chain. */
  registration: 'none' | 'pending' | 'confirmed';
  /**
   * Why `registration` is `none` after it was announced, as an error code: `name-taken` if another account has the name now. Call
   * `register` with another name to try again with the same keys. Otherwise null.
   */
  registrationError: ErrorCode | null;
  /** Whether the key is locked (after a reload): mining continues, sending needs `login`. */
  locked: boolean;
  /** Whether the user has saved the key file. */
  keyFileSaved: boolean;
  /** False where the browser forbids storage: closing the tab loses the key, unless the user saves its file. */
  keyKept: boolean;
}

/** `waiting`: a registration of the name waits for a block; like a `taken` name, it cannot be registered now. */
export type NameStatus = 'free' | 'waiting' | 'taken';

export interface StoredAccount {
  name: string;
  address: string;
  fingerprint: string;
  createdAt: number;
  keyFileSaved: boolean;
  /** Whether another tab of this browser has the account open now. */
  inUse: boolean;
  /**
   * Whether an earlier version of the protocol made the account, and this version has not opened it yet. `register` with its name and
   * passphrase registers the name on this version's chain with the same key.
   */
  earlier: boolean;
}

/** A chain that this browser keeps from an earlier version of the protocol, for one account. */
export interface EarlierChain {
  networkId: string;
  address: string;
  name: string;
}

export interface LoginRequest {
  /** Upper case, full width and spaces do not matter, as in any name or address. */
  name?: string;
  address?: string;
  passphrase: string;
  /** Cancels the work on the key at once. */
  signal?: AbortSignal;
}

export interface KeyFileRequest {
  pem: string;
  passphrase: string;
  /** Name for a key without a name in the chain or the file. */
  name?: string;
  /** Accept a file of another network, or a file that takes long to open. */
  otherNetwork?: boolean;
  slow?: boolean;
  signal?: AbortSignal;
}
