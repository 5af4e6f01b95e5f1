import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { deleteDatabase } from '../../../src/storage/disk/indexeddb.ts';
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
import { TabchainError } from '../../../src/util/errors.ts';
import type { Timers } from '../../../src/util/ports.ts';

/** What a write can meet: it is refused, or it happens and the answer is lost on the way. */
export type Fault = 'refused' | 'answer-lost';

/** Passes calls on and remembers what was written; can hold an update back, or let it fail. */
export class FaultyMedium implements Medium {
  readonly #inner: Medium;
  readonly batches: Batch[] = [];
  /** Updates wait for it. */
  gate: Promise<void> = Promise.resolve();
  /** What updates meet from now on, and with which code they are refused. */
  fault: Fault | null = null;
  code = 'storage-full';
  /** Called after each update: what the node does meanwhile. */
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

/** A place on disk, which several tabs may open in turn. */
export interface Place {
  medium(): Medium;
  /** As when the person clears the browser's storage; open media lose their connection. */
  wipe(): Promise<void>;
}

export const TIMERS: Timers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs) as unknown as number,
  clear: (id) => clearTimeout(id),
};

/** All there is, where nothing was altered. */
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

/** Every medium there is; a contract test runs on each of them. */
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

/** Node has no IndexedDB; its key ranges are global in browsers. */
export function installKeyRange(): void {
  Object.assign(globalThis, { IDBKeyRange });
}
