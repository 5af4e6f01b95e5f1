import { TabchainError } from '../util/errors.ts';
import { completion, resultOf, silent } from '../util/indexeddb.ts';
import type { Timers } from '../util/ports.ts';
import { within } from '../util/within.ts';
import { recognise, stamped, Trust, type FoundEntry, type StoredEntry, type VaultEntry } from './stored-entry.ts';

export type { VaultEntry } from './stored-entry.ts';

/** The two storages; either may be null or throw, as in some private windows. */
export interface VaultPlaces {
  readonly indexedDB: IDBFactory | null;
  readonly localStorage: Storage | null;
}

interface Place {
  read(): Promise<FoundEntry[]>;
  write(entry: StoredEntry): Promise<void>;
  remove(networkId: string, address: string): Promise<void>;
}

const DATABASE = 'tabchain-keys';
const STORE = 'accounts';
const ITEM_PREFIX = 'tabchain-key:';

/** How long IndexedDB may take to answer; after that, only the copy in localStorage counts. */
const PATIENCE_MS = 5_000;

/**
 * The accounts kept in a browser, in IndexedDB and again in localStorage. A browser with a full disk may wipe an origin's whole
 * IndexedDB, and the money must not be lost with it. Reading merges both places: for each account it takes the intact copy, or the later
 * of two, and repairs the place with another copy. An altered copy repairs no place, because the other copy may have the right key.
 *
 * Where neither place works (site data blocked, some private windows), an account stays in this object's memory as long as the page
 * lives. The vault writes the account as soon as a place works. `keeps` says whether a place has the account.
 */
export class Vault {
  readonly #places: readonly Place[];
  /** Entries that no place has stored. */
  readonly #unkept = new Map<string, StoredEntry>();

  constructor({ indexedDB, localStorage }: VaultPlaces, timers: Timers) {
    this.#places = [...(indexedDB ? [databasePlace(indexedDB, timers)] : []), ...(localStorage ? [storagePlace(localStorage)] : [])];
  }

  /** The accounts of all networks. */
  async everywhere(): Promise<VaultEntry[]> {
    return (await this.#readMerged()).map(withoutVersion);
  }

  async get(networkId: string, address: string): Promise<VaultEntry | null> {
    const entry = (await this.#readMerged()).find((each) => each.networkId === networkId && each.address === address);
    return entry ? withoutVersion(entry) : null;
  }

  /** Whether the account outlives this page; also true for an account that the vault does not have. */
  keeps(networkId: string, address: string): boolean {
    return !this.#unkept.has(idOf({ networkId, address }));
  }

  /** Adds or replaces an entry. Resolves when at least one place has stored the entry on disk, or all places have failed. */
  async put(entry: VaultEntry): Promise<void> {
    const stored = (await this.#readMerged()).find((each) => idOf(each) === idOf(entry));
    await this.#write(stamped(entry, (stored?.version ?? 0) + 1));
  }

  /**
   * Removes an account from both places.
   * @throws TabchainError `storage-unavailable` if a place fails, because the account would come back from that place
   */
  async remove(networkId: string, address: string): Promise<void> {
    const wasUnkept = this.#unkept.delete(idOf({ networkId, address }));
    const results = await Promise.allSettled(this.#places.map((place) => place.remove(networkId, address)));
    const failures = results.filter((result) => result.status === 'rejected');
    const nowhere = wasUnkept && failures.length === results.length;
    if (failures.length > 0 && !nowhere) throw unavailable(failures[0]!.reason);
  }

  /** Records that the user has saved the key file. Does nothing for an unknown account. */
  async markKeyFileSaved(networkId: string, address: string): Promise<void> {
    await this.#change(networkId, address, { keyFileSaved: true });
  }

  /** Records that the account was opened at `usedAt`. Does nothing for an unknown account. */
  async touch(networkId: string, address: string, usedAt: number): Promise<void> {
    await this.#change(networkId, address, { usedAt });
  }

  async #change(networkId: string, address: string, change: Partial<VaultEntry>): Promise<void> {
    const entry = await this.get(networkId, address);
    if (entry) await this.put({ ...entry, ...change });
  }

  async #readMerged(): Promise<StoredEntry[]> {
    const results = await Promise.allSettled(this.#places.map((place) => place.read()));
    const found = results.map((result) => (result.status === 'fulfilled' ? result.value : []));
    const unkept = [...this.#unkept.values()].map((entry) => ({ entry, trust: Trust.intact }));
    const merged = best([...found.flat(), ...unkept]);
    const mending = this.#places.flatMap((place, i) => {
      const there = new Map(found[i]!.map((each) => [idOf(each.entry), each]));
      const lacking = [...merged.values()].filter(({ entry, trust }) => {
        const own = there.get(idOf(entry));
        return trust !== Trust.altered && (own?.entry.version !== entry.version || own.trust !== trust);
      });
      // An entry with only its keys intact gets new checksums, because no better copy exists.
      return lacking.map(({ entry }) => place.write(stamped(entry, entry.version)).then(() => this.#unkept.delete(idOf(entry))));
    });
    // A place that cannot be repaired now is repaired at the next reading.
    await Promise.allSettled(mending);
    return [...merged.values()].map(({ entry }) => entry);
  }

  async #write(entry: StoredEntry): Promise<void> {
    const results = await Promise.allSettled(this.#places.map((place) => place.write(entry)));
    if (results.some((result) => result.status === 'fulfilled')) this.#unkept.delete(idOf(entry));
    else this.#unkept.set(idOf(entry), entry);
  }
}

/** The best copy of each account. */
function best(copies: readonly FoundEntry[]): Map<string, FoundEntry> {
  const chosen = new Map<string, FoundEntry>();
  for (const copy of copies) {
    const id = idOf(copy.entry);
    const other = chosen.get(id);
    const isBetter = !other || copy.trust > other.trust || (copy.trust === other.trust && copy.entry.version > other.entry.version);
    if (isBetter) chosen.set(id, copy);
  }
  // Drop an altered copy that has the keys of another account here: it is that account's copy with an altered id.
  const keys = new Set([...chosen.values()].filter(({ trust }) => trust !== Trust.altered).map(({ entry }) => entry.pem));
  for (const [id, { entry, trust }] of chosen) if (trust === Trust.altered && keys.has(entry.pem)) chosen.delete(id);
  return chosen;
}

/** The vault of this page's origin. */
export function createBrowserVault(timers: Timers): Vault {
  return new Vault({ indexedDB: reach(() => indexedDB), localStorage: reach(() => localStorage) }, timers);
}

/** Even access to a storage object throws where the user has forbidden storage. */
function reach<T>(get: () => T): T | null {
  try {
    return get();
  } catch {
    return null;
  }
}

function databasePlace(factory: IDBFactory, timers: Timers): Place {
  /** Openings without an answer. While there is one, the next call fails at once. */
  const unanswered = new Set<object>();
  const open = async (): Promise<IDBDatabase> => {
    if (unanswered.size > 0) throw silent();
    const opening = openDatabase(factory);
    const onSilence = (): Error => {
      unanswered.add(opening);
      // A late answer closes its database and lets the next opening try again.
      void opening
        .then(
          (database) => database.close(),
          () => undefined,
        )
        .finally(() => unanswered.delete(opening));
      return silent();
    };
    return within(timers, PATIENCE_MS, opening, onSilence);
  };
  // Open the database for each call, because a connection does not survive a wipe of the origin, and calls are rare.
  const using = async <T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> => {
    const database = await open();
    try {
      return await within(timers, PATIENCE_MS, work(database), silent);
    } finally {
      database.close();
    }
  };
  const change = (request: (store: IDBObjectStore) => IDBRequest): Promise<void> =>
    using(async (database) => {
      const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
      request(transaction.objectStore(STORE));
      await completion(transaction);
    });
  const everything = (database: IDBDatabase): Promise<unknown[]> => resultOf(database.transaction(STORE).objectStore(STORE).getAll());
  return {
    read: () => using(async (database) => (await everything(database)).flatMap((value) => recognise(value) ?? [])),
    write: (entry) => change((store) => store.put(entry)),
    remove: (networkId, address) => change((store) => store.delete([networkId, address])),
  };
}

/** Opens the database in any version, and adds the store in a new version if it is missing. */
async function openDatabase(factory: IDBFactory, version?: number): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, version);
  request.onupgradeneeded = () => {
    const { result } = request;
    if (!result.objectStoreNames.contains(STORE)) result.createObjectStore(STORE, { keyPath: ['networkId', 'address'] });
  };
  const database = await resultOf(request);
  if (version !== undefined || database.objectStoreNames.contains(STORE)) return database;
  database.close();
  return openDatabase(factory, database.version + 1);
}

/** One item for each account, so two tabs that write two accounts do not conflict. Async functions turn a throw into a rejection. */
function storagePlace(storage: Storage): Place {
  const itemKey = (networkId: string, address: string): string => `${ITEM_PREFIX}${networkId}:${address}`;
  const found = (): { key: string; item: FoundEntry }[] => {
    const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i)).filter((key) => key?.startsWith(ITEM_PREFIX));
    return keys.flatMap((key) => {
      const item = recognise(parseItem(storage.getItem(key!)));
      return item ? [{ key: key!, item }] : [];
    });
  };
  return {
    read: async () => found().map(({ item }) => item),
    write: async (entry) => storage.setItem(itemKey(entry.networkId, entry.address), JSON.stringify(entry)),
    remove: async (networkId, address) => {
      // Also remove a copy under a wrong key, because the account would come back from that copy.
      const own = found().filter(({ item: { entry } }) => entry.networkId === networkId && entry.address === address);
      for (const { key } of own) storage.removeItem(key);
      storage.removeItem(itemKey(networkId, address));
    },
  };
}

function parseItem(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function idOf({ networkId, address }: Pick<VaultEntry, 'networkId' | 'address'>): string {
  return `${networkId}:${address}`;
}

function withoutVersion(stored: StoredEntry): VaultEntry {
  const { version: _version, sum: _sum, keySum: _keySum, ...entry } = stored;
  return entry;
}

function unavailable(cause: unknown): TabchainError {
  return new TabchainError(
    'storage-unavailable',
    'This browser lets the page keep nothing: leave private mode, or free some space.',
    {},
    { cause },
  );
}
