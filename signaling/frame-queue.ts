export interface Frame {
  readonly data: Uint8Array;
  readonly binary: boolean;
  /** Its length and the cost of a frame. */
  readonly weight: number;
  /** When it must have been taken out, by the clock of `performance.now()`. */
  readonly dueMs: number;
  /** What its sender has paid that its answer shall not cost, 0 for none. */
  readonly paid: number;
  next: Frame | null;
}

/** Frames in their order, as a chain: taking one out costs the same however many wait. */
export class FrameQueue {
  #first: Frame | null = null;
  #last: Frame | null = null;
  #weight = 0;

  get first(): Frame | null {
    return this.#first;
  }

  get weight(): number {
    return this.#weight;
  }

  push(frame: Frame): void {
    if (this.#last === null) this.#first = frame;
    else this.#last.next = frame;
    this.#last = frame;
    this.#weight += frame.weight;
  }

  shift(): Frame | null {
    const frame = this.#first;
    if (frame === null) return null;
    this.#first = frame.next;
    if (this.#first === null) this.#last = null;
    // Or a frame on its way would keep all behind it alive.
    frame.next = null;
    this.#weight -= frame.weight;
    return frame;
  }

  clear(): void {
    this.#first = this.#last = null;
    this.#weight = 0;
  }
}
