import type { ErrorCode } from '../../util/error-codes.ts';
import { errorCode, TabchainError } from '../../util/errors.ts';
import { applyDelta, encodeDelta } from './delta.ts';
import type { Disk, Persisted, Snapshot } from './disk.ts';
import { ImageState } from './image-state.ts';
import {
  chunkKey,
  LAST_KEY,
  logKey,
  type Batch,
  type ChunkRecord,
  type Head,
  type KeyRange,
  type LogRecord,
  type Medium,
  type Put,
} from './medium.ts';
import { chunkOfPage, PageFile, type DirtyPages } from './page-file.ts';
import { damaged, readImage, readLog } from './reading.ts';
import { chunkRecord, controlRecord, headRecord, logRecords, ownerIn, soundHead } from './records.ts';
import { gatherRemains } from './remains.ts';

/** Chunks written at once: enough to keep the disk busy, few enough that memory does not hold the file twice. */
const CHUNKS_AT_ONCE = 16;

/** Errors of a disk that takes no writes. Its records can still be read. */
const WRITE_REFUSED = new Set<ErrorCode>(['storage-full', 'storage-failed']);

/** Stored in place of a lost head. It is not a sound head, and differs from null, which means that nothing was ever saved. */
const LOST_HEAD = 'lost' as unknown as Head;

/** The known content of the medium. */
interface Known {
  readonly pages: PageFile;
  readonly head: Head;
  readonly image: ImageState;
}

/**
 * The disk on a transactional medium: an image of the database file in chunks, and a log of the changes since the chunks were written.
 * A save is one transaction that appends its changes to the log, whatever the size of the file. To bound the log, some saves also write
 * the oldest chunks again. Opening reads the chunks and applies the log in order.
 *
 * Every record has a checksum, saves have consecutive numbers, and the head has a checksum over the numbers of all chunks. So loading
 * notices a lost, torn, stale or altered record.
 */
export class PageDisk implements Disk {
  readonly #medium: Medium;
  readonly #owner: string;
  /** Whether the medium has this owner's token. */
  #owns = false;
  /** Null while the content is unknown: a save then writes the whole file. */
  #known: Known | null = null;
  #persisted: Persisted | null = null;

  private constructor(medium: Medium, owner: string) {
    this.#medium = medium;
    this.#owner = owner;
  }

  /**
   * Takes ownership: all saves of former owners then fail. A disk that takes no writes can still be read. On such a disk the first
   * successful save takes the ownership.
   * @param owner fencing token, different for every page load
   * @throws TabchainError `storage-unavailable`, `storage-silent`
   */
  static async open(medium: Medium, owner: string): Promise<PageDisk> {
    const disk = new PageDisk(medium, owner);
    try {
      await disk.#own();
      return disk;
    } catch (error) {
      if (WRITE_REFUSED.has(errorCode(error))) return disk;
      medium.close();
      throw error;
    }
  }

  async #own(): Promise<void> {
    const isLost = (await this.#medium.control()) === null && (await this.#holdsRecords());
    await this.#update((control) => {
      const head = isLost ? undefined : soundHead(control);
      // A lost head stays recorded as lost until the next save, even if the disk is opened again before that.
      const next = head === undefined ? LOST_HEAD : head;
      return { control: controlRecord(this.#owner, next), puts: [], deletes: [] };
    });
  }

  async #holdsRecords(): Promise<boolean> {
    const [chunks, log] = [await this.#medium.read('chunks', 0, LAST_KEY, 1), await this.#medium.read('log', 0, LAST_KEY, 1)];
    return chunks.length + log.length > 0;
  }

  async #update(decide: (control: unknown) => Batch): Promise<void> {
    await this.#medium.update(decide);
    this.#owns = true;
  }

  persisted(): Persisted | null {
    return this.#persisted;
  }

  close(): void {
    this.#medium.close();
  }

  async load(): Promise<Snapshot | null> {
    try {
      return await this.#load();
    } catch (error) {
      if (error instanceof TabchainError) throw error;
      // A record that makes the code throw is not a record that this program wrote.
      throw damaged('record', 0, error);
    }
  }

  async #load(): Promise<Snapshot | null> {
    const control = await this.#medium.control();
    const head = soundHead(control);
    if (head === undefined) throw damaged('head');
    if (head === null) {
      // The log begins only after the first image, so without a head there must be no log.
      const log = await this.#medium.read('log', 0, LAST_KEY, 1);
      if (log.length > 0 || (control === null && (await this.#holdsRecords()))) throw damaged('head');
      return null;
    }
    // Browsers keep the chunks in files and the log in a database, so reading both at once takes less time.
    const [chunks, log] = await Promise.all([readImage(this.#medium, head), readLog(this.#medium, head)]);
    const pages = PageFile.of(
      chunks.map(({ bytes }) => bytes),
      head.size,
    );
    const image = new ImageState(chunks.map(({ sequence }) => sequence));
    for (const { sequence, bytes } of log) applyDelta(pages, bytes, (page) => image.changed(page, sequence));
    this.#remember({ pages, head, image });
    return { pages, height: head.height, tip: head.tip };
  }

  async salvage(): Promise<PageFile | null> {
    return gatherRemains(this.#medium, soundHead(await this.#medium.control()) ?? null);
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

  // Saving

  /** Saves by one transaction that appends to the log. */
  async #append(known: Known, snapshot: () => Snapshot): Promise<Persisted> {
    let dirty: DirtyPages | null = null;
    let next: Known | null = null;
    try {
      await this.#update((control) => {
        this.#checkOwner(control);
        const head = soundHead(control);
        if (head?.sequence !== known.head.sequence || head.checksum !== known.head.checksum) throw notAsKnown();
        const current = snapshot();
        if (current.pages !== known.pages) throw notAsKnown();
        dirty = current.pages.takeDirty();
        const made = appended(known, dirty, current);
        next = made.next;
        return { control: controlRecord(this.#owner, made.next.head), ...made.batch };
      });
    } catch (error) {
      if (dirty) known.pages.giveBack(dirty);
      throw error;
    }
    return this.#remember(next!);
  }

  /**
   * Writes the whole file as a new image, some chunks at a time, while the node continues. The old image counts until the last
   * transaction, whose log contains the pages that changed meanwhile. The log contains whole pages, because a chunk may have been copied
   * before or after a change.
   */
  async #writeAll(snapshot: () => Snapshot): Promise<Persisted> {
    this.#known = null;
    const { pages } = snapshot();
    pages.takeDirty();
    const first = soundHead(await this.#medium.control());
    const generation = (first?.generation ?? 0) + 1;
    const sequence = Math.max(first?.sequence ?? 0, this.#persisted?.sequence ?? 0) + 2;
    const chunksOf = (from: number, to: number): ChunkRecord[] =>
      range(from, to).map((index) => chunkRecord({ generation, index, sequence: sequence - 1, bytes: pages.chunk(index) }));
    const check = (control: unknown): void => {
      this.#checkOwner(control);
      if (soundHead(control)?.checksum !== first?.checksum) throw failed('The storage was changed while it was being written.');
    };
    let written = 0;
    while (pages.chunkCount - written > CHUNKS_AT_ONCE) {
      await this.#update((control) => {
        check(control);
        const puts = chunksOf(written, written + CHUNKS_AT_ONCE).map(chunkPut);
        return { control: controlRecord(this.#owner, first === undefined ? LOST_HEAD : first), puts, deletes: [] };
      });
      written += CHUNKS_AT_ONCE;
    }
    let next: Known | null = null;
    await this.#update((control) => {
      check(control);
      const current = snapshot();
      if (current.pages !== pages) throw failed('Another database took the place of the one that was being written.');
      const chunks = chunksOf(written, pages.chunkCount);
      const since = new Map([...pages.takeDirty()].filter(([page]) => chunkOfPage(page) < written));
      const image = new ImageState(range(0, pages.chunkCount).map(() => sequence - 1));
      const log = logRecords(sequence, encodeDelta(pages, since, true));
      for (const page of since.keys()) image.changed(page, sequence);
      const head = headOf(current, generation, sequence, sequence, image);
      next = { pages, head, image };
      return {
        control: controlRecord(this.#owner, head),
        puts: [...chunks.map(chunkPut), ...log.map(logPut)],
        deletes: [
          logBefore(sequence),
          // Records of a state that was rolled back, and records under unused keys.
          { store: 'log', from: logKey(sequence + 1, 0), to: LAST_KEY },
          { store: 'chunks', from: 0, to: chunkKey(generation, 0) },
          { store: 'chunks', from: chunkKey(generation, pages.chunkCount), to: LAST_KEY },
        ],
      };
    });
    return this.#remember(next!);
  }

  #checkOwner(control: unknown): void {
    // A wiped medium has no owner. The state of this tab is then the best that exists.
    if (this.#owns && control !== null && ownerIn(control) !== this.#owner) {
      throw new TabchainError('storage-not-owner', 'Another tab has taken over the storage of this account.');
    }
  }

  #remember(known: Known): Persisted {
    this.#known = known;
    const { sequence, size, height, tip } = known.head;
    this.#persisted = { sequence, bytes: size, height, tip };
    return this.#persisted;
  }
}

/** The batch of a save, and the content of the medium after it. */
function appended(known: Known, dirty: DirtyPages, snapshot: Snapshot): { next: Known; batch: Omit<Batch, 'control'> } {
  const { pages } = known;
  const { generation } = known.head;
  const sequence = known.head.sequence + 1;
  const image = known.image.clone();
  const born = image.missing(pages.size);
  for (const chunk of born) image.taken(chunk, sequence);
  const changed = new Map([...dirty].filter(([page]) => !born.includes(chunkOfPage(page))));
  const log = logRecords(sequence, encodeDelta(pages, changed));
  for (const page of changed.keys()) image.changed(page, sequence);
  const bytes = log.reduce((sum, record) => sum + record.bytes.length, 0);
  const taken = [...born, ...image.takeOldest(sequence, bytes)];
  const chunks = taken.map((index) => chunkRecord({ generation, index, sequence, bytes: pages.chunk(index) }));
  const logFrom = image.logFrom(sequence + 1);
  const head = headOf(snapshot, generation, sequence, logFrom, image);
  const deletes = logFrom > known.head.logFrom ? [logBefore(logFrom)] : [];
  return { next: { pages, head, image }, batch: { puts: [...chunks.map(chunkPut), ...log.map(logPut)], deletes } };
}

function headOf({ pages, height, tip }: Snapshot, generation: number, sequence: number, logFrom: number, image: ImageState): Head {
  return headRecord({ generation, sequence, size: pages.size, height, tip, logFrom }, image.sequences);
}

const chunkPut = (record: ChunkRecord): Put => ({ store: 'chunks', key: chunkKey(record.generation, record.index), record });

const logPut = (record: LogRecord): Put => ({ store: 'log', key: logKey(record.sequence, record.part), record });

const logBefore = (sequence: number): KeyRange => ({ store: 'log', from: 0, to: logKey(sequence, 0) });

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function failed(message: string): TabchainError {
  return new TabchainError('storage-failed', message);
}

/** Used only in this file: the stored state is not the state after the last save, or the snapshot is of another file. */
const NOT_AS_KNOWN = 'storage-not-as-known';

function notAsKnown(): TabchainError {
  return new TabchainError(NOT_AS_KNOWN, 'The storage does not hold what was saved last.');
}
