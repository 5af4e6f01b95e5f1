import { errorCode, TabchainError } from '../../util/errors.ts';
import { applyDelta, encodeDelta } from './delta.ts';
import type { Disk, Persisted, Snapshot } from './disk.ts';
import { ImageState } from './image-state.ts';
import type { Batch, ChunkRecord, Control, Head, Medium } from './medium.ts';
import { chunkCount, chunkOfPage, type DirtyPages, type PageFile } from './page-file.ts';
import { chunkRecord, headRecord, imageSum, isSoundChunk, isSoundHead, isSoundLog, logRecords } from './records.ts';

/** Chunks read, or written, at once: enough to keep the disk busy, few enough not to hold the file in memory twice. */
const CHUNKS_AT_ONCE = 16;

/** Parts of the log read at once, about as many bytes. */
const PARTS_AT_ONCE = 256;

/** What the medium is known to hold. */
interface Known {
  readonly pages: PageFile;
  readonly head: Head;
  readonly image: ImageState;
}

/**
 * The disk over a transactional medium: an image of the database file in chunks, and a log of what the commits since changed
 * in its pages. A save is one transaction that appends its changes to the log, whatever the size of the file; now and then
 * it writes one chunk again, in turn, so that the log stays bounded. Opening reads the chunks and applies the log in order.
 *
 * Every record carries a checksum, every commit a number without gaps, and the head a checksum over the numbers of all
 * chunks: a lost, torn, stale or altered record is noticed when loading.
 */
export class PageDisk implements Disk {
  readonly #medium: Medium;
  readonly #owner: string;
  /** Null while unknown: then a save writes the whole file. */
  #known: Known | null = null;
  #persisted: Persisted | null = null;

  private constructor(medium: Medium, owner: string) {
    this.#medium = medium;
    this.#owner = owner;
  }

  /**
   * Takes ownership: any former owner's saves fail from now on.
   * @param owner fencing token, different for every page load
   * @throws TabchainError `storage-unavailable`, `storage-full`, `storage-failed`
   */
  static async open(medium: Medium, owner: string): Promise<PageDisk> {
    await medium.update((control) => ({ control: { owner, head: control?.head ?? null } }));
    return new PageDisk(medium, owner);
  }

  persisted(): Persisted | null {
    return this.#persisted;
  }

  close(): void {
    this.#medium.close();
  }

  async load(): Promise<Snapshot | null> {
    const head = (await this.#medium.control())?.head;
    if (!head) return null;
    if (!isSoundHead(head)) throw damaged('head');
    const chunks = await this.#readImage(head);
    const pages = PageFile_of(chunks, head.size);
    const image = new ImageState(chunks.map(({ sequence }) => sequence));
    await this.#replay(head, pages, image);
    this.#remember({ pages, head, image });
    return { pages, height: head.height, tip: head.tip };
  }

  async save(snapshot: () => Snapshot): Promise<Persisted> {
    if (this.#known) {
      try {
        return await this.#append(this.#known, snapshot);
      } catch (error) {
        if (errorCode(error) !== NOT_AS_KNOWN) throw error;
      }
    }
    return this.#writeAll(snapshot);
  }

  // Loading
}
