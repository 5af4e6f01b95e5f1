import type { PrivateKey } from '../crypto/rsa/private-key.ts';

/** The two key pairs of an account, decrypted. Secret; plain data, so they can be sent to another thread. */
export interface AccountKeys {
  /** Signs transactions; the address is derived from its modulus. */
  readonly signing: PrivateKey;
  /** Opens sealed memos. */
  readonly encryption: PrivateKey;
}
