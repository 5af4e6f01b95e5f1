import type { Transaction } from '../protocol/transaction.ts';
import type { PoolEntry } from './account-queue.ts';

/** An entry that has to leave, and why: `replaced`, `evicted` or a rule's code. */
export type Leaving = readonly [entry: PoolEntry, code: string];

/** Where transactions of some kinds wait. `room`: bytes left in the mempool; below 0 where own transactions have overfilled it. */
export interface Pool<T extends Transaction> {
  /**
   * Checks a newcomer without its signature: everything that costs little, because a stranger may send any number of forgeries.
   * @returns what it replaces
   * @throws RuleError, TabchainError
   */
  check(entry: PoolEntry<T>, room: number): Leaving[];
  /**
   * Makes room for a newcomer that passed {@link check} and is signed.
   * @returns what has to leave
   * @throws TabchainError `mempool-full`
   */
  victimsOf(entry: PoolEntry<T>, room: number): Leaving[];
  /**
   * Checks a transaction that was valid once, without looking at the accounts.
   * @returns what it replaces; null where its place is taken
   * @throws RuleError, TabchainError
   */
  readmit(entry: PoolEntry<T>): Leaving[] | null;
  add(entry: PoolEntry<T>): void;
  remove(entry: PoolEntry<T>): void;
}
