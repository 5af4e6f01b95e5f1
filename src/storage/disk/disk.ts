import type { PageFile } from './page-file.ts';

/** A block that a database stands at. */
export interface SavedBlock {
  readonly height: number;
  /** Id of the block at that height, the tip. */
  readonly tip: string;
}

/** A database file at a block boundary. */
export interface Snapshot extends SavedBlock {
  readonly pages: PageFile;
}

export interface Persisted extends SavedBlock {
  /** Size of the database file. */
  readonly bytes: number;
  /** Number of the save; grows each time. */
  readonly sequence: number;
}

/** Where the chain outlives the tab. One tab owns it at a time: whoever opened it last. */
export interface Disk {
  /**
   * What was saved last, null when nothing ever was. The first save afterwards is cheap when it is of the very pages given here.
   * @throws TabchainError `storage-damaged` (the next save replaces everything), `storage-unavailable`
   */
  load(): Promise<Snapshot | null>;
  /**
   * What can still be read of a damaged file, zeros where nothing can; null when not even its size is known.
   * @throws TabchainError `storage-unavailable`
   */
  salvage(): Promise<PageFile | null>;
  /**
   * Makes the newest state durable: the pages written since the last save of the same file, or all of another file's. One at a time.
   * A failed save leaves what was durable before; calling again is the retry, with a backoff of the caller's.
   * @param snapshot called when the writing begins (and, while a whole file is written, again at its end); the blocks that came before
   *   that moment are part of the save, later ones are not
   * @returns what is durable now
   * @throws TabchainError `storage-not-owner` (another tab took over: stop), `storage-full`, `storage-unavailable`, `storage-failed`
   */
  save(snapshot: () => Snapshot): Promise<Persisted>;
  /** What is known to be durable, null before the first load or save. */
  persisted(): Persisted | null;
  /** Saves fail from now on; a save under way may still end. */
  close(): void;
}
