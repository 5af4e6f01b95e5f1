import { TabchainError } from '../../util/errors.ts';

type Failure = 'storage-unavailable' | 'storage-failed';

/** Resolves when the transaction is complete, which with strict durability means on disk. */
export function completed(transaction: IDBTransaction, otherwise: Failure): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(failureOf(transaction.error, otherwise));
  });
}

export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A typed error for whatever IndexedDB throws. */
export function failureOf(cause: unknown, otherwise: Failure): TabchainError {
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
