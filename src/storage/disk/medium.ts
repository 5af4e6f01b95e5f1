/** A piece of the database file as it was right after some commit. */
export interface ChunkRecord {
  /** The image that it belongs to; only the newest complete one counts. */
  readonly generation: number;
  /** Number of the piece. */
  readonly index: number;
  /** Number of the commit after which the bytes were taken: later parts of the log apply to them. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Over all of the above. */
  readonly checksum: number;
}

/** A part of the log: what one commit changed. */
export interface LogRecord {
  /** Number of the commit. */
  readonly sequence: number;
  /** Counted from 0, and how many there are. */
  readonly part: number;
  readonly parts: number;
  readonly bytes: Uint8Array;
  /** Over all of the above. */
  readonly checksum: number;
}

/** What was committed last. */
export interface Head {
  readonly sequence: number;
  /** The image that the log builds on. */
  readonly generation: number;
  /** Bytes of the database file. */
  readonly size: number;
  readonly height: number;
  readonly tip: string;
  /** First commit whose log is still needed. */
  readonly logFrom: number;
  /** Over the sequence of every chunk, so that one of another time is noticed. */
  readonly image: number;
  /** Over all of the above. */
  readonly checksum: number;
}

export interface Control {
  /** Token of whoever may write. */
  readonly owner: string;
  /** Null until the first image is complete. */
  readonly head: Head | null;
  /** Over the head; so a head that was lost differs from one that never was. Absent in what early versions wrote. */
  readonly checksum?: number;
}

/** What the stores of a medium hold, by number. */
export interface Stores {
  chunks: ChunkRecord;
  log: LogRecord;
}

export type Put = { [S in keyof Stores]: { readonly store: S; readonly key: number; readonly record: Stores[S] } }[keyof Stores];

/** All records of a store with keys in [from, to). */
export interface KeyRange {
  readonly store: keyof Stores;
  readonly from: number;
  readonly to: number;
}

/** A record as it is found; whether it is one of ours is yet to be seen (`records.ts`). */
export interface Entry {
  readonly key: number;
  readonly record: unknown;
}

/** What one transaction writes. */
export interface Batch {
  readonly control: Control;
  readonly puts: readonly Put[];
  readonly deletes: readonly KeyRange[];
}

/** Durable records with transactions: what a disk needs of IndexedDB, small enough to stand in for it. */
export interface Medium {
  /**
   * Null on a fresh (or wiped) medium.
   * @throws TabchainError `storage-unavailable`, `storage-silent`, `storage-damaged`
   */
  control(): Promise<unknown>;
  /**
   * The first `limit` records of a range of keys, in order; null in place of one that cannot be read.
   * @throws TabchainError `storage-unavailable`, `storage-silent`
   */
  read(store: keyof Stores, from: number, to: number, limit: number): Promise<Entry[]>;
  /**
   * One transaction: `decide` sees the control record inside it, and either all of its batch becomes durable or nothing.
   * @param decide synchronous; when it throws, nothing is written and its error is passed on
   * @throws TabchainError `storage-full`, `storage-unavailable`, `storage-failed`, `storage-silent`
   */
  update(decide: (control: unknown) => Batch): Promise<void>;
  /** Everything fails with `storage-unavailable` from now on. */
  close(): void;
}

// Pairs as one number each, which sorts as they do and stays below 2^53.

export const chunkKey = (generation: number, index: number): number => generation * 2 ** 24 + index;
export const logKey = (sequence: number, part: number): number => sequence * 2 ** 16 + part;
export const LAST_KEY = Number.MAX_SAFE_INTEGER;
