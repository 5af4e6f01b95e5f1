import { assert, TabchainError } from '../util/errors.ts';
import type { Batch, ChunkRecord, Control, Medium } from './medium.ts';

const CONTROL = 'control';
const CHUNKS = 'chunks';
/** Version of the object stores, not of the SQLite schema inside. */
const STORES_VERSION = 1;

/**
 * Records in IndexedDB. A connection that the browser closed (storage wiped, database deleted elsewhere) is opened again at the
 * next call, which then finds an empty database and lets the disk write everything anew.
 */
export class IndexedDbMedium implements Medium {
  readonly #factory: IDBFactory;
  readonly #name: string;
  #database: IDBDatabase | null = null;
  #closed = false;

  /** @param factory `indexedDB` of the browser, or a stand-in */
  constructor(factory: IDBFactory, name: string) {
    this.#factory = factory;
    this.#name = name;
  }

  async read(): Promise<{ control: Control | null; chunks: Map<number, ChunkRecord> }> {
    const transaction = await this.#transaction('readonly');
    const control = transaction.objectStore(CONTROL).get(CONTROL) as IDBRequest<Control | undefined>;
    const keys = transaction.objectStore(CHUNKS).getAllKeys();
    const values = transaction.objectStore(CHUNKS).getAll() as IDBRequest<ChunkRecord[]>;
    await completed(transaction, 'storage-unavailable');
    const chunks = new Map(keys.result.map((key, i) => [key as number, values.result[i]!]));
    return { control: control.result ?? null, chunks };
  }

  async update(decide: (control: Control | null) => Batch): Promise<Batch> {
    const transaction = await this.#transaction('readwrite');
    const stored = transaction.objectStore(CONTROL).get(CONTROL) as IDBRequest<Control | undefined>;
    // What the transaction itself does not know: what was written, or why it was aborted.
    let batch: Batch | undefined;
    let refusal: TabchainError | undefined;
    stored.onsuccess = () => {
      try {
        batch = decide(stored.result ?? null);
        write(transaction, batch);
      } catch (error) {
        refusal = failureOf(error, 'storage-failed');
        transaction.abort();
      }
    };
    try {
      await completed(transaction, 'storage-failed');
    } catch (error) {
      throw refusal ?? error;
    }
    assert(batch, 'A transaction completed before it read anything.');
    return batch;
  }

  close(): void {
    this.#closed = true;
    this.#database?.close();
    this.#database = null;
  }

  async #transaction(mode: IDBTransactionMode): Promise<IDBTransaction> {
    try {
      return begin(await this.#open(), mode);
    } catch (error) {
      // Closed under our hands without an event, as some browsers do after a crash of their storage process: once more.
      if (this.#closed || !(error instanceof DOMException) || error.name !== 'InvalidStateError')
        throw failureOf(error, 'storage-unavailable');
      this.#database = null;
    }
    try {
      return begin(await this.#open(), mode);
    } catch (error) {
      throw failureOf(error, 'storage-unavailable');
    }
  }

  async #open(): Promise<IDBDatabase> {
    if (this.#closed) throw new TabchainError('storage-unavailable', 'The storage was closed.');
    if (this.#database) return this.#database;
    const request = this.#factory.open(this.#name, STORES_VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(CONTROL);
      request.result.createObjectStore(CHUNKS);
    };
    const database = await resultOf(request);
    const forget = (): void => {
      if (this.#database === database) this.#database = null;
    };
    database.onclose = forget;
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

function begin(database: IDBDatabase, mode: IDBTransactionMode): IDBTransaction {
  // Strict: `complete` comes after the data has left the operating system's buffers.
  return database.transaction([CONTROL, CHUNKS], mode, { durability: 'strict' });
}

function write(transaction: IDBTransaction, { control, chunks, deleted }: Batch): void {
  const store = transaction.objectStore(CHUNKS);
  for (const [index, record] of chunks) store.put(record, index);
  for (const index of deleted) store.delete(index);
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
