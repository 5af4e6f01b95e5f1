import { CHUNK_BYTES, chunkCount, chunkOfPage } from './page-file.ts';

/** Marks a chunk that no save has changed since the chunk was written. */
const CLEAN = Infinity;

/**
 * The log grows to this share of the file. With a longer log, fewer chunks are written again, but opening takes longer: the log is
 * read at 60 MB a second, chunks at 200. With a quarter, opening took a third longer, and a block of 100 transactions a fifth less.
 */
const LOG_SHARE = 1 / 8;

/** One chunk is written again for each of these amounts of log. After a round through all chunks, the log has its share of the file. */
const LOG_BYTES_PER_CHUNK = CHUNK_BYTES * LOG_SHARE;

/** Chunks are written in groups, because each save with a chunk takes longer: with 100 transactions a block only every third save does. */
const CHUNKS_AT_ONCE = 4;

/**
 * The save after which each chunk of the stored image was written, and therefore the part of the log that is still needed. A log record is
 * needed until every chunk that it changes has been written again. So the chunks that have waited longest are written again, a few at
 * a time and at a steady rate. The log stays bounded, and no save has to write the whole file.
 */
export class ImageState {
  /** The save after which each chunk was written. */
  readonly sequences: number[];
  /** The first save since then that changed each chunk. */
  readonly #dirtySince: number[];
  /** Bytes of log since the last group of chunks was written again. */
  #logBytes = 0;

  constructor(sequences: readonly number[], from?: ImageState) {
    this.sequences = [...sequences];
    this.#dirtySince = from ? [...from.#dirtySince] : sequences.map(() => CLEAN);
    if (from) this.#logBytes = from.#logBytes;
  }

  clone(): ImageState {
    return new ImageState(this.sequences, this);
  }

  /** Records that a save's log changes a page. Returns false where the chunk was written later and already contains the change. */
  changed(page: number, sequence: number): boolean {
    const chunk = chunkOfPage(page);
    if (sequence <= this.sequences[chunk]!) return false;
    this.#dirtySince[chunk] = Math.min(this.#dirtySince[chunk]!, sequence);
    return true;
  }

  /** The chunks of a file of this size that the image lacks. */
  missing(size: number): number[] {
    const count = chunkCount(size);
    return Array.from({ length: Math.max(0, count - this.sequences.length) }, (_, i) => this.sequences.length + i);
  }

  /** Records that save `sequence` writes a chunk. */
  taken(chunk: number, sequence: number): void {
    this.sequences[chunk] = sequence;
    this.#dirtySince[chunk] = CLEAN;
  }

  /** The first save whose log is still needed; `next` where no log is needed. */
  logFrom(next: number): number {
    return this.#dirtySince.reduce((least, sequence) => Math.min(least, sequence), next);
  }

  /** Records the log of save `sequence`. Chooses the chunks that this save writes again, and marks them as written. */
  takeOldest(sequence: number, logBytes: number): number[] {
    this.#logBytes += logBytes;
    const chunks: number[] = [];
    const count = Math.floor(this.#logBytes / LOG_BYTES_PER_CHUNK);
    if (count < CHUNKS_AT_ONCE) return chunks;
    this.#logBytes -= count * LOG_BYTES_PER_CHUNK;
    while (chunks.length < count) {
      const oldest = this.#dirtySince.indexOf(this.logFrom(sequence + 1));
      if (oldest < 0) break;
      chunks.push(oldest);
      this.taken(oldest, sequence);
    }
    return chunks;
  }
}
