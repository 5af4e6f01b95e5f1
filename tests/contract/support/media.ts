import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { deleteDatabase } from '../../../src/storage/disk/bounded-indexeddb.ts';
import { IndexedDbMedium } from '../../../src/storage/disk/medium-indexeddb.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import {
  LAST_KEY,
  type Batch,
  type ChunkRecord,
  type Control,
  type Entry,
  type LogRecord,
  type Medium,
  type Stores,
} from '../../../src/storage/disk/medium.ts';
import type { ErrorCode } from '../../../src/util/error-codes.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import type { Timers } from '../../../src/util/ports.ts';

/** A fault of a write: the write is refused, or is done but its answer is lost. */
export type Fault = 'refused' | 'answer-lost';

/** Passes calls on and records written batches; can delay updates or make them fail. */
export class FaultyMedium implements Medium {
  readonly #inner: Medium;
  readonly batches: Batch[] = [];
  /** Updates wait for this promise. */
  gate: Promise<void> = Promise.resolve();
  /** Fault of all updates from now on, and the code of refusals. */
  fault: Fault | null = null;
  code: ErrorCode = 'storage-full';
  /** Called after each update, to simulate the node's work meanwhile. */
  meanwhile: () => void = () => undefined;

  constructor(inner: Medium) {
    this.#inner = inner;
  }

  control(): Promise<unknown> {
    return this.#inner.control();
  }

  read(store: keyof Stores, from: number, to: number, limit: number): Promise<Entry[]> {
    return this.#inner.read(store, from, to, limit);
  }

  async update(decide: (control: unknown) => Batch): Promise<void> {
    await this.gate;
    let batch: Batch | null = null;
    const { fault } = this;
    await this.#inner.update((control) => {
      batch = decide(control);
      if (fault === 'refused') throw new TabchainError(this.code, 'Refused by the test.');
      return batch;
    });
    this.batches.push(batch!);
    this.meanwhile();
    if (fault === 'answer-lost') throw new TabchainError('storage-failed', 'The answer was lost by the test.');
  }

  close(): void {
    this.#inner.close();
  }
}

/** A place on disk that several tabs may open in turn. */
export interface Place {
  medium(): Medium;
  /** Clears the storage as a person can in the browser; open media lose their connection. */
  wipe(): Promise<void>;
}

export const TIMERS: Timers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs) as unknown as number,
  clear: (id) => clearTimeout(id),
};

/** All records of the log of an unaltered medium. */
export async function storedLog(medium: Medium): Promise<LogRecord[]> {
  return (await medium.read('log', 0, LAST_KEY, 10_000)).map(({ record }) => record as LogRecord);
}

export async function storedChunks(medium: Medium): Promise<ChunkRecord[]> {
  return (await medium.read('chunks', 0, LAST_KEY, 10_000)).map(({ record }) => record as ChunkRecord);
}

export async function storedControl(medium: Medium): Promise<Control> {
  return (await medium.control()) as Control;
}

export const NAME = 'tabchain test';

/** Every medium; a contract test runs on each. */
export const PLACES: Readonly<Record<string, () => Place>> = {
  'in memory': () => {
    const records = new MemoryRecords();
    return { medium: () => new MemoryMedium(records), wipe: async () => records.wipe() };
  },
  'in IndexedDB': () => {
    installKeyRange();
    const factory = new IDBFactory();
    return { medium: () => new IndexedDbMedium(factory, NAME, TIMERS), wipe: () => deleteDatabase(factory, NAME, TIMERS) };
  },
};

/** Makes IndexedDB's key ranges global, as in browsers, because Node has no IndexedDB. */
export function installKeyRange(): void {
  Object.assign(globalThis, { IDBKeyRange });
}
