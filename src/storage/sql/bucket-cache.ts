import type { AccountState } from '../../protocol/state-root.ts';

/** An account together with the key that rows of other tables refer to it by. */
export interface AccountRow extends AccountState {
  readonly id: number;
}

/**
 * Buckets of accounts in two generations: what is not asked for while a generation fills up is forgotten with it. Almost as good as
 * forgetting the least recently used one by one, and a hit, of which there are several for each transaction, costs a single look-up.
 */
export class BucketCache {
  readonly #capacity: number;
  #young = new Map<number, readonly AccountRow[]>();
  #old = new Map<number, readonly AccountRow[]>();
  #weight = 0;

  /** @param capacity of both generations together, in accounts; an empty bucket counts as one, a crowded one as an eighth of all */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(index: number): readonly AccountRow[] | undefined {
    const rows = this.#young.get(index);
    if (rows) return rows;
    const old = this.#old.get(index);
    if (old) this.set(index, old);
    return old;
  }

  set(index: number, rows: readonly AccountRow[]): void {
    this.#weight += this.#weigh(rows) - this.#weigh(this.#young.get(index));
    this.#young.set(index, rows);
    if (2 * this.#weight <= this.#capacity) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }

  delete(index: number): void {
    this.#weight -= this.#weigh(this.#young.get(index));
    this.#young.delete(index);
    this.#old.delete(index);
  }

  /** One crowded bucket must not push out all others: it is asked for as seldom as they are, and reading it again is the dearest. */
  #weigh(rows: readonly AccountRow[] | undefined): number {
    return rows ? Math.min(Math.max(1, rows.length), Math.ceil(this.#capacity / 8)) : 0;
  }
}
