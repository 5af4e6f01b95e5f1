import type { PageFile } from './page-file.ts';

/** The tip of the chain in a database. */
export interface SavedBlock {
  readonly height: number;
  /** Id of the tip. */
  readonly tip: string;
}

/** A database file at a block boundary. */
export interface Snapshot extends SavedBlock {
  readonly pages: PageFile;
}

export interface Persisted extends SavedBlock {
  /** Size of the database file. */
  readonly bytes: number;
  /** Number of the save; each save has a larger number. */
  readonly sequence: number;
}

/** Durable storage of the chain. One tab owns the storage at a time: the tab that opened it last. */
export interface Disk {
  /**
   * Loads the last saved state, null when nothing was ever saved. If the first save afterwards is of the same pages, that save is cheap.
   * @throws TabchainError `storage-damaged` (the next save replaces everything), `storage-unavailable`
   */
  load(): Promise<Snapshot | null>;
  /**
   * Reads the readable part of a damaged file, with zeros in place of the rest; null where no part is readable.
   * @throws TabchainError `storage-unavailable`
   */
  salvage(): Promise<PageFile | null>;
  /**
   * Makes the newest state durable: the pages written since the last save of the same file, or all pages of another file. The caller must
   * wait for each save. A failed save keeps the last durable state; to retry, the caller calls again after a delay.
   * @param snapshot called when the writing begins and, when a whole file is written, again at its end; the save contains all blocks
   *   connected before the last call
   * @returns the durable state
   * @throws TabchainError `storage-not-owner` (another tab took over: stop), `storage-full`, `storage-unavailable`, `storage-failed`
   */
  save(snapshot: () => Snapshot): Promise<Persisted>;
  /** The last known durable state, null before the first load or save. */
  persisted(): Persisted | null;
  /** Makes all later saves fail. A save in progress may still succeed. */
  close(): void;
}
