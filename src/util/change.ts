/** Tells whether a value differs from the value before, by their JSON. */
export class Change {
  #last: string | null = null;

  /** The first value is new, too. */
  isNew(value: unknown): boolean {
    const text = JSON.stringify(value);
    if (text === this.#last) return false;
    this.#last = text;
    return true;
  }
}
