import { assert } from '../../util/errors.ts';
import { FileSnapshot } from './file-snapshot.ts';

/** Size of SQLite's pages, fixed by the schema's PRAGMA: the unit of writes and comparisons. */
export const PAGE_BYTES = 4096;

/**
 * The file is held in chunks of this size, so that growing never copies the existing bytes. A chunk is the unit of the stored image.
 * Opening 300 MB from IndexedDB took 2 s in chunks of 1 MiB, and 7 to 11 s in pages.
 */
export const CHUNK_BYTES = 1 << 20;

/** The `length` that Emscripten sees: large enough that the file system never tries to enlarge the file. */
const ENDLESS_BYTES = 2 ** 45;

const NO_BYTES = new Uint8Array(0);

/** Number of chunks in a file of `size` bytes. */
export const chunkCount = (size: number): number => Math.ceil(size / CHUNK_BYTES);

/** Number of the chunk that contains a page. */
export const chunkOfPage = (page: number): number => Math.floor((page * PAGE_BYTES) / CHUNK_BYTES);

/** Pages written since some moment, by number from 0, each with its bytes at that moment (empty for a new page). */
export type DirtyPages = ReadonlyMap<number, Uint8Array>;

/**
 * The bytes of one database file. SQLite reads and writes them in place, and the object remembers the written pages.
 *
 * sql.js passes the array that it is opened with to Emscripten's in-memory file system, which keeps `data.slice()` as the content of
 * the file. So an object whose `slice()` returns the object itself becomes the content. From then on the file system calls `subarray` to
 * read and `set` to write, and reads `length` to see whether the file must grow. Only a truncation would replace the content by another
 * array, and SQLite truncates only on VACUUM. sql.js promises none of this, so `DatabaseFile` checks these assumptions and works without
 * them where they fail.
 */
export class PageFile {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #attached = false;
  #dirty = new Map<number, Uint8Array>();
  readonly #snapshots = new Set<FileSnapshot>();
  /** Number of calls of `set`, to notice a commit that did not arrive here. */
  writes = 0;

  /**
   * @param chunks consecutive chunks; a short chunk is filled with zeros; whole chunks are used in place, not copied
   * @param size bytes of the file
   */
  static of(chunks: readonly Uint8Array[], size: number): PageFile {
    const file = new PageFile();
    for (const chunk of chunks) {
      const whole = chunk.length === CHUNK_BYTES && chunk.byteLength === chunk.buffer.byteLength;
      file.#chunks.push(whole ? chunk : grown(chunk));
    }
    assert(file.#chunks.length === chunkCount(size), 'The pieces of a file do not make up its size.');
    file.#size = size;
    return file;
  }

  /** Copies a file from one array. */
  static from(bytes: Uint8Array): PageFile {
    const parts = Array.from({ length: chunkCount(bytes.length) }, (_, i) => bytes.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
    return PageFile.of(parts, bytes.length);
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  /** A view of a chunk. The last chunk ends with the file. */
  chunk(index: number): Uint8Array {
    return this.#chunks[index]!.subarray(0, Math.min(CHUNK_BYTES, this.#size - index * CHUNK_BYTES));
  }

  /** A view of a page. Only loading from storage may write to the view. */
  page(number: number): Uint8Array {
    return this.subarray(number * PAGE_BYTES, Math.min(this.#size, (number + 1) * PAGE_BYTES));
  }

  /** A copy of the file in one array. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    for (let index = 0; index < this.#chunks.length; index++) bytes.set(this.chunk(index), index * CHUNK_BYTES);
    return bytes;
  }

  /** A snapshot of the present file, which the caller can read while the file changes. */
  snapshot(): FileSnapshot {
    const snapshot = new FileSnapshot(this, (closed) => this.#snapshots.delete(closed));
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  // Dirty pages

  /** Returns the pages written since the last call, and clears the list. */
  takeDirty(): DirtyPages {
    const taken = this.#dirty;
    this.#dirty = new Map();
    return taken;
  }

  /** Marks pages from `takeDirty` as written again, because they could not be saved. */
  giveBack(taken: DirtyPages): void {
    // For a page that was written again meanwhile, the next save must compare with the older bytes.
    for (const [page, before] of taken) this.#dirty.set(page, before);
  }

  /** Copies `bytes` into the file page by page, so that only pages that differ count as written. */
  become(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const page = bytes.subarray(at, at + PAGE_BYTES);
      if (at >= this.#size || !samePage(page, this.page(at / PAGE_BYTES))) this.set(page, at);
    }
  }

  // The interface that Emscripten's file system uses

  /** Whether SQLite works on this object: the file system has called `slice`. */
  get attached(): boolean {
    return this.#attached;
  }

  /** Must be called after the database was closed. Another database can then be opened on the same bytes. */
  detach(): void {
    this.#attached = false;
  }

  get length(): number {
    return this.#attached ? ENDLESS_BYTES : this.#size;
  }

  /** The file system compares this buffer with SQLite's memory, and they must differ. */
  get buffer(): ArrayBufferLike {
    return NO_BYTES.buffer;
  }

  slice(): this {
    this.#attached = true;
    return this;
  }

  /** A view where the range lies in one chunk, as for every read of SQLite; otherwise a copy. */
  subarray(start: number, end: number): Uint8Array {
    const index = Math.floor(start / CHUNK_BYTES);
    const offset = start - index * CHUNK_BYTES;
    const length = Math.min(end, this.#size) - start;
    if (length <= 0) return NO_BYTES;
    if (offset + length <= CHUNK_BYTES) return this.#chunks[index]!.subarray(offset, offset + length);
    const copy = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const part = this.subarray(start + at, Math.min(start + length, (Math.floor((start + at) / CHUNK_BYTES) + 1) * CHUNK_BYTES));
      copy.set(part, at);
      at += part.length;
    }
    return copy;
  }

  set(bytes: Uint8Array, position: number): void {
    this.writes++;
    const last = Math.floor((position + bytes.length - 1) / PAGE_BYTES);
    for (let page = Math.floor(position / PAGE_BYTES); page <= last; page++) {
      if (!this.#dirty.has(page)) this.#dirty.set(page, this.page(page).slice());
    }
    this.#write(position, bytes);
  }

  #write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    while (this.#chunks.length * CHUNK_BYTES < end) this.#chunks.push(new Uint8Array(CHUNK_BYTES));
    for (let at = position; at < end;) {
      const index = Math.floor(at / CHUNK_BYTES);
      const until = Math.min(end, (index + 1) * CHUNK_BYTES);
      for (const snapshot of this.#snapshots) snapshot.changing(index);
      this.#chunks[index]!.set(bytes.subarray(at - position, until - position), at - index * CHUNK_BYTES);
      at = until;
    }
    this.#size = Math.max(this.#size, end);
  }
}

function grown(chunk: Uint8Array): Uint8Array {
  const whole = new Uint8Array(CHUNK_BYTES);
  whole.set(chunk);
  return whole;
}

function samePage(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
