import type { AccountState } from '../protocol/state-root.ts';
import { amountOf, feeOf, type DecodedTransaction, type Transaction, type Transfer } from '../protocol/transaction.ts';

export interface PoolEntry<T extends Transaction = Transaction> {
  readonly decoded: DecodedTransaction<T>;
  readonly own: boolean;
  readonly firstSeenMs: number;
  /**
   * Own, or returned by a reorganisation: while the balance does not cover it, it waits instead of being dropped, because the
   * transfer that pays for it may be on its way back into the chain too.
   */
  readonly patient: boolean;
}

export type TransferEntry = PoolEntry<Transfer>;

/** Smallest units a byte. */
export function feeRate({ decoded }: PoolEntry): number {
  return feeOf(decoded.transaction) / decoded.bytes.length;
}

/** What a transfer takes from its sender. */
export function costOf({ decoded }: TransferEntry): number {
  return amountOf(decoded.transaction) + feeOf(decoded.transaction);
}

/**
 * The waiting transfers of one sender, one a nonce. The first so many are executable: the next block could take them, because no nonce
 * is missing before them and the account holds now what they cost together.
 */
export class AccountQueue {
  /** In order of nonce. */
  readonly #entries: TransferEntry[] = [];
  /** For each executable transfer the lowest fee rate up to it: a block that takes it has taken all before it. */
  #floors: number[] = [];

  get size(): number {
    return this.#entries.length;
  }

  at(nonce: number): TransferEntry | undefined {
    const entry = this.#entries[this.#indexOf(nonce)];
    return entry?.decoded.transaction.nonce === nonce ? entry : undefined;
  }

  /** Call {@link settle} after it. */
  set(entry: TransferEntry): void {
    const { nonce } = entry.decoded.transaction;
    this.#entries.splice(this.#indexOf(nonce), this.at(nonce) ? 1 : 0, entry);
  }

  /** Call {@link settle} after it. */
  delete(nonce: number): void {
    if (this.at(nonce)) this.#entries.splice(this.#indexOf(nonce), 1);
  }

  /** In order of nonce. */
  entries(): readonly TransferEntry[] {
    return this.#entries;
  }

  /** The first nonce from `nonce` on that no entry has. */
  freeNonce(nonce: number): number {
    let free = nonce;
    for (let i = this.#indexOf(nonce); this.#entries[i]?.decoded.transaction.nonce === free; i++) free++;
    return free;
  }

  /** What all entries (with nonces below `end`) take together. */
  cost(end = Infinity): number {
    let sum = 0;
    for (const entry of this.#entries) {
      if (entry.decoded.transaction.nonce >= end) break;
      sum += costOf(entry);
    }
    return sum;
  }

  /** Works out what is executable now. To be called whenever the account or the queue has changed. */
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

  /** How many entries, the first ones, are executable as of the last {@link settle}. */
  get executableCount(): number {
    return this.#floors.length;
  }

  executable(): TransferEntry[] {
    return this.#entries.slice(0, this.#floors.length);
  }

  /** The lowest fee rate of the first `count` executable transfers, Infinity for none: what the last of them is worth to a miner. */
  floor(count = this.#floors.length): number {
    return count === 0 ? Infinity : this.#floors[count - 1]!;
  }

  /** What {@link floor} would be for a newcomer; null where it would not be executable. */
  floorWith(entry: TransferEntry, account: AccountState): number | null {
    const before = entry.decoded.transaction.nonce - account.nonce;
    if (before > this.#floors.length || this.cost(entry.decoded.transaction.nonce) + costOf(entry) > account.balance) return null;
    return Math.min(this.floor(before), feeRate(entry));
  }

  /** Where a nonce is, or would have to be put. */
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
