import { TabchainError } from './errors.ts';

/*
 * Promises for IndexedDB. The package `idb` does not fit, because it opens databases of the global factory alone: vault and disk take the
 * factory as an argument. Their waits have limits, which `idb` leaves to its callers.
 */

/** The answer to one request. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when the transaction is complete, which with strict durability means on disk. Rejects with the reason of its abort. */
export function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** The error for a request that gets no answer: browsers may leave a request unanswered as long as the page lives. */
export function silent(): TabchainError {
  return new TabchainError('storage-silent', 'The storage of this browser does not answer.');
}
