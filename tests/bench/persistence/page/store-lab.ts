/** Messages between the page and its workers: one request at a time, each with one answer. */
export type StoreRequest =
  /** Grows a database to this size and saves it. Answer: milliseconds of the save. */
  | { readonly type: 'grow'; readonly megabytes: number }
  /** Connects and saves `count` blocks, one after another. Answer: {@link BlockTimes}. */
  | { readonly type: 'blocks'; readonly count: number }
  /** Connects blocks without waiting for the disk, as when catching up. Answer: milliseconds per block. */
  | { readonly type: 'catch-up'; readonly count: number }
  /** Saves the whole file by `export()`, as one would without a page disk. Answer: milliseconds. */
  | { readonly type: 'whole-file' }
  /** Connects blocks like `blocks`, and lets wa-sqlite apply and save the same. Answer: wa-sqlite's milliseconds for each. */
  | { readonly type: 'mirror'; readonly count: number }
  /** Opens the database in a fresh page until it answers queries. Answer: {@link Opened}. */
  | { readonly type: 'open' }
  /** After `open`: continues the benchmark's chain from the stored height. */
  | { readonly type: 'follow' }
  | { readonly type: 'size' };

export interface BlockTimes {
  readonly ms: number[];
  readonly kilobytes: number[];
  /** Chunks of the image that were written again with each block. */
  readonly chunks: number[];
}

export interface Opened {
  readonly ms: number;
  /** Size of the database. */
  readonly bytes: number;
}

export interface SizeAnswer {
  readonly bytes: number;
  /** Encoded size of all blocks. */
  readonly encodedBytes: number;
}

/** The functions that the benchmark calls in the page, as `window.lab`. */
export interface StoreLabApi {
  /** @param name of the database; each has its own worker */
  ask(name: string, request: StoreRequest): Promise<unknown>;
}
