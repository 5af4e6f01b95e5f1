import { MAX_BACKLOG_BYTES, MAX_BACKLOG_FRAMES, MAX_TOTAL_BACKLOG_BYTES } from './peer-limits.ts';

/** Memory of an array in addition to its bytes; without this, millions of tiny frames would count as nothing. */
const FRAME_OVERHEAD_BYTES = 512;

interface Pile {
  frames: number;
  bytes: number;
}

/**
 * Counts the frames that wait, for each link and for all together. A link cannot be told to send less, so a link with too many waiting
 * bytes is cut. If all links together have too many, the link with most is cut.
 */
export class Backlog<K> {
  readonly #piles = new Map<K, Pile>();
  #bytes = 0;

  /** Approximate memory of all waiting frames. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Counts an arrived frame.
   * @returns the key of the link to cut; null if there is room
   */
  add(key: K, length: number): K | null {
    let pile = this.#piles.get(key);
    if (!pile) this.#piles.set(key, (pile = { frames: 0, bytes: 0 }));
    pile.frames++;
    pile.bytes += length + FRAME_OVERHEAD_BYTES;
    this.#bytes += length + FRAME_OVERHEAD_BYTES;
    if (pile.frames > MAX_BACKLOG_FRAMES || pile.bytes > MAX_BACKLOG_BYTES) return key;
    return this.#bytes > MAX_TOTAL_BACKLOG_BYTES ? this.#largest() : null;
  }

  /** Counts frames that were taken, together `bytes` long. */
  take(key: K, frames: number, bytes: number): void {
    const pile = this.#piles.get(key);
    if (!pile) return;
    pile.frames -= frames;
    pile.bytes -= bytes + frames * FRAME_OVERHEAD_BYTES;
    this.#bytes -= bytes + frames * FRAME_OVERHEAD_BYTES;
  }

  /** Removes a closed link and its waiting frames. */
  drop(key: K): void {
    this.#bytes -= this.#piles.get(key)?.bytes ?? 0;
    this.#piles.delete(key);
  }

  #largest(): K | null {
    let largest: [K, Pile] | null = null;
    for (const entry of this.#piles) if (largest === null || entry[1].bytes > largest[1].bytes) largest = entry;
    return largest && largest[0];
  }
}
