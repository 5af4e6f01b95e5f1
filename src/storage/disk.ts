import { sha256 } from '../crypto/hash.ts';
import { concatBytes, equalBytes, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { ChunkRecord, Control, Head, Medium } from './medium.ts';

/** What a save has made durable. */
export interface SavedBlock {
  readonly height: number;
  /** Id of the block at that height, the tip. */
  readonly tip: string;
}

/** A database file at a block boundary. */
export interface Snapshot extends SavedBlock {
  readonly bytes: Uint8Array;
}

export interface Persisted extends SavedBlock {
  /** Size of the database file. */
  readonly bytes: number;
  /** Number of the save; grows by one each time. */
  readonly sequence: number;
}

/** Where the chain outlives the tab. One tab owns it at a time: whoever opened it last. */
export interface Disk {
  /**
   * What was saved last, null when nothing ever was.
   * @throws TabchainError `storage-damaged` (the next save replaces everything), `storage-unavailable`
   */
  load(): Promise<Snapshot | null>;
  /**
   * Makes the newest state durable. While one save is under way, further calls merge into the next one and share its promise.
   * A failed save leaves what was durable before; calling again is the retry, with a backoff of the caller's.
   * @param snapshot called when the writing begins
   * @returns what is durable now, which may be newer than at the call
   * @throws TabchainError `storage-not-owner` (another tab took over: stop), `storage-full`, `storage-unavailable`, `storage-failed`
   */
  save(snapshot: () => Snapshot): Promise<Persisted>;
  /** What is known to be durable, null before the first load or save. */
  persisted(): Persisted | null;
  /** Saves fail from now on; a save under way may still end. */
  close(): void;
}

/**
 * Bytes a record: fifteen pages of the database. Below 64 KiB, for browsers move larger values into files of their own, which a
 * crash may lose apart from the record; and not a page each, because the number of records is what a save costs.
 */
export const CHUNK_BYTES = 15 * 4096;

/**
 * The disk over a transactional medium: the database file cut into chunks, of which a save writes those that differ from the
 * last image. A head record commits to the checksums of all chunks, so a lost, stale or altered one is noticed when loading.
 */
export class ChunkDisk implements Disk {
  readonly #medium: Medium;
  readonly #owner: string;
  /** The image on the medium, null while unknown: then a save writes every chunk. */
  #image: Uint8Array | null = null;
  #checksums: Uint8Array[] = [];
  #headChecksum: Uint8Array | null = null;
  #persisted: Persisted | null = null;
  #snapshot: (() => Snapshot) | null = null;
  #current: Promise<unknown> = Promise.resolve();
  #queued: Promise<Persisted> | null = null;

  private constructor(medium: Medium, owner: string) {
    this.#medium = medium;
    this.#owner = owner;
  }

  /**
   * Takes ownership: any former owner's saves fail from now on.
   * @param owner fencing token, different for every page load
   * @throws TabchainError `storage-unavailable`, `storage-full`, `storage-failed`
   */
  static async open(medium: Medium, owner: string): Promise<ChunkDisk> {
    await medium.update((control) => ({ control: { owner, head: control?.head ?? null }, chunks: [], deleted: [] }));
    return new ChunkDisk(medium, owner);
  }

  async load(): Promise<Snapshot | null> {
    const { control, chunks } = await this.#medium.read();
    const head = control?.head;
    if (!head) return null;
    const image = new Uint8Array(head.size);
    const checksums: Uint8Array[] = [];
    for (let index = 0; index < chunkCount(head.size); index++) {
      const record = chunks.get(index);
      const expected = Math.min(CHUNK_BYTES, head.size - index * CHUNK_BYTES);
      if (record?.bytes.length !== expected || !equalBytes(chunkChecksum(index, record.bytes), record.checksum)) throw damaged(index);
      image.set(record.bytes, index * CHUNK_BYTES);
      checksums.push(record.checksum);
    }
    if (!equalBytes(headChecksum(head, checksums), head.checksum)) throw damaged(-1);
    this.#remember(image, checksums, head);
    return { bytes: image, height: head.height, tip: head.tip };
  }

  save(snapshot: () => Snapshot): Promise<Persisted> {
    this.#snapshot = snapshot;
    this.#queued ??= this.#afterCurrent();
    return this.#queued;
  }

  persisted(): Persisted | null {
    return this.#persisted;
  }

  close(): void {
    this.#medium.close();
  }

  async #afterCurrent(): Promise<Persisted> {
    // How the save before ended is its own callers' business. Waiting also gathers the commits of one turn into one save.
    await this.#current.catch(() => undefined);
    this.#queued = null;
    const writing = this.#write(this.#snapshot!());
    this.#current = writing;
    return writing;
  }

  async #write({ bytes, height, tip }: Snapshot): Promise<Persisted> {
    let checksums: Uint8Array[] = [];
    const { control } = await this.#medium.update((stored) => {
      // A wiped medium knows no owner; what this tab holds is then the best there is.
      if (stored && stored.owner !== this.#owner) throw notOwner();
      const base = this.#baseOf(stored);
      const chunks = changedChunks(bytes, base);
      checksums = this.#checksums.slice(0, base ? chunkCount(bytes.length) : 0);
      for (const [index, { checksum }] of chunks) checksums[index] = checksum;
      const head = { sequence: (stored?.head?.sequence ?? 0) + 1, size: bytes.length, height, tip };
      return {
        control: { owner: this.#owner, head: { ...head, checksum: headChecksum(head, checksums) } },
        chunks,
        deleted: surplus(bytes.length, stored?.head?.size ?? 0),
      };
    });
    return this.#remember(bytes, checksums, control.head!);
  }

  /** The image that the medium holds for sure: the one of this disk's last save or load, if nothing happened to it since. */
  #baseOf(control: Control | null): Uint8Array | null {
    const stored = control?.head;
    return stored && this.#headChecksum && equalBytes(stored.checksum, this.#headChecksum) ? this.#image : null;
  }

  #remember(image: Uint8Array, checksums: Uint8Array[], head: Head): Persisted {
    this.#image = image;
    this.#checksums = checksums;
    this.#headChecksum = head.checksum;
    this.#persisted = { height: head.height, tip: head.tip, bytes: head.size, sequence: head.sequence };
    return this.#persisted;
  }
}

const chunkCount = (size: number): number => Math.ceil(size / CHUNK_BYTES);

const chunkAt = (image: Uint8Array, index: number): Uint8Array => image.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);

function changedChunks(image: Uint8Array, base: Uint8Array | null): [number, ChunkRecord][] {
  const changed: [number, ChunkRecord][] = [];
  for (let index = 0; index < chunkCount(image.length); index++) {
    const chunk = chunkAt(image, index);
    if (base && equalBytes(chunk, chunkAt(base, index))) continue;
    // A copy, for cloning a view into a record would clone the whole image under it.
    const bytes = Uint8Array.from(chunk);
    changed.push([index, { bytes, checksum: chunkChecksum(index, bytes) }]);
  }
  return changed;
}

/** Chunks that a smaller file leaves behind. */
function surplus(newSize: number, oldSize: number): number[] {
  const from = chunkCount(newSize);
  return Array.from({ length: Math.max(0, chunkCount(oldSize) - from) }, (_, i) => from + i);
}

function chunkChecksum(index: number, bytes: Uint8Array): Uint8Array {
  return sha256(utf8(`${index} `), bytes);
}

function headChecksum({ sequence, size, height, tip }: Omit<Head, 'checksum'>, checksums: readonly Uint8Array[]): Uint8Array {
  return sha256(utf8(`${sequence} ${size} ${height} ${tip} `), concatBytes(...checksums));
}

function damaged(chunk: number): TabchainError {
  return new TabchainError('storage-damaged', 'The stored chain was damaged; it has to be fetched from the other tabs again.', { chunk });
}

function notOwner(): TabchainError {
  return new TabchainError('storage-not-owner', 'Another tab has taken over the storage of this account.');
}
