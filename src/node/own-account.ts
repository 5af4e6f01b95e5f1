import { addressFingerprint, addressOfModulus, parseAddress, type Address } from '../crypto/address.ts';
import { publicKeyPem } from '../crypto/rsa/private-key.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import { assertName } from '../wallet/name.ts';
import { decodeTransaction, registrationIn } from '../protocol/transaction.ts';
import type { NameStatus, OwnAccount } from '../api/account.ts';
import type { LedgerContents } from './ledger.ts';
import type { BoundAccount } from '../api/service.ts';

/** The account whose database this node has open, with its keys while they are unlocked. The keys exist only in this memory. */
export class AccountSession {
  readonly name: string;
  readonly address: Address;
  readonly addressText: string;
  readonly #fingerprint: string;
  /** PEM; empty until the chain or the keys give the public key. The address commits to the key, so it never changes. */
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

  /** Forgets the keys. Mining needs only the address. */
  lock(): void {
    this.#keys = null;
  }

  keyFileSaved(saved: boolean): void {
    this.#keyFileSaved = saved;
  }

  /** The account's state by chain and mempool, in the form of the API. */
  describe(ledger: LedgerContents): OwnAccount {
    const { store, mempool } = ledger;
    const state = store.account(this.address);
    const registration = state?.registration ? 'confirmed' : mempool.registrationOf(this.address) ? 'pending' : 'none';
    const signing = state?.registration?.signingModulus ?? this.#keys?.signing.modulus;
    if (signing && this.#publicKey === '') this.#publicKey = publicKeyPem(signing);
    return {
      name: state?.registration?.name ?? this.name,
      address: this.addressText,
      fingerprint: this.#fingerprint,
      publicKey: this.#publicKey,
      registration,
      registrationError: registration === 'none' ? registrationError(ledger, this.address, this.name) : null,
      locked: this.#keys === null,
      keyFileSaved: this.#keyFileSaved,
      keyKept: this.#keyKept,
    };
  }
}

/** The open account. @throws TabchainError `no-account` */
export function openAccount(account: AccountSession | null): AccountSession {
  if (!account) throw new TabchainError('no-account', 'No account is open: register or log in first.');
  return account;
}

/**
 * Whether a name can be registered, as far as this node knows. Both the form and `register` use this function.
 * @throws TabchainError `name-invalid`
 */
export function nameStatus({ store, mempool }: LedgerContents, name: string): NameStatus {
  assertName(name);
  if (store.addressOfName(name) !== undefined) return 'taken';
  return mempool.registrationOfName(name) ? 'waiting' : 'free';
}

/** @throws TabchainError `name-invalid`, `name-taken` */
export function assertNameFree(ledger: LedgerContents, name: string): void {
  const status = nameStatus(ledger, name);
  if (status === 'free') return;
  throw new TabchainError('name-taken', `The name "${name}" is taken. Choose another.`, { name, pending: status === 'waiting' });
}

/** The reason why an announced registration of an account failed; null for no known reason. */
function registrationError({ store, mempool }: LedgerContents, address: Address, name: string): ErrorCode | null {
  // The node may have forgotten the registration, but the chain has the name's owner.
  const holder = store.addressOfName(name);
  if (holder !== undefined && holder !== address) return 'name-taken';
  const dropped = mempool.ownTransactions().filter(({ status, bytes }) => status === 'dropped' && bindsName(bytes));
  return dropped.at(-1)?.reason ?? null;
}

function bindsName(bytes: Uint8Array): boolean {
  return registrationIn(decodeTransaction(bytes).transaction) !== null;
}
