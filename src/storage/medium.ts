/** A part of the database file. */
export interface ChunkRecord {
  readonly bytes: Uint8Array;
  readonly checksum: Uint8Array;
}

/** What was saved last. */
export interface Head {
  readonly sequence: number;
  /** Bytes of the database file. */
  readonly size: number;
  readonly height: number;
  readonly tip: string;
  /** Over the fields above and the checksums of all chunks. */
  readonly checksum: Uint8Array;
}

export interface Control {
  /** Token of whoever may write. */
  readonly owner: string;
  readonly head: Head | null;
}

export interface Batch {
  readonly control: Control;
  readonly chunks: readonly (readonly [number, ChunkRecord])[];
  /** Numbers of chunks to remove. */
  readonly deleted: readonly number[];
}

/** Durable records with transactions: what a disk needs of IndexedDB, small enough to stand in for it. */
export interface Medium {
  /**
   * Everything, as of one moment. `control` is null on a fresh (or wiped) medium.
   * @throws TabchainError `storage-unavailable`
   */
  read(): Promise<{ control: Control | null; chunks: Map<number, ChunkRecord> }>;
  /**
   * One transaction: `decide` sees the control record inside it, and either all of its batch becomes durable or nothing.
   * @param decide synchronous; when it throws, nothing is written and its error is passed on
   * @returns the batch, now durable
   * @throws TabchainError `storage-full`, `storage-unavailable`, `storage-failed`
   */
  update(decide: (control: Control | null) => Batch): Promise<Batch>;
  /** Everything fails with `storage-unavailable` from now on. */
  close(): void;
}
