import type { Transaction } from '../protocol/transaction.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import type { PoolEntry } from './account-queue.ts';

/** An entry that must leave, with the reason: `replaced`, `evicted` or a rule's code. */
export type Leaving = readonly [entry: PoolEntry, code: ErrorCode];

/** The waiting transactions of one kind. `room` is the number of bytes left in the mempool, below 0 where own transactions exceed it. */
export interface Pool<T extends Transaction> {
  /**
   * Makes the cheap checks of a new entry. The signature is checked later, because strangers may send any number of forgeries.
   * @returns the entries that the new entry replaces
   * @throws RuleError, TabchainError
   */
  check(entry: PoolEntry<T>, room: number): Leaving[];
  /**
   * Chooses the entries to evict for a new entry that passed {@link check} and has a valid signature. Changes nothing.
   * @throws TabchainError `mempool-full`
   */
  victimsOf(entry: PoolEntry<T>, room: number): Leaving[];
  /**
   * Checks a transaction that was valid earlier, without the accounts.
   * @returns the entries that it replaces; null where another transaction has its place
   * @throws RuleError, TabchainError
   */
  readmit(entry: PoolEntry<T>): Leaving[] | null;
  add(entry: PoolEntry<T>): void;
  remove(entry: PoolEntry<T>): void;
}
