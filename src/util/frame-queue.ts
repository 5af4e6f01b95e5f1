/** Frames taken from the front before the array is cut: cutting at each would move all that wait. */
const CUT_AT = 64;

/** Frames of one link that wait for their turn, in order. */
export class FrameQueue {
  readonly #frames: (Uint8Array | null)[] = [];
  #first = 0;

  get size(): number {
    return this.#frames.length - this.#first;
  }

  push(frame: Uint8Array): void {
    this.#frames.push(frame);
  }

  /** Takes the oldest; null where there is none. */
  shift(): Uint8Array | null {
    const frame = this.#frames[this.#first];
    if (!frame) return null;
    this.#frames[this.#first++] = null;
    if (this.#first >= CUT_AT && 2 * this.#first >= this.#frames.length) {
      this.#frames.splice(0, this.#first);
      this.#first = 0;
    }
    return frame;
  }

  clear(): void {
    this.#frames.length = 0;
    this.#first = 0;
  }
}
