import { addressFingerprint, addressOfModulus, parseAddress, type Address } from '../crypto/address.ts';
import { publicKeyPem } from '../crypto/rsa/private-key.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import { assertName } from '../wallet/builder.ts';
import { senderOf } from '../protocol/transaction.ts';
import type { Mempool } from '../chain/mempool.ts';
import type { OwnAccount } from './api.ts';
import type { Ledger } from './ledger.ts';
import type { BoundAccount } from './service.ts';

/** The account whose database this node has open, with its keys while they are unlocked. They exist in this memory alone. */
export class AccountSession {
  readonly name: string;
  readonly address: Address;
  readonly addressText: string;
  readonly #fingerprint: string;
  /** PEM; empty until the chain or the keys tell it. The address commits to it, so it never changes. */
  #publicKey = '';
  #keys: AccountKeys | null = null;
  readonly #keyKept: boolean;
  #keyFileSaved: boolean;

  constructor(bound: BoundAccount) {
    this.name = bound.name;
    this.addressText = bound.address;
    this.address = parseAddress(bound.address);
    this.#fingerprint = addressFingerprint(this.address);
    this.#keyFileSaved = bound.keyFileSaved;
    this.#keyKept = bound.keyKept;
  }

  /** @throws TabchainError `key-file-invalid` when the keys are another account's */
  unlock(keys: AccountKeys): void {
    if (addressOfModulus(keys.signing.modulus) !== this.address) {
      throw new TabchainError('key-file-invalid', 'These keys belong to another account.');
    }
    this.#keys = keys;
  }

  /** The keys. @throws TabchainError `locked` */
  keys(): AccountKeys {
    if (!this.#keys) throw new TabchainError('locked', 'The key is locked: log in with your passphrase first.');
    return this.#keys;
  }

  get unlocked(): AccountKeys | null {
    return this.#keys;
  }

  keyFileSaved(): void {
    this.#keyFileSaved = true;
  }

  /** What the chain and the mempool say of it, for people. */
  describe({ store, mempool }: Ledger): OwnAccount {
    const state = store.account(this.address);
    const signing = state?.registration?.signingModulus ?? this.#keys?.signing.modulus;
    if (signing && this.#publicKey === '') this.#publicKey = publicKeyPem(signing);
    return {
      name: state?.registration?.name ?? this.name,
      address: this.addressText,
      fingerprint: this.#fingerprint,
      publicKey: this.#publicKey,
      registration: state?.registration ? 'confirmed' : isRegistering(mempool, this.address) ? 'pending' : 'none',
      locked: this.#keys === null,
      keyFileSaved: this.#keyFileSaved,
      keyKept: this.#keyKept,
    };
  }
}

/** Whether this name can still be registered, as far as this node knows. @throws TabchainError `name-invalid`, `name-taken` */
export function assertNameFree({ store, mempool }: Ledger, name: string): void {
  assertName(name);
  const waits = mempool.entries().some(({ decoded: { transaction } }) => transaction.kind === 'registration' && transaction.name === name);
  if (!waits && store.addressOfName(name) === undefined) return;
  throw new TabchainError('name-taken', `The name "${name}" is taken. Choose another.`, { name });
}

/** Whether a registration of this address waits for a block. */
function isRegistering(mempool: Mempool, address: Address): boolean {
  return mempool.entries().some(({ decoded: { transaction } }) => transaction.kind === 'registration' && senderOf(transaction) === address);
}
