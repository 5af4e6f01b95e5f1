import { TabchainError } from '../../util/errors.ts';
import type { Batch, Control, Medium, Stores } from './medium.ts';

const CONTROL = 'control';
const STORES: readonly (keyof Stores | typeof CONTROL)[] = [CONTROL, 'chunks', 'log'];
/** Bytes of no meaning; apart from the others, so that nobody waits for them. */
const FILLER = 'filler';
/**
 * Version of the object stores, not of the SQLite schema inside. Version 1 held the file in chunks without a log; it was never
 * released, so its databases are emptied, and the chain comes from the peers again. Version 2 had no filler.
 */
const STORES_VERSION = 3;
const FIRST_KEPT_VERSION = 2;

/**
 * Chromium goes on writing behind a log that ends in the middle of a record, as a full disk, a power cut or a killed process leave it (LevelDB,
 * `reuse_logs`). It reads no further than that when it opens the log the next time, and then throws away everything that the origin has, what
 * was written long after the fault included. It begins a new log for every 4 MiB that it holds in memory, and deletes the old one when they are
 * in a file of their own, which the next 4 MiB wait for: so many bytes make sure that nothing depends on a torn log any more.
 */
const NEW_LOG_BYTES = 4 << 20;
const NEW_LOGS = 3;
/** Larger values do not go into the log. */
const FILLER_BYTES = 60 << 10;

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
  /** What the browser's log says may not be readable when it is opened the next time. */
  #isSuspect = false;
  /** Writes that the browser has refused since it last took one, or connections that it has closed: now it probably is not. */
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
    if (this.#failures > 0) await this.#beginNewLog();
    await this.#write(decide);
    // After a mere opening it is most likely sound: others need not wait for it.
    if (this.#isSuspect) this.#beginNewLog().catch(() => undefined);
  }

  async #write(decide: (control: Control | null) => Batch): Promise<void> {
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

  /** Lets go of the browser's present log; see {@link NEW_LOG_BYTES}. */
  async #beginNewLog(): Promise<void> {
    try {
      // This may open the database anew; what matters is the log from here on.
      await this.#open();
      this.#isSuspect = false;
      const filler = new Uint8Array(FILLER_BYTES);
      for (let log = 0; log < NEW_LOGS; log++) {
        await this.#fill((store) => {
          for (let key = 0; key * FILLER_BYTES < NEW_LOG_BYTES; key++) store.put(filler, key);
        });
      }
      await this.#fill((store) => store.clear());
      this.#failures = 0;
    } catch (error) {
      this.#failed();
      throw failureOf(error, 'storage-unavailable');
    }
  }

  #failed(): void {
    if (++this.#failures % FAILURES_A_CONNECTION > 0) return;
    this.#database?.close();
    this.#database = null;
  }

  async #fill(use: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = await this.#transaction([FILLER], 'readwrite');
    use(transaction.objectStore(FILLER));
    await completed(transaction, 'storage-failed');
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
    request.onupgradeneeded = ({ oldVersion }) => {
      const { result } = request;
      if (oldVersion < FIRST_KEPT_VERSION) for (const name of Array.from(result.objectStoreNames)) result.deleteObjectStore(name);
      for (const name of [...STORES, FILLER]) if (!result.objectStoreNames.contains(name)) result.createObjectStore(name);
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
    this.#isSuspect = true;
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

type Failure = 'storage-unavailable' | 'storage-failed';

function completed(transaction: IDBTransaction, otherwise: Failure): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(failureOf(transaction.error, otherwise));
  });
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A typed error for whatever IndexedDB throws. */
function failureOf(cause: unknown, otherwise: Failure): TabchainError {
  if (cause instanceof TabchainError) return cause;
  const { name, message } = cause instanceof Error ? cause : { name: 'unknown', message: String(cause) };
  if (name === 'QuotaExceededError') {
    return new TabchainError('storage-full', 'The disk is full or the browser gives no more space.', { reason: message }, { cause });
  }
  const text = otherwise === 'storage-failed' ? 'The storage could not be written.' : 'This browser gives the page no storage.';
  return new TabchainError(otherwise, text, { reason: `${name}: ${message}` }, { cause });
}

/**
 * Names of all databases of this origin.
 * @throws TabchainError `storage-unavailable`
 */
export async function listDatabases(factory: IDBFactory): Promise<string[]> {
  try {
    const databases = await factory.databases();
    return databases.flatMap(({ name }) => (name === undefined ? [] : [name]));
  } catch (error) {
    throw failureOf(error, 'storage-unavailable');
  }
}

/**
 * Removes a database; open media let go of it, in other tabs too. One that does not exist is no error.
 * @throws TabchainError `storage-unavailable`
 */
export async function deleteDatabase(factory: IDBFactory, name: string): Promise<void> {
  try {
    await resultOf(factory.deleteDatabase(name));
  } catch (error) {
    throw failureOf(error, 'storage-unavailable');
  }
}
