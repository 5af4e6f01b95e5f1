import type { AccountState } from '../protocol/state-root.ts';
import type { DecodedTransaction, Registration, Transfer } from '../protocol/transaction.ts';

export interface PoolEntry<T extends Transfer | Registration = Transfer | Registration> {
  readonly decoded: DecodedTransaction<T>;
  readonly own: boolean;
  readonly firstSeenMs: number;
  /**
   * Own, or returned by a reorganisation: while the balance does not cover it, it waits instead of being dropped, for what
   * pays for it may be on its way back into the chain too.
   */
  readonly patient: boolean;
}

export type TransferEntry = PoolEntry<Transfer>;

/** Smallest units a byte. */
export function feeRate({ decoded }: PoolEntry): number {
  return decoded.transaction.kind === 'transfer' ? decoded.transaction.fee / decoded.bytes.length : 0;
}

/** What a transfer takes from its sender. */
export function costOf({ decoded }: TransferEntry): number {
  return decoded.transaction.amount + decoded.transaction.fee;
}

/** The waiting transfers of one sender, one a nonce. */
export class AccountQueue {
  readonly #entries = new Map<number, TransferEntry>();

  get size(): number {
    return this.#entries.size;
  }

  at(nonce: number): TransferEntry | undefined {
    return this.#entries.get(nonce);
  }

  set(entry: TransferEntry): void {
    this.#entries.set(entry.decoded.transaction.nonce, entry);
  }

  delete(nonce: number): void {
    this.#entries.delete(nonce);
  }

  /** In order of nonce. */
  entries(): TransferEntry[] {
    return [...this.#entries.values()].sort((a, b) => a.decoded.transaction.nonce - b.decoded.transaction.nonce);
  }

  /** The first nonce from `nonce` on that no entry has. */
  freeNonce(nonce: number): number {
    let free = nonce;
    while (this.#entries.has(free)) free++;
    return free;
  }

  /** What all entries (with nonces below `end`) take together. */
  cost(end = Infinity): number {
    let sum = 0;
    for (const [nonce, entry] of this.#entries) if (nonce < end) sum += costOf(entry);
    return sum;
  }

  /** What the next block could take: without a gap from the account's nonce on, and paid for by what the account holds now. */
  executable(account: AccountState | undefined): TransferEntry[] {
    const ready: TransferEntry[] = [];
    if (!account?.registration) return ready;
    let left = account.balance;
    for (let nonce = account.nonce; ; nonce++) {
      const entry = this.#entries.get(nonce);
      if (!entry || costOf(entry) > left) return ready;
      left -= costOf(entry);
      ready.push(entry);
    }
  }
}
