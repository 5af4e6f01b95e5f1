import type { AccountState } from '../protocol/state-root.ts';
import { amountOf, feeOf, type DecodedTransaction, type Transaction, type Transfer } from '../protocol/transaction.ts';

export interface PoolEntry<T extends Transaction = Transaction> {
  readonly decoded: DecodedTransaction<T>;
  readonly own: boolean;
  readonly firstSeenMs: number;
  /**
   * Whether the entry waits while the balance does not cover it, instead of being dropped. True for own entries and for entries that a
   * reorganisation returned: the transfer that provides the coins may also be on its way back into the chain.
   */
  readonly patient: boolean;
}

export type TransferEntry = PoolEntry<Transfer>;

/** Smallest units per byte. */
export function feeRate({ decoded }: PoolEntry): number {
  return feeOf(decoded.transaction) / decoded.bytes.length;
}

/** Amount and fee, in smallest units. */
export function costOf({ decoded }: TransferEntry): number {
  return amountOf(decoded.transaction) + feeOf(decoded.transaction);
}

/**
 * The waiting transfers of one sender, one for each nonce. The first entries are executable: the next block could take them, because no
 * nonce before them is missing and the account's balance covers their total cost.
 */
export class AccountQueue {
  /** In order of nonce. */
  readonly #entries: TransferEntry[] = [];
  /** For each executable transfer, the lowest fee rate up to it: a block that takes the transfer takes all transfers before it. */
  #floors: number[] = [];

  get size(): number {
    return this.#entries.length;
  }

  at(nonce: number): TransferEntry | undefined {
    const entry = this.#entries[this.#indexOf(nonce)];
    return entry?.decoded.transaction.nonce === nonce ? entry : undefined;
  }

  /** The caller must then call {@link settle}. */
  set(entry: TransferEntry): void {
    const { nonce } = entry.decoded.transaction;
    this.#entries.splice(this.#indexOf(nonce), this.at(nonce) ? 1 : 0, entry);
  }

  /** The caller must then call {@link settle}. */
  delete(nonce: number): void {
    if (this.at(nonce)) this.#entries.splice(this.#indexOf(nonce), 1);
  }

  /** In order of nonce. */
  entries(): readonly TransferEntry[] {
    return this.#entries;
  }

  /** The lowest nonce, at least `nonce`, that no entry has. */
  freeNonce(nonce: number): number {
    let free = nonce;
    for (let i = this.#indexOf(nonce); this.#entries[i]?.decoded.transaction.nonce === free; i++) free++;
    return free;
  }

  /** Total cost of the entries with nonces below `end`, smallest units. */
  cost(end = Infinity): number {
    let sum = 0;
    for (const entry of this.#entries) {
      if (entry.decoded.transaction.nonce >= end) break;
      sum += costOf(entry);
    }
    return sum;
  }

  /** Determines which entries are executable. Must be called after each change of the account or the queue. */
  settle(account: AccountState | undefined): void {
    this.#floors = [];
    if (!account?.registration) return;
    let left = account.balance;
    let floor = Infinity;
    for (const entry of this.#entries) {
      left -= costOf(entry);
      if (entry.decoded.transaction.nonce !== account.nonce + this.#floors.length || left < 0) return;
      this.#floors.push((floor = Math.min(floor, feeRate(entry))));
    }
  }

  /** Number of executable entries, as of the last {@link settle}. */
  get executableCount(): number {
    return this.#floors.length;
  }

  executable(): TransferEntry[] {
    return this.#entries.slice(0, this.#floors.length);
  }

  /** The lowest fee rate of the first `count` executable transfers, Infinity for none: the worth of the last of them to a miner. */
  floor(count = this.#floors.length): number {
    return count === 0 ? Infinity : this.#floors[count - 1]!;
  }

  /** The {@link floor} that a new entry would have; null where the entry would not be executable. */
  floorWith(entry: TransferEntry, account: AccountState): number | null {
    const before = entry.decoded.transaction.nonce - account.nonce;
    if (before > this.#floors.length || this.cost(entry.decoded.transaction.nonce) + costOf(entry) > account.balance) return null;
    return Math.min(this.floor(before), feeRate(entry));
  }

  /** Index of a nonce, or the index where an entry with this nonce belongs. */
  #indexOf(nonce: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.decoded.transaction.nonce < nonce) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
