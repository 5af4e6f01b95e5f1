/** Accounts as the API speaks of them; a part of `api.ts`. */

export interface OwnAccount {
  name: string;
  address: string;
  /** Four short groups a person can compare aloud, e.g. "3f9a 11c0 7be2 d045". */
  fingerprint: string;
  /** PEM (SubjectPublicKeyInfo) of the signing key. */
  publicKey: string;
  /** `none`: not announced; `pending`: in the mempool; `confirmed`: in the chain. */
  registration: 'none' | 'pending' | 'confirmed';
  /**
   * Why `registration` is `none` although it was announced, as an error code: `name-taken` when the name belongs to somebody else now;
   * `register` with another name tries again with the same keys. Else null.
   */
  registrationError: string | null;
  /** Whether the key is locked (after a reload): mining goes on, sending needs `login`. */
  locked: boolean;
  /** Whether the person has downloaded the key file. */
  keyFileSaved: boolean;
  /** False where the browser lets the page keep nothing: the key is gone with the tab unless its file is saved. */
  keyKept: boolean;
}

/** `waiting`: somebody's registration of it waits for a block; like `taken` it cannot be registered now. */
export type NameStatus = 'free' | 'waiting' | 'taken';

export interface StoredAccount {
  name: string;
  address: string;
  fingerprint: string;
  createdAt: number;
  keyFileSaved: boolean;
  /** Open in another tab of this browser right now. */
  inUse: boolean;
}

export interface LoginRequest {
  /** Read like any name or address: capitals, full width and spaces do not matter. */
  name?: string;
  address?: string;
  passphrase: string;
  /** Ends the work on the key at once. */
  signal?: AbortSignal;
}

export interface KeyFileRequest {
  pem: string;
  passphrase: string;
  /** For a key that neither the chain nor the file names. */
  name?: string;
  /** Take a file of another network, or one that takes long to open. */
  otherNetwork?: boolean;
  slow?: boolean;
  signal?: AbortSignal;
}
