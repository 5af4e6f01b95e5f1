import { wrap, type DBSchema, type IDBPDatabase } from 'idb';
import { TabchainError } from '../util/errors.ts';

/** One account that a browser keeps: what is shown before it is unlocked, and its encrypted keys. Holds no open secret. */
export interface VaultEntry {
  readonly networkId: string;
  /** Bech32m text. */
  readonly address: string;
  readonly name: string;
  /** The encrypted key file. */
  readonly pem: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly usedAt: number;
  /** Whether the person has downloaded the key file. */
  readonly keyFileSaved: boolean;
}

/** As stored: the higher version is the later one. */
interface StoredEntry extends VaultEntry {
  readonly version: number;
}

interface VaultSchema extends DBSchema {
  accounts: { key: [networkId: string, address: string]; value: StoredEntry };
}

/** The two places; either may be null or throw, as in some private windows. */
export interface VaultPlaces {
  readonly indexedDB: IDBFactory | null;
  readonly localStorage: Storage | null;
}

interface Place {
  read(): Promise<StoredEntry[]>;
  write(entry: StoredEntry): Promise<void>;
  remove(networkId: string, address: string): Promise<void>;
}

const DATABASE = 'tabchain-keys';
const STORE = 'accounts';
const ITEM_PREFIX = 'tabchain-key:';

/**
 * The accounts kept in a browser, in IndexedDB and again in localStorage: a full disk may make a browser wipe the whole of an origin's
 * IndexedDB, and money must not go with it. Reading merges both places and mends the one that lacks something.
 *
 * Where neither place works (site data blocked, some private windows) an account lives in this memory, as long as the page does, and is
 * written as soon as a place works: `keeps` tells.
 */
export class Vault {
  readonly #places: readonly Place[];
  /** Entries that no place has taken. */
  readonly #unkept = new Map<string, StoredEntry>();

  constructor({ indexedDB, localStorage }: VaultPlaces) {
    this.#places = [...(indexedDB ? [databasePlace(indexedDB)] : []), ...(localStorage ? [storagePlace(localStorage)] : [])];
  }

  /** The accounts of a network, by creation. */
  async list(networkId: string): Promise<VaultEntry[]> {
    const all = (await this.#readMerged()).filter((entry) => entry.networkId === networkId);
    return all.sort((a, b) => a.createdAt - b.createdAt).map(withoutVersion);
  }

  /** The accounts of all networks. */
  async everywhere(): Promise<VaultEntry[]> {
    return (await this.#readMerged()).map(withoutVersion);
  }

  async get(networkId: string, address: string): Promise<VaultEntry | null> {
    const entry = (await this.#readMerged()).find((each) => each.networkId === networkId && each.address === address);
    return entry ? withoutVersion(entry) : null;
  }

  /** Whether the account outlives this page; also true for one that the vault does not have. */
  keeps(networkId: string, address: string): boolean {
    return !this.#unkept.has(idOf({ networkId, address }));
  }

  /** Adds or replaces; resolves when at least one place has it on disk, or none has taken it. */
  async put(entry: VaultEntry): Promise<void> {
    const stored = (await this.#readMerged()).find((each) => idOf(each) === idOf(entry));
    await this.#write({ ...entry, version: (stored?.version ?? 0) + 1 });
  }

  /**
   * Removes from both places.
   * @throws TabchainError `storage-unavailable` when one of them cannot, since the account would come back from there
   */
  async remove(networkId: string, address: string): Promise<void> {
    const wasUnkept = this.#unkept.delete(idOf({ networkId, address }));
    const results = await Promise.allSettled(this.#places.map((place) => place.remove(networkId, address)));
    const failures = results.filter((result) => result.status === 'rejected');
    const nowhere = wasUnkept && failures.length === results.length;
    if (failures.length > 0 && !nowhere) throw unavailable(failures[0]!.reason);
  }

  /** Notes that the person has the key file. Does nothing for an unknown account. */
  async markKeyFileSaved(networkId: string, address: string): Promise<void> {
    await this.#change(networkId, address, { keyFileSaved: true });
  }

  /** Notes that the account was opened at `usedAt`. Does nothing for an unknown account. */
  async touch(networkId: string, address: string, usedAt: number): Promise<void> {
    await this.#change(networkId, address, { usedAt });
  }

  async #change(networkId: string, address: string, change: Partial<VaultEntry>): Promise<void> {
    const entry = await this.get(networkId, address);
    if (entry) await this.put({ ...entry, ...change });
  }

  async #readMerged(): Promise<StoredEntry[]> {
    const results = await Promise.allSettled(this.#places.map((place) => place.read()));
    const merged = new Map<string, StoredEntry>();
    const found = results.map((result) => (result.status === 'fulfilled' ? result.value : []));
    for (const entry of [...found.flat(), ...this.#unkept.values()]) {
      if (entry.version > (merged.get(idOf(entry))?.version ?? 0)) merged.set(idOf(entry), entry);
    }
    const missing = this.#places.flatMap((place, i) => {
      const versions = new Map(found[i]!.map((entry) => [idOf(entry), entry.version]));
      const lacking = [...merged.values()].filter((entry) => versions.get(idOf(entry)) !== entry.version);
      return lacking.map((entry) => place.write(entry).then(() => this.#unkept.delete(idOf(entry))));
    });
    // A place that cannot be mended now is mended at the next reading.
    await Promise.allSettled(missing);
    return [...merged.values()];
  }

  async #write(entry: StoredEntry): Promise<void> {
    const results = await Promise.allSettled(this.#places.map((place) => place.write(entry)));
    if (results.some((result) => result.status === 'fulfilled')) this.#unkept.delete(idOf(entry));
    else this.#unkept.set(idOf(entry), entry);
  }
}

/** The vault of this page's origin. */
export function createBrowserVault(): Vault {
  return new Vault({ indexedDB: reach(() => indexedDB), localStorage: reach(() => localStorage) });
}

/** Merely naming a storage throws where the person has forbidden it. */
function reach<T>(get: () => T): T | null {
  try {
    return get();
  } catch {
    return null;
  }
}

function databasePlace(factory: IDBFactory): Place {
  // Opened for each call: a connection does not survive a wipe of the origin, and calls are rare.
  const using = async <T>(work: (database: IDBPDatabase<VaultSchema>) => Promise<T>): Promise<T> => {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ['networkId', 'address'] });
    const database = (await wrap(request)) as unknown as IDBPDatabase<VaultSchema>;
    try {
      return await work(database);
    } finally {
      database.close();
    }
  };
  return {
    read: () => using(async (database) => (await database.getAll(STORE)).filter(isStoredEntry)),
    write: (entry) =>
      using(async (database) => {
        const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
        await Promise.all([transaction.store.put(entry), transaction.done]);
      }),
    remove: (networkId, address) =>
      using(async (database) => {
        const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
        await Promise.all([transaction.store.delete([networkId, address]), transaction.done]);
      }),
  };
}

/** One item an account, so that two tabs that write two accounts do not meet. Async so that a throw is a rejection. */
function storagePlace(storage: Storage): Place {
  const itemKey = (networkId: string, address: string): string => `${ITEM_PREFIX}${networkId}:${address}`;
  return {
    read: async () => {
      const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i)).filter((key) => key?.startsWith(ITEM_PREFIX));
      return keys.map((key) => parseItem(storage.getItem(key!))).filter(isStoredEntry);
    },
    write: async (entry) => storage.setItem(itemKey(entry.networkId, entry.address), JSON.stringify(entry)),
    remove: async (networkId, address) => storage.removeItem(itemKey(networkId, address)),
  };
}

function parseItem(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** Whether a value from disk has the shape of an entry: anybody with the developer tools can write there. */
function isStoredEntry(value: unknown): value is StoredEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<keyof StoredEntry, unknown>;
  const texts = [entry.networkId, entry.address, entry.name, entry.pem];
  const numbers = [entry.createdAt, entry.usedAt, entry.version];
  return texts.every((text) => typeof text === 'string') && numbers.every(Number.isFinite) && typeof entry.keyFileSaved === 'boolean';
}

function idOf({ networkId, address }: Pick<VaultEntry, 'networkId' | 'address'>): string {
  return `${networkId}:${address}`;
}

function withoutVersion(stored: StoredEntry): VaultEntry {
  const { version: _version, ...entry } = stored;
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
