/** All data that a page stores in its browser, between two loads of the page. */
export interface Stored {
  readonly databases: readonly StoredDatabase[];
  readonly local: Readonly<Record<string, string>>;
  readonly session: Readonly<Record<string, string>>;
}

export interface StoredDatabase {
  readonly name: string;
  readonly version: number;
  readonly stores: readonly StoredStore[];
}

export interface StoredStore {
  readonly name: string;
  /** Null if keys are stored outside the values. */
  readonly keyPath: string | string[] | null;
  readonly records: readonly StoredRecord[];
}

export interface StoredRecord {
  readonly key: IDBValidKey;
  readonly value: unknown;
}

// These two functions run in the page, so they may use only their own code.

/** Reads all stored data. */
export async function readStored(): Promise<Stored> {
  function answer<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
  const databases: StoredDatabase[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    if (!name.startsWith('tabchain')) continue;
    const database = await answer(indexedDB.open(name));
    const stores: StoredStore[] = [];
    for (const each of Array.from(database.objectStoreNames)) {
      const objects = database.transaction(each).objectStore(each);
      const keys = await answer(objects.getAllKeys());
      const values = await answer(database.transaction(each).objectStore(each).getAll());
      // Playwright carries no Blobs between page and test.
      for (const value of values as { bytes?: unknown }[]) {
        if (value?.bytes instanceof Blob) value.bytes = new Uint8Array(await value.bytes.arrayBuffer());
      }
      stores.push({ name: each, keyPath: objects.keyPath as string[] | null, records: keys.map((key, i) => ({ key, value: values[i] })) });
    }
    databases.push({ name, version: database.version, stores });
    database.close();
  }
  return { databases, local: { ...localStorage }, session: { ...sessionStorage } };
}

/** Replaces all stored data. */
export async function writeStored({ databases, local, session }: Stored): Promise<void> {
  function answer<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
  for (const { name = '' } of await indexedDB.databases()) {
    if (name.startsWith('tabchain')) await answer(indexedDB.deleteDatabase(name));
  }
  for (const { name, version, stores } of databases) {
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = () => {
      for (const store of stores) opening.result.createObjectStore(store.name, store.keyPath === null ? {} : { keyPath: store.keyPath });
    };
    const database = await answer(opening);
    if (stores.length > 0) {
      const transaction = database.transaction(
        stores.map((store) => store.name),
        'readwrite',
      );
      for (const store of stores) {
        const objects = transaction.objectStore(store.name);
        for (const { key, value } of store.records) {
          const record = value as { bytes?: unknown } | null;
          if (store.name === 'chunks' && record?.bytes instanceof Uint8Array) {
            objects.put({ ...record, bytes: new Blob([record.bytes as Uint8Array<ArrayBuffer>]) }, key);
          } else if (store.keyPath === null) objects.put(value, key);
          else objects.put(value);
        }
      }
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
    }
    database.close();
  }
  localStorage.clear();
  sessionStorage.clear();
  for (const [key, value] of Object.entries(local)) localStorage.setItem(key, value);
  for (const [key, value] of Object.entries(session)) sessionStorage.setItem(key, value);
}
