/** A chunk of the database file as it was right after a save. */
export interface ChunkRecord {
  /** Generation of the chunk's image. Only the newest complete image counts. */
  readonly generation: number;
  /** Number of the chunk. */
  readonly index: number;
  /** Number of the save after which the bytes were copied. Later parts of the log apply to the chunk. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Over all fields above. */
  readonly checksum: number;
}

/** A part of the log: changes of one save. */
export interface LogRecord {
  /** Number of the save. */
  readonly sequence: number;
  /** Number of the part in this save, from 0. */
  readonly part: number;
  /** Number of parts of this save. */
  readonly parts: number;
  readonly bytes: Uint8Array;
  /** Over all fields above. */
  readonly checksum: number;
}

/** The state after the last save. */
export interface Head {
  /** Number of the save. */
  readonly sequence: number;
  /** The image that the log builds on. */
  readonly generation: number;
  /** Bytes of the database file. */
  readonly size: number;
  readonly height: number;
  readonly tip: string;
  /** First save whose log is still needed. */
  readonly logFrom: number;
  /** Checksum over the sequences of all chunks, so that a stale chunk is noticed. */
  readonly image: number;
  /** Over all fields above. */
  readonly checksum: number;
}

export interface Control {
  /** Fencing token of the page load that may write. */
  readonly owner: string;
  /** Null until the first image is complete. */
  readonly head: Head | null;
  /** Over the head, so that a lost head differs from a head that never existed. Early versions wrote no checksum. */
  readonly checksum?: number;
}

/** The record type of each store. Keys are numbers. */
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

/** A record as it was read, not checked yet (`records.ts`). */
export interface Entry {
  readonly key: number;
  readonly record: unknown;
}

/** The writes of one transaction. */
export interface Batch {
  readonly control: Control;
  readonly puts: readonly Put[];
  readonly deletes: readonly KeyRange[];
}

/** Durable records with transactions: the few operations of IndexedDB that a disk needs, so that tests can replace it. */
export interface Medium {
  /**
   * The control record, null on a new (or wiped) medium.
   * @throws TabchainError `storage-unavailable`, `storage-silent`, `storage-damaged`
   */
  control(): Promise<unknown>;
  /**
   * The first `limit` records of a range of keys, in order, with null in place of an unreadable record.
   * @throws TabchainError `storage-unavailable`, `storage-silent`
   */
  read(store: keyof Stores, from: number, to: number, limit: number): Promise<Entry[]>;
  /**
   * Runs one transaction: `decide` gets the control record, and either its whole batch becomes durable or nothing.
   * @param decide must be synchronous; when it throws, nothing is written, and `update` rejects with the same error
   * @throws TabchainError `storage-full`, `storage-unavailable`, `storage-failed`, `storage-silent`
   */
  update(decide: (control: unknown) => Batch): Promise<void>;
  /** Makes all later calls fail with `storage-unavailable`. */
  close(): void;
}

// Each key combines a pair in one number, which sorts like the pair and stays below 2^53.

export const chunkKey = (generation: number, index: number): number => generation * 2 ** 24 + index;
export const logKey = (sequence: number, part: number): number => sequence * 2 ** 16 + part;
export const LAST_KEY = Number.MAX_SAFE_INTEGER;
