import type { Address } from '../crypto/address.ts';
import { MAX_SUPPLY } from '../protocol/amount.ts';
import type { AccountRegistration, AccountState } from '../protocol/state-root.ts';
import { equalBytes } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import type { AccountChange, StateView } from './types.ts';

/** Changes on top of a base state, which stays unchanged. The base may be another overlay. */
export class StateOverlay implements StateView {
  readonly #base: StateView;
  /** `undefined` marks an account that the overlay removed. */
  readonly #accounts = new Map<Address, AccountState | undefined>();
  /** `undefined` marks a name that the overlay released. */
  readonly #names = new Map<string, Address | undefined>();

  constructor(base: StateView) {
    this.#base = base;
  }

  account(address: Address): AccountState | undefined {
    return this.#accounts.get(address) ?? (this.#accounts.has(address) ? undefined : this.#base.account(address));
  }

  addressOfName(name: string): Address | undefined {
    return this.#names.has(name) ? this.#names.get(name) : this.#base.addressOfName(name);
  }

  /** The account, or an empty account where none exists. */
  accountOrEmpty(address: Address): AccountState {
    return this.account(address) ?? { address, balance: 0, nonce: 0, registration: null };
  }

  /** Adds coins to an account, and creates the account where none exists. The supply cap keeps every sum exact. */
  credit(address: Address, units: number): void {
    const account = this.accountOrEmpty(address);
    assert(units <= MAX_SUPPLY - account.balance, 'A balance passed the supply cap.');
    this.put({ ...account, balance: account.balance + units });
  }

  /** The inverse of {@link credit}. */
  debit(address: Address, units: number): void {
    const account = this.accountOrEmpty(address);
    assert(units <= account.balance, 'A balance fell below zero.');
    this.put({ ...account, balance: account.balance - units });
  }

  /** Sets an account. An account without registration and coins ceases to exist. */
  put(account: AccountState): void {
    const { address, registration } = account;
    const exists = registration !== null || account.balance > 0;
    // Otherwise the overlay could remove an account with its nonce, and undoing a block could not restore the nonce.
    assert(registration !== null || account.nonce === 0, 'An unregistered account has sent something.');
    const former = this.account(address)?.registration?.name;
    if (former !== undefined && former !== registration?.name) this.#names.set(former, undefined);
    if (registration) this.#names.set(registration.name, address);
    this.#accounts.set(address, exists ? account : undefined);
  }

  /** The accounts that differ from the base, in address order. */
  changes(): AccountChange[] {
    const changes: AccountChange[] = [];
    for (const [address, after] of this.#accounts) {
      const before = this.#base.account(address);
      if (!sameAccount(before, after)) changes.push({ address, before, after });
    }
    return changes.sort((a, b) => (a.address < b.address ? -1 : 1));
  }
}

function sameAccount(a: AccountState | undefined, b: AccountState | undefined): boolean {
  if (!a || !b) return a === b;
  return a.balance === b.balance && a.nonce === b.nonce && sameRegistration(a.registration, b.registration);
}

function sameRegistration(a: AccountRegistration | null, b: AccountRegistration | null): boolean {
  if (a === b) return true;
  if (!a || !b || a.name !== b.name) return false;
  return equalBytes(a.signingModulus, b.signingModulus) && equalBytes(a.encryptionModulus, b.encryptionModulus);
}
