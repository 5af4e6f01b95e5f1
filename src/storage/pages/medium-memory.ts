import { TabchainError } from '../../util/errors.ts';
import { chunkKey, logKey, type Batch, type ChunkRecord, type Control, type LogRecord, type Medium } from './medium.ts';

/** What survives a closed tab in tests and simulations. Several media may share it, as several tabs share a disk. */
export class MemoryRecords {
  control: Control | null = null;
  readonly chunks = new Map<number, ChunkRecord>();
  readonly log = new Map<number, LogRecord>();
  /** While set, updates fail with it and write nothing, as a full disk would. */
  failure: TabchainError | null = null;

  /** As when the person clears the browser's storage. */
  wipe(): void {
    this.control = null;
    this.chunks.clear();
    this.log.clear();
  }
}

/** A medium in memory, with the contract of the real one. */
export class MemoryMedium implements Medium {
  readonly #records: MemoryRecords;
  #closed = false;

  constructor(records: MemoryRecords = new MemoryRecords()) {
    this.#records = records;
  }

  async control(): Promise<Control | null> {
    this.#check();
    return this.#records.control;
  }

  async chunks(generation: number, from: number, count: number): Promise<ChunkRecord[]> {
    this.#check();
    return sorted(this.#records.chunks, chunkKey(generation, from), chunkKey(generation + 1, 0)).slice(0, count);
  }

  async log(sequence: number, part: number, count: number): Promise<LogRecord[]> {
    this.#check();
    return sorted(this.#records.log, logKey(sequence, part), Infinity).slice(0, count);
  }

  async update(decide: (control: Control | null) => Batch): Promise<void> {
    this.#check();
    const records = this.#records;
    const batch = decide(records.control);
    if (records.failure) throw records.failure;
    records.control = batch.control;
    for (const chunk of batch.chunks ?? []) records.chunks.set(chunkKey(chunk.generation, chunk.index), copied(chunk));
    for (const part of batch.log ?? []) records.log.set(logKey(part.sequence, part.part), copied(part));
    for (const [key, part] of records.log) if (part.sequence < (batch.dropLogBefore ?? 0)) records.log.delete(key);
    const kept = batch.keepGeneration;
    for (const [key, chunk] of records.chunks) if (kept !== undefined && chunk.generation !== kept) records.chunks.delete(key);
  }

  close(): void {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new TabchainError('storage-unavailable', 'The storage was closed.');
  }
}

const copied = <R extends { readonly bytes: Uint8Array }>(record: R): R => ({ ...record, bytes: Uint8Array.from(record.bytes) });

/** Copies of the records with keys in [from, to), in order. */
function sorted<R extends { readonly bytes: Uint8Array }>(records: ReadonlyMap<number, R>, from: number, to: number): R[] {
  const keys = [...records.keys()].filter((key) => key >= from && key < to).sort((a, b) => a - b);
  return keys.map((key) => copied(records.get(key)!));
}
