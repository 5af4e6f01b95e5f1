import { TabchainError } from '../../util/errors.ts';
import { completed, failureOf, resultOf } from './indexeddb.ts';
import type { Batch, Control, Medium, Stores } from './medium.ts';
import { beginNewLog } from './new-log.ts';

const CONTROL = 'control';
const STORES: readonly (keyof Stores | typeof CONTROL)[] = [CONTROL, 'chunks', 'log'];
/**
 * Version of the object stores, not of the SQLite schema inside. Version 1 held the file in chunks without a log; it was never
 * released, so its databases are emptied, and the chain comes from the peers again.
 */
const STORES_VERSION = 2;

/**
 * A connection on which so many writes in a row have failed does not recover, though there be room again; one that is opened anew does. Not
 * sooner, for Chromium may throw away everything when it opens its log on a full disk.
 */
const FAILURES_A_CONNECTION = 4;

/**
 * Records in IndexedDB. A connection that the browser closed (storage wiped, database deleted elsewhere) is opened again at the
 * next call, which then finds an empty database and lets the disk write everything anew.
 */
export class IndexedDbMedium implements Medium {
  readonly #factory: IDBFactory;
  readonly #name: string;
  #database: IDBDatabase | null = null;
  #closed = false;
  /** Writes that the browser has refused since it last took one, or connections that it has closed: its log may be torn now. */
  #failures = 0;

  /** @param factory `indexedDB` of the browser, or a stand-in */
  constructor(factory: IDBFactory, name: string) {
    this.#factory = factory;
    this.#name = name;
  }

  async control(): Promise<Control | null> {
    return (await this.#ask(CONTROL, (store) => store.get(CONTROL) as IDBRequest<Control | undefined>)) ?? null;
  }

  read<S extends keyof Stores>(store: S, from: number, to: number, limit: number): Promise<Stores[S][]> {
    return this.#ask(store, (objects) => objects.getAll(IDBKeyRange.bound(from, to, false, true), limit) as IDBRequest<Stores[S][]>);
  }

  async update(decide: (control: Control | null) => Batch): Promise<void> {
    // What is written now must outlast the next start of the browser, or it must not be called durable.
    if (this.#failures > 0) await this.#recover();
    const transaction = await this.#transaction(STORES, 'readwrite');
    const stored = transaction.objectStore(CONTROL).get(CONTROL) as IDBRequest<Control | undefined>;
    // Why it was aborted, which the transaction itself does not know.
    let refusal: TabchainError | undefined;
    stored.onsuccess = () => {
      try {
        write(transaction, decide(stored.result ?? null));
      } catch (error) {
        refusal = failureOf(error, 'storage-failed');
        transaction.abort();
      }
    };
    try {
      await completed(transaction, 'storage-failed');
    } catch (error) {
      if (!refusal) this.#failed();
      throw refusal ?? error;
    }
  }

  async #recover(): Promise<void> {
    try {
      await beginNewLog(this.#factory);
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

  async #ask<T>(name: string, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const transaction = await this.#transaction([name], 'readonly');
    const request = ask(transaction.objectStore(name));
    await completed(transaction, 'storage-unavailable');
    return request.result;
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
      // Closed under our hands without an event, as some browsers do after a crash of their storage process: once more.
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
    const request = this.#factory.open(this.#name, STORES_VERSION);
    request.onupgradeneeded = () => {
      for (const name of Array.from(request.result.objectStoreNames)) request.result.deleteObjectStore(name);
      for (const name of STORES) request.result.createObjectStore(name);
    };
    const database = await resultOf(request).catch((error: unknown) => {
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
    // Another tab deletes the database: standing in the way would only block it.
    database.onversionchange = () => {
      database.close();
      forget();
    };
    // close() may have come while the database was opening.
    if (this.#closed) database.close();
    this.#database = database;
    return database;
  }
}

function begin(database: IDBDatabase, stores: readonly string[], mode: IDBTransactionMode): IDBTransaction {
  // Strict: `complete` comes after the data has left the operating system's buffers.
  return database.transaction([...stores], mode, { durability: 'strict' });
}

function write(transaction: IDBTransaction, { control, puts, deletes }: Batch): void {
  for (const { store, key, record } of puts) transaction.objectStore(store).put(record, key);
  for (const { store, from, to } of deletes) transaction.objectStore(store).delete(IDBKeyRange.bound(from, to, false, true));
  transaction.objectStore(CONTROL).put(control, CONTROL);
}
