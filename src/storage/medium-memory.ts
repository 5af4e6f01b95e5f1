import { TabchainError } from '../util/errors.ts';
import type { Batch, ChunkRecord, Control, Medium } from './medium.ts';

/** What survives a closed tab in tests and simulations. Several media may share it, as several tabs share a disk. */
export class MemoryRecords {
  control: Control | null = null;
  readonly chunks = new Map<number, ChunkRecord>();
  /** While set, updates fail with it and write nothing, as a full disk would. */
  failure: TabchainError | null = null;
}

/** A medium in memory, with the contract of the real one. */
export class MemoryMedium implements Medium {
  readonly #records: MemoryRecords;
  #closed = false;

  constructor(records: MemoryRecords = new MemoryRecords()) {
    this.#records = records;
  }

  async read(): Promise<{ control: Control | null; chunks: Map<number, ChunkRecord> }> {
    this.#check();
    return { control: this.#records.control, chunks: new Map(this.#records.chunks) };
  }

  async update(decide: (control: Control | null) => Batch): Promise<Batch> {
    this.#check();
    const batch = decide(this.#records.control);
    const { control, chunks, deleted } = batch;
    if (this.#records.failure) throw this.#records.failure;
    this.#records.control = control;
    for (const [index, { bytes, checksum }] of chunks) this.#records.chunks.set(index, { bytes: Uint8Array.from(bytes), checksum });
    for (const index of deleted) this.#records.chunks.delete(index);
    return batch;
  }

  close(): void {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new TabchainError('storage-unavailable', 'The storage was closed.');
  }
}
