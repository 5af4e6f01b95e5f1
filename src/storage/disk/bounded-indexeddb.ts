import { TabchainError } from '../../util/errors.ts';
import { completion, resultOf, silent } from '../../util/indexeddb.ts';
import type { Timers } from '../../util/ports.ts';
import { within } from '../../util/within.ts';

type Failure = 'storage-unavailable' | 'storage-failed';

/** Time limit to open, list or delete databases. A cold start on a slow disk takes a second or two. */
export const OPENING_MS = 5_000;

/** Time limit of a transaction: enough to write sixteen megabytes durably to a slow memory card. */
export const TRANSACTION_MS = 20_000;

/** Errors of a browser for a record whose bytes were in a separate file, which is missing or damaged. */
const UNREADABLE = new Set(['NotReadableError', 'DataError', 'DataCloneError', 'NotFoundError']);

/**
 * Resolves when the transaction is complete, which with strict durability means on disk. Aborts the transaction after a time limit.
 * @throws TabchainError `storage-silent`, `storage-full`, `storage-damaged` (a record cannot be read), or `otherwise`
 */
export function completed(transaction: IDBTransaction, otherwise: Failure, timers: Timers): Promise<void> {
  const end = completion(transaction).catch((error: unknown) => {
    throw failureOf(error, otherwise);
  });
  return within(timers, TRANSACTION_MS, end, () => {
    abortQuietly(transaction);
    return silent();
  });
}

function abortQuietly(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // The transaction has ended meanwhile. The next read will see its result.
  }
}

/** The typed error for any error of IndexedDB. */
export function failureOf(cause: unknown, otherwise: Failure): TabchainError {
  if (cause instanceof TabchainError) return cause;
  const { name, message } = cause instanceof Error ? cause : { name: 'unknown', message: String(cause) };
  if (name === 'QuotaExceededError') {
    return new TabchainError('storage-full', 'The disk is full or the browser gives no more space.', { reason: message }, { cause });
  }
  if (name === 'VersionError') {
    return new TabchainError('storage-too-new', 'This storage was made by a newer version of the program.', { reason: message }, { cause });
  }
  if (otherwise === 'storage-unavailable' && UNREADABLE.has(name)) {
    return new TabchainError('storage-damaged', 'A stored record cannot be read.', { reason: `${name}: ${message}` }, { cause });
  }
  const text = otherwise === 'storage-failed' ? 'The storage could not be written.' : 'This browser gives the page no storage.';
  return new TabchainError(otherwise, text, { reason: `${name}: ${message}` }, { cause });
}

/**
 * Names of all databases of this origin.
 * @throws TabchainError `storage-unavailable`, `storage-silent`
 */
export async function listDatabases(factory: IDBFactory, timers: Timers): Promise<string[]> {
  try {
    const databases = await within(timers, OPENING_MS, factory.databases(), silent);
    return databases.flatMap(({ name }) => (name === undefined ? [] : [name]));
  } catch (error) {
    throw failureOf(error, 'storage-unavailable');
  }
}

/**
 * Deletes a database. Open media close it, in other tabs too. Does nothing where the database does not exist.
 * @throws TabchainError `storage-unavailable`, `storage-silent` (e.g. a frozen tab has it open; the browser deletes it when that tab ends)
 */
export async function deleteDatabase(factory: IDBFactory, name: string, timers: Timers): Promise<void> {
  try {
    await within(timers, OPENING_MS, resultOf(factory.deleteDatabase(name)), silent);
  } catch (error) {
    throw failureOf(error, 'storage-unavailable');
  }
}
