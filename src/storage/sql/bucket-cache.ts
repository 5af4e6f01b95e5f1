import type { AccountState } from '../../protocol/state-root.ts';

/** An account with the key by which rows of other tables refer to it. */
export interface AccountRow extends AccountState {
  readonly id: number;
}

/**
 * A cache of buckets in two generations: a bucket without reads while a generation fills up is dropped with its generation. The result is
 * almost as good as LRU, and a hit costs a single lookup. Each transaction causes several hits.
 */
export class BucketCache {
  readonly #capacity: number;
  #young = new Map<number, readonly AccountRow[]>();
  #old = new Map<number, readonly AccountRow[]>();
  #weight = 0;

  /** @param capacity of both generations together, in accounts; an empty bucket counts as 1, a large bucket at most as an eighth of it */
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

  /** A large bucket must not push out all others: it is read as rarely as they are, and it costs most to read again. */
  #weigh(rows: readonly AccountRow[] | undefined): number {
    return rows ? Math.min(Math.max(1, rows.length), Math.ceil(this.#capacity / 8)) : 0;
  }
}
