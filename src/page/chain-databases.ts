import { databaseName, recentDatabaseName } from '../storage/database-name.ts';
import { sentMemosName } from '../storage/sent-memos.ts';
import { deleteDatabase, listDatabases } from '../storage/disk/bounded-indexeddb.ts';
import { browserTimers } from './browser-timers.ts';
import { SavedMarks } from './saved-marks.ts';

/**
 * The names of this origin's databases; none where the browser blocks databases. Null if unknown, because Firefox before version 126 has
 * no function to list them.
 */
export async function databaseNames(): Promise<ReadonlySet<string> | null> {
  try {
    if ((indexedDB.databases as unknown) === undefined) return null;
    return new Set(await listDatabases(indexedDB, browserTimers));
  } catch {
    return new Set();
  }
}

/**
 * Deletes an account's copies of the chain and of its sent memos, and the mark of its last save.
 * @throws TabchainError `storage-unavailable`, `storage-silent`
 */
export async function deleteChain(networkId: string, address: string): Promise<void> {
  const name = databaseName(networkId, address);
  new SavedMarks(networkId).set(address, null);
  const names = await databaseNames();
  for (const each of [name, recentDatabaseName(name), sentMemosName(networkId, address)]) {
    if (names?.has(each) !== false) await deleteDatabase(indexedDB, each, browserTimers);
  }
}
