/** A set that drops its oldest members beyond `capacity`. */
export class BoundedSet {
  readonly #members = new Set<string>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#members.size;
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  /** Adds (or renews) a member. */
  add(member: string): void {
    this.#members.delete(member);
    this.#members.add(member);
    if (this.#members.size > this.#capacity) {
      for (const oldest of this.#members) {
        this.#members.delete(oldest);
        break;
      }
    }
  }

  delete(member: string): void {
    this.#members.delete(member);
  }

  clear(): void {
    this.#members.clear();
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#members.values();
  }
}
