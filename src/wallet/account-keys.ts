import type { PrivateKey } from '../crypto/rsa/private-key.ts';

/** The two key pairs of an account, decrypted: secrets, plain enough to cross to another thread. */
export interface AccountKeys {
  /** Its modulus makes the address; signs transactions. */
  readonly signing: PrivateKey;
  /** Opens sealed memos. */
  readonly encryption: PrivateKey;
}
