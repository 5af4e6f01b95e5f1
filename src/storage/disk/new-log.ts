import { resultOf, silent } from '../../util/indexeddb.ts';
import type { Timers } from '../../util/ports.ts';
import { within } from '../../util/within.ts';
import { completed, failureOf } from './bounded-indexeddb.ts';

const DATABASE = 'tabchain-filler';
const STORE = 'filler';

/** Chromium (LevelDB) begins a new log when it holds this many bytes in memory. */
const NEW_LOG_BYTES = 4 << 20;
/** The first begins a new log. The second waits until the bytes of the old log are in a table file. The third is reserve. */
const NEW_LOGS = 3;
/** A tenth of a second is usual, three seconds on a slow memory card. */
const LIMIT_MS = 6_000;
/** The browser writes larger values to separate files, not to the log. */
const FILLER_BYTES = 60 << 10;

/**
 * Makes the browser replace the log that all databases of this origin share. The function writes 12 MiB of filler, which takes a tenth of a
 * second, and deletes it again.
 *
 * A full disk, a power cut or a killed process can leave a log that ends in the middle of a record. Chromium appends to such a log
 * (LevelDB, `reuse_logs`). When Chromium next opens the log, it reads only up to that record, and then deletes all data of the origin:
 * older data, and data written after the fault. So a page must call this function before its first write, and again after a failed write.
 * Data can then be lost only to another fault within that tenth of a second.
 * @throws TabchainError `storage-full`, `storage-failed`, `storage-unavailable`, `storage-silent`
 */
export async function beginNewLog(factory: IDBFactory, timers: Timers): Promise<void> {
  await within(timers, LIMIT_MS, fill(factory, timers), silent);
}

async function fill(factory: IDBFactory, timers: Timers): Promise<void> {
  try {
    const database = await openFiller(factory);
    try {
      const filler = new Uint8Array(FILLER_BYTES);
      for (let log = 0; log < NEW_LOGS; log++) {
        await write(database, timers, (store) => {
          for (let key = 0; key * FILLER_BYTES < NEW_LOG_BYTES; key++) store.put(filler, key);
        });
      }
      await write(database, timers, (store) => store.clear());
    } finally {
      database.close();
    }
  } catch (error) {
    throw failureOf(error, 'storage-unavailable');
  }
}

/** Opens the filler database in any version. Replaces a database of that name that lacks the store. */
async function openFiller(factory: IDBFactory, isAgain = false): Promise<IDBDatabase> {
  const request = factory.open(DATABASE);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  const database = await resultOf(request);
  if (isAgain || database.objectStoreNames.contains(STORE)) return database;
  database.close();
  await resultOf(factory.deleteDatabase(DATABASE));
  return openFiller(factory, true);
}

function write(database: IDBDatabase, timers: Timers, use: (store: IDBObjectStore) => void): Promise<void> {
  const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
  use(transaction.objectStore(STORE));
  return completed(transaction, 'storage-failed', timers);
}
