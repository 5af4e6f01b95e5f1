/** What the page and its workers tell each other: one request at a time, each with one answer. */
export type StoreRequest =
  /** Makes a database grow to this size and saves it; milliseconds of the save. */
  | { readonly type: 'grow'; readonly megabytes: number }
  /** Connects and saves so many blocks, one after another; milliseconds of each, and kilobytes written to the log by each. */
  | { readonly type: 'blocks'; readonly count: number }
  /** Connects blocks without waiting for the disk, as when catching up; milliseconds a block. */
  | { readonly type: 'catch-up'; readonly count: number }
  /** Saves as is done without any of this: the whole file, by `export()`; milliseconds. */
  | { readonly type: 'whole-file' }
  /** Milliseconds from nothing to a database that answers, and how many bytes the page takes then. */
  | { readonly type: 'open' }
  | { readonly type: 'size' };

export interface BlockTimes {
  readonly ms: number[];
  readonly kilobytes: number[];
}

export interface SizeAnswer {
  readonly bytes: number;
  /** Of all blocks, as they travel. */
  readonly encodedBytes: number;
}

/** What the benchmark may call in the page, as `window.lab`. */
export interface StoreLabApi {
  /** @param name of the database; each has a worker of its own */
  ask(name: string, request: StoreRequest): Promise<unknown>;
}
