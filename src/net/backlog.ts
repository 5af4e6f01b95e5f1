import { MAX_BACKLOG_BYTES, MAX_BACKLOG_FRAMES, MAX_TOTAL_BACKLOG_BYTES } from './peer-limits.ts';

/** What an array of its own takes beside its bytes: without it millions of tiny frames would weigh nothing. */
const FRAME_OVERHEAD_BYTES = 512;

interface Pile {
  frames: number;
  bytes: number;
}

/**
 * What has arrived on links and waits to be dealt with, counted for each and for all together. No link can be told to send less, so the one
 * that has too much waiting must go; and where all together have too much, the one that has most.
 */
export class Backlog<K> {
  readonly #piles = new Map<K, Pile>();
  #bytes = 0;

  /** Memory that everything waiting takes, nearly. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Counts a frame in.
   * @returns whose link has to be cut; null where there is room
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

  /** Counts frames out: `bytes` in all. */
  take(key: K, frames: number, bytes: number): void {
    const pile = this.#piles.get(key);
    if (!pile) return;
    pile.frames -= frames;
    pile.bytes -= bytes + frames * FRAME_OVERHEAD_BYTES;
    this.#bytes -= bytes + frames * FRAME_OVERHEAD_BYTES;
  }

  /** The link is gone and what waited with it. */
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
