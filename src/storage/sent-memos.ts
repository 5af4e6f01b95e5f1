import { completion, resultOf, silent } from '../util/indexeddb.ts';
import type { Timers } from '../util/ports.ts';
import { within } from '../util/within.ts';

/** Encrypted copies of the sealed memos that an account has sent from this browser. */
export interface SentMemos {
  put(key: string, box: Uint8Array, timeMs: number): Promise<void>;
  get(key: string): Promise<Uint8Array | null>;
}

/** Newest copies that one account keeps: years of payments, and less than a megabyte. */
export const MAX_SENT_MEMOS = 2_000;

/** A box has at most 180 bytes; a longer value is not from this program. */
const MAX_BOX_BYTES = 1_024;
const STORE = 'memos';
const BY_TIME = 'time';
/** A memo is a comfort: no page waits long for a copy. */
const PATIENCE_MS = 3_000;

/** Name of the IndexedDB database with the copies of one account on one network. */
export function sentMemosName(networkId: string, address: string): string {
  return `tabchain-memos:${networkId.slice(0, 16)}:${address}`;
}

export class IndexedDbSentMemos implements SentMemos {
  readonly #factory: IDBFactory;
  readonly #name: string;
  readonly #timers: Timers;
  #database: Promise<IDBDatabase> | null = null;

  constructor(factory: IDBFactory, name: string, timers: Timers) {
    this.#factory = factory;
    this.#name = name;
    this.#timers = timers;
  }

  async put(key: string, box: Uint8Array, timeMs: number): Promise<void> {
    const transaction = (await this.#open()).transaction(STORE, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(STORE);
    store.put({ key, box, time: timeMs });
    const end = completion(transaction);
    const excess = (await resultOf(store.count())) - MAX_SENT_MEMOS;
    if (excess > 0) {
      const oldest = await resultOf(store.index(BY_TIME).getAllKeys(null, excess));
      for (const each of oldest) store.delete(each);
    }
    await end;
  }

  async get(key: string): Promise<Uint8Array | null> {
    const database = await this.#open();
    const found: unknown = await resultOf(database.transaction(STORE).objectStore(STORE).get(key));
    const box = (found as { box?: unknown } | undefined)?.box;
    return box instanceof Uint8Array && box.length <= MAX_BOX_BYTES ? box : null;
  }

  #open(): Promise<IDBDatabase> {
    return (this.#database ??= this.#opened().catch((error: unknown) => {
      this.#database = null;
      throw error;
    }));
  }

  async #opened(): Promise<IDBDatabase> {
    const request = this.#factory.open(this.#name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: 'key' }).createIndex(BY_TIME, 'time');
    };
    const database = await within(this.#timers, PATIENCE_MS, resultOf(request), silent);
    const forget = (): void => void (this.#database = null);
    database.onclose = forget;
    // The account is being removed from this browser.
    database.onversionchange = () => {
      forget();
      database.close();
    };
    return database;
  }
}
