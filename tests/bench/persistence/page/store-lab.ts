/** What the page and its workers tell each other: one request at a time, each with one answer. */
export type StoreRequest =
  /** Makes a database grow to this size and saves it; milliseconds of the save. */
  | { readonly type: 'grow'; readonly megabytes: number }
  /** Connects and saves so many blocks, one after another; see {@link BlockTimes}. */
  | { readonly type: 'blocks'; readonly count: number }
  /** Connects blocks without waiting for the disk, as when catching up; milliseconds a block. */
  | { readonly type: 'catch-up'; readonly count: number }
  /** Saves as is done without any of this: the whole file, by `export()`; milliseconds. */
  | { readonly type: 'whole-file' }
  /** Connects blocks as `blocks` does, and lets wa-sqlite do and save the same; milliseconds of each there. */
  | { readonly type: 'mirror'; readonly count: number }
  /** In a page that has nothing in memory yet: from there to a database that answers. {@link Opened} */
  | { readonly type: 'open' }
  /** After `open`: the chain of the benchmark goes on from there. */
  | { readonly type: 'follow' }
  | { readonly type: 'size' };

export interface BlockTimes {
  readonly ms: number[];
  readonly kilobytes: number[];
  /** Chunks of the image that were written again with it. */
  readonly chunks: number[];
}

export interface Opened {
  readonly ms: number;
  /** Size of the database. */
  readonly bytes: number;
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
