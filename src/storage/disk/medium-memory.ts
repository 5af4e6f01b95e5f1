import { TabchainError } from '../../util/errors.ts';
import type { Batch, Control, Entry, Medium, Stores } from './medium.ts';

/** The records that survive a closed tab in tests and simulations. Several media may share them, as several tabs share a disk. */
export class MemoryRecords {
  control: Control | null = null;
  readonly stores: { readonly [S in keyof Stores]: Map<number, Stores[S]> } = { chunks: new Map(), log: new Map() };
  /** While set, updates fail with this error and write nothing, like a full disk. */
  failure: TabchainError | null = null;

  apply({ control, puts, deletes }: Batch): void {
    for (const { store, key, record } of puts) this.#put(store, key, { ...record, bytes: new Uint8Array(record.bytes) });
    for (const { store, from, to } of deletes) {
      for (const key of this.stores[store].keys()) if (key >= from && key < to) this.stores[store].delete(key);
    }
    this.control = control;
  }

  #put(store: keyof Stores, key: number, record: Stores[keyof Stores]): void {
    (this.stores[store] as Map<number, Stores[keyof Stores]>).set(key, record);
  }

  /** Clears everything, as a person can clear the browser's storage. */
  wipe(): void {
    this.control = null;
    for (const store of Object.values(this.stores)) store.clear();
  }
}

/** A medium in memory with the same contract as the medium in IndexedDB. */
export class MemoryMedium implements Medium {
  readonly #records: MemoryRecords;
  #closed = false;

  constructor(records: MemoryRecords = new MemoryRecords()) {
    this.#records = records;
  }

  async control(): Promise<unknown> {
    this.#check();
    return this.#records.control;
  }

  async read(store: keyof Stores, from: number, to: number, limit: number): Promise<Entry[]> {
    this.#check();
    const records: ReadonlyMap<number, Stores[keyof Stores]> = this.#records.stores[store];
    const keys = [...records.keys()].filter((key) => key >= from && key < to).sort((a, b) => a - b);
    return keys.slice(0, limit).map((key) => ({ key, record: copyOf(records.get(key)) }));
  }

  async update(decide: (control: unknown) => Batch): Promise<void> {
    this.#check();
    const batch = decide(this.#records.control);
    if (this.#records.failure) throw this.#records.failure;
    this.#records.apply(batch);
  }

  close(): void {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new TabchainError('storage-unavailable', 'The storage was closed.');
  }
}

/** A record with its own copy of the bytes, as reading from a disk returns it. The record may be anything. */
function copyOf(record: unknown): unknown {
  const bytes = (record as Stores[keyof Stores] | null | undefined)?.bytes;
  return bytes instanceof Uint8Array ? { ...(record as Stores[keyof Stores]), bytes: new Uint8Array(bytes) } : record;
}
