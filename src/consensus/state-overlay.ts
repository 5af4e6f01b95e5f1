import type { Address } from '../crypto/address.ts';
import { bucketOf, type AccountRegistration, type AccountState } from '../protocol/state-root.ts';
import { equalBytes } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import type { AccountChange, StateView } from './types.ts';

/** `undefined` marks an account that the overlay removed. */
type Layer = Map<Address, AccountState | undefined>;

/** Changes laid over a state that itself stays as it is; overlays may lie upon overlays. */
export class StateOverlay implements StateView {
  readonly #base: StateView;
  /** By bucket, so that the rows of a touched bucket are found without looking at all changes. */
  readonly #layers = new Map<number, Layer>();
  /** `undefined` marks a name that the overlay set free. */
  readonly #names = new Map<string, Address | undefined>();

  constructor(base: StateView) {
    this.#base = base;
  }

  account(address: Address): AccountState | undefined {
    const layer = this.#layers.get(bucketOf(address));
    return layer?.has(address) ? layer.get(address) : this.#base.account(address);
  }

  addressOfName(name: string): Address | undefined {
    return this.#names.has(name) ? this.#names.get(name) : this.#base.addressOfName(name);
  }

  bucket(index: number): readonly AccountState[] {
    const base = this.#base.bucket(index);
    const layer = this.#layers.get(index);
    if (!layer) return base;
    const rows = base.filter((row) => !layer.has(row.address));
    for (const row of layer.values()) if (row) rows.push(row);
    return rows.sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  /** Sets an account; one that is neither registered nor holds coins ceases to exist. */
  put(account: AccountState): void {
    const { address, registration } = account;
    const exists = registration !== null || account.balance > 0;
    // Else an account could be forgotten with its nonce, and undoing a block could not bring that back.
    assert(registration !== null || account.nonce === 0, 'An unregistered account has sent something.');
    const former = this.account(address)?.registration?.name;
    if (former !== undefined && former !== registration?.name) this.#names.set(former, undefined);
    if (registration) this.#names.set(registration.name, address);
    this.#layer(bucketOf(address)).set(address, exists ? account : undefined);
  }

  /** What differs from the base, in address order. */
  changes(): AccountChange[] {
    const changes: AccountChange[] = [];
    for (const layer of this.#layers.values()) {
      for (const [address, after] of layer) {
        const before = this.#base.account(address);
        if (!sameAccount(before, after)) changes.push({ address, before, after });
      }
    }
    return changes.sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  #layer(index: number): Layer {
    let layer = this.#layers.get(index);
    if (!layer) this.#layers.set(index, (layer = new Map()));
    return layer;
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
