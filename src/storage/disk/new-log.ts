import { resultOf, silent } from '../../util/indexeddb.ts';
import type { Timers } from '../../util/ports.ts';
import { within } from '../../util/within.ts';
import { completed, failureOf } from './indexeddb.ts';

const DATABASE = 'tabchain-filler';
const STORE = 'filler';

/** Chromium (LevelDB) begins a new log for so many bytes that it holds in memory. */
const NEW_LOG_BYTES = 4 << 20;
/** The first makes it begin another log, the second waits until what was in the first is in a file of its own, and the third is room. */
const NEW_LOGS = 3;
/** A tenth of a second is usual, on a slow memory card three. */
const LIMIT_MS = 6_000;
/** Larger values do not go into the log. */
const FILLER_BYTES = 60 << 10;

/**
 * Makes the browser let go of the log that all databases of this origin share, by writing bytes of no meaning (12 MiB, a tenth of a second),
 * which are gone again afterwards.
 *
 * Chromium goes on writing behind a log that ends in the middle of a record, as a full disk, a power cut or a killed process leave it
 * (LevelDB, `reuse_logs`). It reads no further than that when it opens the log the next time, and then throws away everything that the origin
 * has: what was written long before, and what was written after the fault. So this comes before the first write of a page,
 * and again after a write that failed; what can still be lost is what one more fault within that tenth of a second takes.
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

/** Of whatever version it is; in place of something else where it has no such store. */
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
