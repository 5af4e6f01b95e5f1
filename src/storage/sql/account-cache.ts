import type { Address } from '../../crypto/address.ts';
import type { AccountState } from '../../protocol/state-root.ts';

/** An account with the key by which rows of other tables refer to it. */
export interface AccountRow extends AccountState {
  readonly id: number;
}

/**
 * A cache of accounts in two generations: an account without reads while a generation fills up is dropped with its generation. The result
 * is almost as good as LRU, and a hit costs a single lookup. Each transaction causes several hits.
 */
export class AccountCache {
  readonly #capacity: number;
  #young = new Map<Address, AccountRow | null>();
  #old = new Map<Address, AccountRow | null>();

  /** @param capacity of both generations together, in addresses */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The row of an address; null for an address without a row, undefined where neither is known. */
  get(address: Address): AccountRow | null | undefined {
    const row = this.#young.get(address);
    if (row !== undefined) return row;
    const old = this.#old.get(address);
    if (old !== undefined) this.set(address, old);
    return old;
  }

  /** @param row null for an address without a row: a first payment asks for its recipient several times */
  set(address: Address, row: AccountRow | null): void {
    this.#young.set(address, row);
    if (2 * this.#young.size <= this.#capacity) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(address: Address): void {
    this.#young.delete(address);
    this.#old.delete(address);
  }
}
