import type { Batch, Control, Entry, Medium, Stores } from '../../../src/storage/disk/medium.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import type { Prng } from './prng.ts';
import type { Owner, SimTime } from './time.ts';

/** One database of a simulated browser: the records that survive its tabs, and the faults of the disk. */
export class SimDisk {
  readonly records = new MemoryRecords();
  /** Code with which writes fail now; null while the disk is well. */
  failure: 'storage-full' | 'storage-failed' | null = null;
  /** Opening fails. */
  unavailable = false;
  /** Another tab has taken the database over and keeps it. */
  stolen = false;
  /** The write under way, which a crash may tear or lose. */
  pending: Batch | null = null;
  /** Called once when the next write begins. */
  onWrite: (() => void) | null = null;
  /** The records that the last acknowledged write replaced. Records themselves are never modified. */
  #before: Replaced | null = null;

  /** Begins with the records of another disk. Records are never modified, so both can have them. */
  copy({ control, stores }: MemoryRecords): void {
    this.records.control = control;
    for (const [key, record] of stores.chunks) this.records.stores.chunks.set(key, record);
    for (const [key, record] of stores.log) this.records.stores.log.set(key, record);
  }

  begin(batch: Batch): void {
    this.pending = batch;
    this.onWrite?.();
    this.onWrite = null;
  }

  commit(batch: Batch): void {
    this.#before = replacedBy(batch, this.records);
    this.records.apply(batch);
    this.pending = null;
  }

  /** The power fails: a write under way is lost, complete, or (on a broken disk) partial. */
  crash(rng: Prng, mayTear: boolean): 'clean' | 'torn' {
    const batch = this.pending;
    this.pending = null;
    if (!batch) return 'clean';
    if (mayTear && batch.puts.length > 0) {
      // Either all records but the first, or some records without the new control record.
      if (rng.chance(0.5)) this.records.apply({ ...batch, puts: batch.puts.slice(1) });
      else this.records.apply({ control: this.records.control!, puts: batch.puts.slice(0, rng.int(1, batch.puts.length)), deletes: [] });
      return 'torn';
    }
    if (rng.chance(0.5)) this.records.apply(batch);
    return 'clean';
  }

  /** Undoes the last acknowledged write, as if the disk had acknowledged it falsely. @returns whether there was one */
  loseLastWrite(): boolean {
    if (!this.#before) return false;
    this.records.control = this.#before.control;
    for (const { store, key, record } of this.#before.records) {
      const map = this.records.stores[store] as Map<number, Stores[keyof Stores]>;
      if (record) map.set(key, record);
      else map.delete(key);
    }
    this.#before = null;
    return true;
  }

  /** Another tab opens the database, so its former owner may no longer write. */
  steal(): void {
    if (this.records.control) this.records.control = { ...this.records.control, owner: 'another tab' };
    this.stolen = true;
  }

  /** Flips one random bit. @returns whether there was a record to change */
  rot(rng: Prng): boolean {
    const stores = Object.values(this.records.stores).filter((store) => store.size > 0) as Map<number, Stores[keyof Stores]>[];
    if (stores.length === 0) return false;
    const store = rng.pick(stores);
    const key = rng.pick([...store.keys()]);
    const record = store.get(key)!;
    const bytes = record.bytes.slice();
    bytes[rng.int(0, bytes.length - 1)]! ^= 1 << rng.int(0, 7);
    store.set(key, { ...record, bytes });
    return true;
  }

  /** The browser clears the site's data. */
  wipe(): void {
    this.records.wipe();
    this.#before = null;
  }
}

interface Replaced {
  readonly control: Control | null;
  readonly records: readonly { readonly store: keyof Stores; readonly key: number; readonly record: Stores[keyof Stores] | undefined }[];
}

function replacedBy({ puts, deletes }: Batch, { control, stores }: MemoryRecords): Replaced {
  const written = puts.map(({ store, key }) => ({ store, key }));
  const deleted = deletes.flatMap(({ store, from, to }) =>
    [...stores[store].keys()].filter((key) => key >= from && key < to).map((key) => ({ store, key })),
  );
  return { control, records: [...written, ...deleted].map(({ store, key }) => ({ store, key, record: stores[store].get(key) })) };
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

  async control(): Promise<unknown> {
    await this.#wait();
    return this.#disk.records.control;
  }

  async read(store: keyof Stores, from: number, to: number, limit: number): Promise<Entry[]> {
    await this.#wait();
    return new MemoryMedium(this.#disk.records).read(store, from, to, limit);
  }

  async update(decide: (control: unknown) => Batch): Promise<void> {
    await this.#wait();
    const batch = decide(this.#disk.records.control);
    this.#disk.begin(batch);
    await this.#wait();
    if (this.#disk.failure) {
      this.#disk.pending = null;
      throw new TabchainError(this.#disk.failure, 'The simulated disk refuses to write.');
    }
    this.#disk.commit(batch);
  }

  close(): void {
    this.#closed = true;
  }

  /** Each half of an access takes a few milliseconds, sometimes up to two seconds. */
  async #wait(): Promise<void> {
    if (this.#closed || this.#disk.unavailable) throw new TabchainError('storage-unavailable', 'The simulated disk cannot be reached.');
    const delayMs = this.#rng.chance(0.02) ? this.#rng.logarithmic(50, 2_000) : this.#rng.logarithmic(1, 20);
    return new Promise((resolve) => this.#time.schedule(this.#owner, resolve, delayMs));
  }
}
