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
  readonly head: Head | null;
}

/** What one transaction writes. */
export interface Batch {
  readonly control: Control;
  readonly chunks?: readonly ChunkRecord[];
  readonly log?: readonly LogRecord[];
  /** Removes every part of the log of earlier commits. */
  readonly dropLogBefore?: number;
  /** Removes every chunk of other generations. */
  readonly keepGeneration?: number;
}

/** Durable records with transactions: what a disk needs of IndexedDB, small enough to stand in for it. */
export interface Medium {
  /**
   * Null on a fresh (or wiped) medium.
   * @throws TabchainError `storage-unavailable`, as do the following
   */
  control(): Promise<Control | null>;
  /** At most `count` chunks of a generation, by index, from `from` up. */
  chunks(generation: number, from: number, count: number): Promise<ChunkRecord[]>;
  /** At most `count` parts of the log in order, from part `part` of commit `sequence` on. */
  log(sequence: number, part: number, count: number): Promise<LogRecord[]>;
  /**
   * One transaction: `decide` sees the control record inside it, and either all of its batch becomes durable or nothing.
   * @param decide synchronous; when it throws, nothing is written and its error is passed on
   * @throws TabchainError `storage-full`, `storage-unavailable`, `storage-failed`
   */
  update(decide: (control: Control | null) => Batch): Promise<void>;
  /** Everything fails with `storage-unavailable` from now on. */
  close(): void;
}

/** Keys are numbers: whole ones below 2^53 sort as the pairs that they stand for. */
export const chunkKey = (generation: number, index: number): number => generation * 2 ** 24 + index;
export const logKey = (sequence: number, part: number): number => sequence * 2 ** 16 + part;
