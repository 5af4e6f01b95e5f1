/** Items taken from the front before the array is cut, because a cut at each item would move all waiting items. */
const CUT_AT = 64;

/** A queue that knows the total weight of its items. */
export class WeighedQueue<T> {
  readonly #items: (T | null)[] = [];
  readonly #weigh: (item: T) => number;
  #first = 0;
  #weight = 0;

  /** @param weigh the weight of an item, the same at each call */
  constructor(weigh: (item: T) => number) {
    this.#weigh = weigh;
  }

  /** Number of items. */
  get size(): number {
    return this.#items.length - this.#first;
  }

  /** Total weight of the items. */
  get weight(): number {
    return this.#weight;
  }

  /** The oldest item; null in an empty queue. */
  get first(): T | null {
    return this.#items[this.#first] ?? null;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#weight += this.#weigh(item);
  }

  /** Removes and returns the oldest item; null in an empty queue. */
  shift(): T | null {
    const item = this.first;
    if (item === null) return null;
    this.#weight -= this.#weigh(item);
    // Without this, the array would keep the item alive until the next cut.
    this.#items[this.#first++] = null;
    if (this.#first >= CUT_AT && 2 * this.#first >= this.#items.length) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }

  clear(): void {
    this.#items.length = 0;
    this.#first = 0;
    this.#weight = 0;
  }
}

/** A queue of byte arrays, weighed by their length. */
export function byteQueue(): WeighedQueue<Uint8Array> {
  return new WeighedQueue<Uint8Array>(({ length }) => length);
}
