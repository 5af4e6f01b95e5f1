import { errorCode, TabchainError } from '../../util/errors.ts';
import { resultOf, silent } from '../../util/indexeddb.ts';
import type { Timers } from '../../util/ports.ts';
import { within } from '../../util/within.ts';
import { completed, deleteDatabase, failureOf, OPENING_MS } from './bounded-indexeddb.ts';
import { readRecords, storedRecord } from './chunk-blobs.ts';
import type { Batch, Entry, Medium, Stores } from './medium.ts';
import { beginNewLog } from './new-log.ts';

const CONTROL = 'control';
const STORES: readonly (keyof Stores | typeof CONTROL)[] = [CONTROL, 'chunks', 'log'];
/**
 * Version of the object stores, not of the SQLite schema. Version 1 stored the file in chunks without a log. It was never released, so
 * its databases are emptied, and the chain comes from the peers again.
 */
const STORES_VERSION = 2;

/**
 * After this many failed writes in a row, the connection is opened again: even when the disk has room again, the old connection does not
 * recover. An earlier attempt would be dangerous, because Chromium may delete everything when it opens its log on a full disk.
 */
const FAILURES_A_CONNECTION = 4;

/**
 * Records in IndexedDB. If the browser closes the connection (storage wiped, database deleted elsewhere), the next call opens a new one.
 * That call finds an empty database, and the disk writes everything again.
 */
export class IndexedDbMedium implements Medium {
  readonly #factory: IDBFactory;
  readonly #name: string;
  #database: IDBDatabase | null = null;
  /** A connection that is being opened, however long the browser takes. */
  #connecting: Promise<IDBDatabase> | null = null;
  readonly #timers: Timers;
  readonly #onLate: () => void;
  #isLate = false;
  #closed = false;
  /** Number of refused writes and closed connections since the last new log: the browser's log may be torn. */
  #failures = 0;
  /** False after a failed write with Blobs: a private window of WebKit stores none. The next save then tries without. */
  #storesBlobs = true;

  /**
   * @param factory `indexedDB` of the browser, or a replacement in tests
   * @param onLate called when the browser opens the database after the time limit
   */
  constructor(factory: IDBFactory, name: string, timers: Timers, onLate: () => void = () => undefined) {
    this.#factory = factory;
    this.#name = name;
    this.#timers = timers;
    this.#onLate = onLate;
  }

  control(): Promise<unknown> {
    return this.#ask(CONTROL, (store) => {
      const stored = store.get(CONTROL);
      return () => stored.result ?? null;
    });
  }

  async read(store: keyof Stores, from: number, to: number, limit: number): Promise<Entry[]> {
    const range = IDBKeyRange.bound(from, to, false, true);
    const keysIn = (objects: IDBObjectStore): IDBRequest<IDBValidKey[]> => objects.getAllKeys(range, limit);
    try {
      const entries = await this.#ask(store, (objects) => {
        const [keys, records] = [keysIn(objects), objects.getAll(range, limit)];
        return () => keys.result.map((key, i) => ({ key: key as number, record: records.result[i] as unknown }));
      });
      return await readRecords(entries, this.#timers);
    } catch (error) {
      if (errorCode(error) !== 'storage-damaged') throw error;
    }
    // One unreadable record makes the whole request fail, so each record is read by its own request.
    const keys = await this.#ask(store, (objects) => {
      const found = keysIn(objects);
      return () => found.result as number[];
    });
    const entries: Entry[] = [];
    for (const key of keys) entries.push({ key, record: await this.#readOne(store, key) });
    return readRecords(entries, this.#timers);
  }

  async #readOne(store: keyof Stores, key: number): Promise<unknown> {
    try {
      return await this.#ask(store, (objects) => {
        const found = objects.get(key);
        return () => found.result as unknown;
      });
    } catch (error) {
      if (errorCode(error) !== 'storage-damaged') throw error;
      return null;
    }
  }

  async update(decide: (control: unknown) => Batch): Promise<void> {
    // The log may be torn. Data written to a torn log is not durable, because the next start of the browser may delete it.
    if (this.#failures > 0) await this.#recover();
    const transaction = await this.#transaction(STORES, 'readwrite');
    const stored = transaction.objectStore(CONTROL).get(CONTROL) as IDBRequest<unknown>;
    // The error of `decide`, which the transaction's own error does not contain.
    let refusal: TabchainError | undefined;
    let hasBlobs = false;
    stored.onsuccess = () => {
      try {
        const batch = decide(stored.result ?? null);
        hasBlobs = this.#storesBlobs && batch.puts.some(({ store }) => store === 'chunks');
        write(transaction, batch, hasBlobs);
      } catch (error) {
        refusal = failureOf(error, 'storage-failed');
        transaction.abort();
      }
    };
    try {
      await completed(transaction, 'storage-failed', this.#timers);
    } catch (error) {
      if (!refusal) this.#failed();
      if (hasBlobs && errorCode(refusal ?? error) === 'storage-failed') this.#storesBlobs = false;
      throw refusal ?? error;
    }
  }

  async #recover(): Promise<void> {
    try {
      await beginNewLog(this.#factory, this.#timers);
      this.#failures = 0;
    } catch (error) {
      this.#failed();
      throw error;
    }
  }

  #failed(): void {
    if (++this.#failures % FAILURES_A_CONNECTION > 0) return;
    this.#database?.close();
    this.#database = null;
  }

  /** @param ask makes requests, and returns a function that is called when all requests are answered */
  async #ask<T>(name: string, ask: (store: IDBObjectStore) => () => T): Promise<T> {
    const transaction = await this.#transaction([name], 'readonly');
    const result = ask(transaction.objectStore(name));
    await completed(transaction, 'storage-unavailable', this.#timers);
    return result();
  }

  close(): void {
    this.#closed = true;
    this.#database?.close();
    this.#database = null;
  }

  async #transaction(stores: readonly string[], mode: IDBTransactionMode): Promise<IDBTransaction> {
    try {
      return begin(await this.#open(), stores, mode);
    } catch (error) {
      // Some browsers close a connection without an event after a crash of their storage process. Tries once more.
      if (this.#closed || !(error instanceof DOMException) || error.name !== 'InvalidStateError')
        throw failureOf(error, 'storage-unavailable');
      this.#failures++;
      this.#database = null;
    }
    try {
      return begin(await this.#open(), stores, mode);
    } catch (error) {
      throw failureOf(error, 'storage-unavailable');
    }
  }

  async #open(): Promise<IDBDatabase> {
    if (this.#closed) throw new TabchainError('storage-unavailable', 'The storage was closed.');
    if (this.#database) return this.#database;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = null));
    return within(this.#timers, OPENING_MS, this.#connecting, () => {
      this.#isLate = true;
      return silent();
    });
  }

  /** Opens the database. A database of this version that lacks a store is replaced by a new database. */
  async #openWhole(): Promise<IDBDatabase> {
    const database = await openStores(this.#factory, this.#name);
    if (STORES.every((name) => database.objectStoreNames.contains(name))) return database;
    database.close();
    await deleteDatabase(this.#factory, this.#name, this.#timers);
    return openStores(this.#factory, this.#name);
  }

  async #connect(): Promise<IDBDatabase> {
    const database = await this.#openWhole().catch((error: unknown) => {
      this.#failures++;
      throw error;
    });
    const forget = (): void => {
      if (this.#database === database) this.#database = null;
    };
    database.onclose = () => {
      this.#failures++;
      forget();
    };
    // Another tab deletes the database. An open connection would only block that.
    database.onversionchange = () => {
      database.close();
      forget();
    };
    // close() may have been called while the database was opening.
    if (this.#closed) database.close();
    else this.#database = database;
    if (this.#isLate) this.#onLate();
    this.#isLate = false;
    return database;
  }
}

function openStores(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  const request = factory.open(name, STORES_VERSION);
  request.onupgradeneeded = () => {
    for (const old of Array.from(request.result.objectStoreNames)) request.result.deleteObjectStore(old);
    for (const store of STORES) request.result.createObjectStore(store);
  };
  return resultOf(request);
}

function begin(database: IDBDatabase, stores: readonly string[], mode: IDBTransactionMode): IDBTransaction {
  // Strict: `complete` fires after the data has left the operating system's buffers.
  return database.transaction([...stores], mode, { durability: 'strict' });
}

function write(transaction: IDBTransaction, { control, puts, deletes }: Batch, blobs: boolean): void {
  for (const put of puts) transaction.objectStore(put.store).put(blobs ? storedRecord(put) : put.record, put.key);
  for (const { store, from, to } of deletes) transaction.objectStore(store).delete(IDBKeyRange.bound(from, to, false, true));
  transaction.objectStore(CONTROL).put(control, CONTROL);
}
