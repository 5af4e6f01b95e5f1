/** What waits for one socket. */
export interface Waiting {
  /** Bytes, with the cost of each frame. */
  readonly weight: number;
  /** Drops the largest part of it at once. */
  shed(): void;
  /** Drops what has waited too long. */
  sweep(nowMs: number): void;
}

/** The joint budget of everything that waits for sockets to read it. Beyond it the largest queue shrinks, also when another one grew last. */
export class Backlog {
  readonly #maxWeight: number;
  readonly #waiting = new Set<Waiting>();
  #weight = 0;
  #shedding = false;

  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Called by `owner` whenever its weight has changed by `difference`. */
  changed(owner: Waiting, difference: number): void {
    this.#weight += difference;
    if (owner.weight > 0) this.#waiting.add(owner);
    else this.#waiting.delete(owner);
    if (this.#weight > this.#maxWeight && !this.#shedding) this.#shed();
  }

  sweep(nowMs: number): void {
    for (const owner of [...this.#waiting]) owner.sweep(nowMs);
  }

  #shed(): void {
    this.#shedding = true;
    while (this.#weight > this.#maxWeight) {
      let largest: Waiting | undefined;
      for (const owner of this.#waiting) if (owner.weight > (largest?.weight ?? 0)) largest = owner;
      largest?.shed();
    }
    this.#shedding = false;
  }
}
