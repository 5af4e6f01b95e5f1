import type { Batch, ChunkRecord, Control, Medium } from '../../../src/storage/medium.ts';
import { MemoryRecords } from '../../../src/storage/medium-memory.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import type { Prng } from './prng.ts';
import type { Owner, SimTime } from './time.ts';

/** One database of a simulated browser: what survives its tabs, and what is wrong with it. */
export class SimDisk {
  readonly records = new MemoryRecords();
  /** Code with which writes fail now, null while the disk is well. */
  failure: 'storage-full' | 'storage-failed' | null = null;
  /** Opening fails. */
  unavailable = false;
  /** A write that is under way: to be torn, or lost, by a crash. */
  pending: Batch | null = null;
  /** Undoes the last write that was acknowledged, as a disk does that lied about it. */
  #undo: { control: Control | null; chunks: Map<number, ChunkRecord> } | null = null;

  commit(batch: Batch): void {
    this.#undo = { control: this.records.control, chunks: new Map(this.records.chunks) };
    this.#put(batch, batch.chunks.length, true);
    this.pending = null;
  }

  /** @param count of the batch's chunks that reach the disk */
  #put({ control, chunks, deleted }: Batch, count: number, withControl: boolean): void {
    for (const [index, record] of chunks.slice(0, count)) this.records.chunks.set(index, record);
    if (!withControl) return;
    for (const index of deleted) this.records.chunks.delete(index);
    this.records.control = control;
  }

  /** The power fails: a write under way happens not at all, wholly, or (on a broken disk) in part. */
  crash(rng: Prng, mayTear: boolean): 'clean' | 'torn' {
    const batch = this.pending;
    this.pending = null;
    if (!batch) return 'clean';
    if (mayTear && batch.chunks.length > 0) {
      const withControl = rng.chance(0.5);
      this.#put(batch, withControl ? batch.chunks.length - 1 : Math.max(1, rng.int(0, batch.chunks.length)), withControl);
      return 'torn';
    }
    if (rng.chance(0.5)) this.#put(batch, batch.chunks.length, true);
    return 'clean';
  }

  /** @returns whether there was one */
  loseLastWrite(): boolean {
    if (!this.#undo) return false;
    this.records.control = this.#undo.control;
    this.records.chunks.clear();
    for (const [index, record] of this.#undo.chunks) this.records.chunks.set(index, record);
    this.#undo = null;
    return true;
  }

  /** Flips one bit somewhere. @returns whether there was anything to flip */
  rot(rng: Prng): boolean {
    const indexes = [...this.records.chunks.keys()];
    if (indexes.length === 0) return false;
    const index = rng.pick(indexes);
    const record = this.records.chunks.get(index)!;
    const bytes = record.bytes.slice();
    bytes[rng.int(0, bytes.length - 1)]! ^= 1 << rng.int(0, 7);
    this.records.chunks.set(index, { ...record, bytes });
    return true;
  }

  /** The browser clears the site's data. */
  wipe(): void {
    this.records.control = null;
    this.records.chunks.clear();
    this.#undo = null;
  }
}

/** A tab's connection to a {@link SimDisk}, with the latency of real writes. */
export class SimMedium implements Medium {
  readonly #disk: SimDisk;
  readonly #time: SimTime;
  readonly #owner: Owner;
  readonly #rng: Prng;
  #closed = false;

  constructor(disk: SimDisk, time: SimTime, owner: Owner, rng: Prng) {
    this.#disk = disk;
    this.#time = time;
    this.#owner = owner;
    this.#rng = rng;
  }

  async read(): Promise<{ control: Control | null; chunks: Map<number, ChunkRecord> }> {
    await this.#wait();
    const { control, chunks } = this.#disk.records;
    return { control, chunks: new Map(chunks) };
  }

  async update(decide: (control: Control | null) => Batch): Promise<Batch> {
    await this.#wait();
    const batch = decide(this.#disk.records.control);
    this.#disk.pending = batch;
    await this.#wait();
    if (this.#disk.failure) {
      this.#disk.pending = null;
      throw new TabchainError(this.#disk.failure, 'The simulated disk refuses to write.');
    }
    this.#disk.commit(batch);
    return batch;
  }

  close(): void {
    this.#closed = true;
  }

  /** Each half of an access takes a few milliseconds, now and then many. */
  #wait(): Promise<void> {
    if (this.#closed || this.#disk.unavailable) throw new TabchainError('storage-unavailable', 'The simulated disk cannot be reached.');
    const delayMs = this.#rng.chance(0.02) ? this.#rng.logarithmic(50, 2_000) : this.#rng.logarithmic(1, 20);
    return new Promise((resolve) => this.#time.schedule(this.#owner, resolve, delayMs));
  }
}
