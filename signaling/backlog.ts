/** The frames that wait for one socket. */
export interface Waiting {
  /** Bytes, including the fixed cost of each frame. */
  readonly weight: number;
  /** Immediately drops the largest part of the waiting frames. */
  shed(): void;
  /** Drops the frames that have waited too long. */
  sweep(nowMs: number): void;
}

/** The joint budget of all queues of outgoing frames. Over budget, the largest queue is cut, whichever queue grew last. */
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

  /** `owner` calls this after each change of its weight by `difference`. */
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
