import { CHUNK_BYTES, chunkCount, chunkOfPage } from './page-file.ts';

/** A chunk that no commit has changed since its bytes were taken. */
const CLEAN = Infinity;

/**
 * The log grows to this share of the file. The longer it is, the fewer chunks are written again, and the longer opening takes: the log is
 * read at 60 MB a second, chunks at 200.
 */
const LOG_SHARE = 1 / 4;

/** One chunk is written again for so many bytes of log: after a round through all of them the log has its share of the file. */
const LOG_BYTES_PER_CHUNK = CHUNK_BYTES * LOG_SHARE;

/** So many at a time, for what it costs lies in the transaction: with 100 transactions a block every sixth save takes longer, not most of them. */
const CHUNKS_AT_ONCE = 4;

/**
 * Which chunk of the stored image was taken when, and what of the log is therefore still needed. A log record is needed as long
 * as some chunk that it changes has not been written again since. So the chunks that have waited longest are written again, a few at
 * a time and at a steady rate: the log stays bounded, and no commit ever has to write everything.
 */
export class ImageState {
  /** Commit after which each chunk was taken. */
  readonly sequences: number[];
  /** First commit since then that changed the chunk. */
  readonly #dirtySince: number[];
  /** Bytes of log since chunks were written again. */
  #logBytes = 0;

  constructor(sequences: readonly number[], from?: ImageState) {
    this.sequences = [...sequences];
    this.#dirtySince = from ? [...from.#dirtySince] : sequences.map(() => CLEAN);
    if (from) this.#logBytes = from.#logBytes;
  }

  clone(): ImageState {
    return new ImageState(this.sequences, this);
  }

  /** Notes a page that a commit's log changes. False: the chunk was taken later and has the change already. */
  changed(page: number, sequence: number): boolean {
    const chunk = chunkOfPage(page);
    if (sequence <= this.sequences[chunk]!) return false;
    this.#dirtySince[chunk] = Math.min(this.#dirtySince[chunk]!, sequence);
    return true;
  }

  /** Chunks that a file of this size has more than the image. */
  missing(size: number): number[] {
    const count = chunkCount(size);
    return Array.from({ length: Math.max(0, count - this.sequences.length) }, (_, i) => this.sequences.length + i);
  }

  /** Notes that a chunk is taken with commit `sequence`. */
  taken(chunk: number, sequence: number): void {
    this.sequences[chunk] = sequence;
    this.#dirtySince[chunk] = CLEAN;
  }

  /** First commit whose log is still needed; `next` where none is. */
  logFrom(next: number): number {
    return this.#dirtySince.reduce((least, sequence) => Math.min(least, sequence), next);
  }

  /** Notes the log of commit `sequence`, and chooses the chunks to write again with it; marks them as taken. */
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
