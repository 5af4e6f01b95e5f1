import { assert } from '../../util/errors.ts';
import { FileSnapshot } from './file-snapshot.ts';

/** SQLite's page, fixed by the schema's PRAGMA: what is written and compared at once. */
export const PAGE_BYTES = 4096;

/**
 * The file is held in pieces of this size: growing never copies what is there, and a piece is the unit of the stored image.
 * Measured when opening 300 MB from IndexedDB: 2 s in pieces of 1 MiB, 7 to 11 s in pages.
 */
export const CHUNK_BYTES = 1 << 20;

/** What `length` answers while SQLite writes: room enough that nobody tries to enlarge it. */
const ENDLESS_BYTES = 2 ** 45;

const NO_BYTES = new Uint8Array(0);

/** Pieces of a file of `size` bytes. */
export const chunkCount = (size: number): number => Math.ceil(size / CHUNK_BYTES);

/** Number of the piece that holds a page. */
export const chunkOfPage = (page: number): number => Math.floor((page * PAGE_BYTES) / CHUNK_BYTES);

/** Pages written since some moment, by number from 0, each with its bytes at that moment (empty where it did not exist). */
export type DirtyPages = ReadonlyMap<number, Uint8Array>;

/**
 * The bytes of one database file, which SQLite reads and writes in place, and which remembers the pages written.
 *
 * sql.js hands the array that it is opened with to Emscripten's in-memory file system, and that keeps `data.slice()` as the content
 * of the file. An object whose `slice()` answers itself thereby becomes the content. From then on the file system calls `subarray`
 * to read, `set` to write, and looks at `length` to see whether the file must be enlarged; truncating alone would make it put an
 * array of its own in place, and SQLite truncates only when told to VACUUM. None of this is promised by sql.js, so `Sql`
 * checks that it holds and does without where it does not.
 */
export class PageFile {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #attached = false;
  #dirty = new Map<number, Uint8Array>();
  readonly #snapshots = new Set<FileSnapshot>();
  /** Calls of `set` so far, for noticing a commit that did not arrive here. */
  writes = 0;

  /**
   * @param chunks consecutive pieces, zeros where one is short; taken over, not copied, where they are whole
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

  /** A copy of a file that is in one piece. */
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

  /** A piece of the file as it is now, shorter at the end of the file; a view. */
  chunk(index: number): Uint8Array {
    return this.#chunks[index]!.subarray(0, Math.min(CHUNK_BYTES, this.#size - index * CHUNK_BYTES));
  }

  /** A page as it is now; a view, to write through only while the file is built up from storage. */
  page(number: number): Uint8Array {
    return this.subarray(number * PAGE_BYTES, Math.min(this.#size, (number + 1) * PAGE_BYTES));
  }

  /** A copy in one piece. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    for (let index = 0; index < this.#chunks.length; index++) bytes.set(this.chunk(index), index * CHUNK_BYTES);
    return bytes;
  }

  /** The file as it is now, to be read to its end while it changes. */
  snapshot(): FileSnapshot {
    const snapshot = new FileSnapshot(this, (closed) => this.#snapshots.delete(closed));
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  // What has changed

  /** The pages written since the last call, which then starts anew. */
  takeDirty(): DirtyPages {
    const taken = this.#dirty;
    this.#dirty = new Map();
    return taken;
  }

  /** Makes pages that were taken, and could not be kept, count as written still. */
  giveBack(taken: DirtyPages): void {
    // Of a page written again meanwhile, the older state is the one to compare with.
    for (const [page, before] of taken) this.#dirty.set(page, before);
  }

  /** Brings the file to what `bytes` says, page by page, so that only pages that differ count as written. */
  become(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const page = bytes.subarray(at, at + PAGE_BYTES);
      if (at >= this.#size || !samePage(page, this.page(at / PAGE_BYTES))) this.set(page, at);
    }
  }

  // What Emscripten's file system calls

  /** Whether SQLite works on this object: the file system has asked for its copy. */
  get attached(): boolean {
    return this.#attached;
  }

  /** Lets go of a database that was closed, so that another can be opened on the same bytes. */
  detach(): void {
    this.#attached = false;
  }

  get length(): number {
    return this.#attached ? ENDLESS_BYTES : this.#size;
  }

  /** Asked for to tell whether the bytes are SQLite's own memory, which they are not. */
  get buffer(): ArrayBufferLike {
    return NO_BYTES.buffer;
  }

  slice(): this {
    this.#attached = true;
    return this;
  }

  /** A view within a chunk, as every read of SQLite is; else a copy. */
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
