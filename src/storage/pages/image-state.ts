import { CHUNK_BYTES, chunkCount, chunkOfPage } from './page-file.ts';

/** Commits since a chunk's bytes were taken that changed none of them. */
const CLEAN = Infinity;

/** While the log is shorter than this, no chunk is written again: a small database would be written whole with every block. */
const MIN_LOG_BYTES = CHUNK_BYTES;

/**
 * The log may grow to this share of the file; the longer it is, the fewer chunks are written again, and the longer opening takes: the log
 * is read at 60 MB a second, chunks at 200.
 */
const LOG_SHARE = 1 / 4;

/**
 * Chunks that a save writes again once the log is too long, some at a time: at 300 MB and 100 transactions a block every fifth save then
 * takes longer, instead of most of them.
 */
const CHUNKS_AT_ONCE = 4;

/** One more for so much of a save's own changes: as many as keep the log at its share, also while catching up. */
const DELTA_BYTES_PER_CHUNK = CHUNK_BYTES * LOG_SHARE;

/**
 * Which chunk of the stored image was taken when, and what of the log is therefore still needed. A log record is needed as long
 * as some chunk that it changes has not been written again since. So each commit writes the chunk that has waited longest when the
 * log has become too long: the log stays bounded, and no commit ever has to write everything.
 */
export class ImageState {
  /** Commit after which each chunk was taken. */
  readonly sequences: number[];
  /** First commit since then that changed the chunk. */
  readonly #dirtySince: number[];
  /** Bytes of the log by commit, oldest first. */
  readonly #log: { readonly sequence: number; readonly bytes: number }[];

  constructor(sequences: readonly number[], from?: ImageState) {
    this.sequences = [...sequences];
    this.#dirtySince = from ? [...from.#dirtySince] : sequences.map(() => CLEAN);
    this.#log = from ? [...from.#log] : [];
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

  logged(sequence: number, bytes: number): void {
    this.#log.push({ sequence, bytes });
  }

  /** Notes that a chunk is taken with commit `sequence`. */
  taken(chunk: number, sequence: number): void {
    this.sequences[chunk] = sequence;
    this.#dirtySince[chunk] = CLEAN;
  }

  /** First commit whose log is still needed. */
  logFrom(next: number): number {
    return this.#dirtySince.reduce((least, sequence) => Math.min(least, sequence), next);
  }

  /** Forgets the log before a commit. */
  dropped(before: number): void {
    while (this.#log.length > 0 && this.#log[0]!.sequence < before) this.#log.shift();
  }

  /**
   * Chunks to write again with commit `sequence`, which logs `deltaBytes` that are noted already; marks them as taken.
   * @param size of the file
   */
  takeOldest(sequence: number, deltaBytes: number, size: number): number[] {
    const chunks: number[] = [];
    if (this.#neededLogBytes(sequence + 1) <= Math.max(MIN_LOG_BYTES, size * LOG_SHARE)) return chunks;
    const limit = CHUNKS_AT_ONCE + Math.floor(deltaBytes / DELTA_BYTES_PER_CHUNK);
    while (chunks.length < limit) {
      const oldest = this.#dirtySince.indexOf(this.logFrom(sequence + 1));
      if (oldest < 0) break;
      chunks.push(oldest);
      this.taken(oldest, sequence);
    }
    return chunks;
  }

  #neededLogBytes(next: number): number {
    const from = this.logFrom(next);
    return this.#log.reduce((sum, { sequence, bytes }) => sum + (sequence < from ? 0 : bytes), 0);
  }

  /** Chunks that a file of this size has more than the image. */
  missing(size: number): number[] {
    const count = chunkCount(size);
    return Array.from({ length: Math.max(0, count - this.sequences.length) }, (_, i) => this.sequences.length + i);
  }
}
