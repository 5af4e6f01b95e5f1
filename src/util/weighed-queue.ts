/** Items taken from the front before the array is cut: cutting at each would move all that wait. */
const CUT_AT = 64;

/** What waits for its turn, in order, and how much of it there is. */
export class WeighedQueue<T> {
  readonly #items: (T | null)[] = [];
  readonly #weigh: (item: T) => number;
  #first = 0;
  #weight = 0;

  /** @param weigh the weight of an item, the same at each call */
  constructor(weigh: (item: T) => number) {
    this.#weigh = weigh;
  }

  /** Items that wait. */
  get size(): number {
    return this.#items.length - this.#first;
  }

  /** Of all that wait, together. */
  get weight(): number {
    return this.#weight;
  }

  /** The oldest; null where there is none. */
  get first(): T | null {
    return this.#items[this.#first] ?? null;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#weight += this.#weigh(item);
  }

  /** Takes the oldest; null where there is none. */
  shift(): T | null {
    const item = this.first;
    if (item === null) return null;
    this.#weight -= this.#weigh(item);
    // Or the array would keep the item alive until it is cut.
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
