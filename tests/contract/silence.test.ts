import { IDBFactory } from 'fake-indexeddb';
import { beforeAll, describe, expect, test } from 'vitest';
import { deleteDatabase, listDatabases } from '../../src/storage/disk/bounded-indexeddb.ts';
import { IndexedDbMedium } from '../../src/storage/disk/medium-indexeddb.ts';
import { beginNewLog } from '../../src/storage/disk/new-log.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import type { Timers } from '../../src/util/ports.ts';
import { Vault } from '../../src/wallet/vault.ts';
import { installKeyRange, NAME } from './support/media.ts';

beforeAll(installKeyRange);

/** More turns of the event loop than any request of these tests needs: the fake IndexedDB makes one step per turn. */
const PATIENCE_TURNS = 200;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Timers that count turns of the event loop, so that a busy machine does not look like a silent disk. */
class Impatience implements Timers {
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  set(callback: () => void): number {
    const id = ++this.#last;
    this.#waiting.set(id, callback);
    void this.#expire(id);
    return id;
  }

  clear(id: number): void {
    this.#waiting.delete(id);
  }

  async #expire(id: number): Promise<void> {
    for (let turns = 0; turns < PATIENCE_TURNS && this.#waiting.has(id); turns++) await turn();
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}

const IMPATIENT: Timers = new Impatience();

/** A browser storage that accepts requests and answers only when `answer` is called. */
function silentFactory(): { factory: IDBFactory; answer: () => void } {
  const real = new IDBFactory();
  const waiting: (() => void)[] = [];
  const silent = (): IDBOpenDBRequest => ({}) as IDBOpenDBRequest;
  const factory = {
    open: (name: string, version?: number) => {
      const request = silent();
      waiting.push(() => {
        const later = real.open(name, version);
        later.onupgradeneeded = () => {
          Object.assign(request, { result: later.result });
          request.onupgradeneeded?.call(request, {} as IDBVersionChangeEvent);
        };
        later.onsuccess = () => {
          Object.assign(request, { result: later.result });
          request.onsuccess?.call(request, {} as Event);
        };
      });
      return request;
    },
    deleteDatabase: silent,
    databases: () => new Promise<never>(() => undefined),
  };
  return { factory: factory as unknown as IDBFactory, answer: () => waiting.splice(0).forEach((each) => each()) };
}

const SILENT = { code: 'storage-silent' };

describe('when IndexedDB does not answer', () => {
  test('opening a disk times out, and a late answer is reported', async () => {
    const { factory, answer } = silentFactory();
    let late = 0;
    const medium = new IndexedDbMedium(factory, NAME, IMPATIENT, () => late++);
    await expect(PageDisk.open(medium, 'a')).rejects.toMatchObject(SILENT);
    expect(late).toBe(0);
    answer();
    await expect.poll(() => late).toBe(1);
  });

  test('every other request times out too', async () => {
    const { factory } = silentFactory();
    await expect(listDatabases(factory, IMPATIENT)).rejects.toMatchObject(SILENT);
    await expect(deleteDatabase(factory, NAME, IMPATIENT)).rejects.toMatchObject(SILENT);
    await expect(beginNewLog(factory, IMPATIENT)).rejects.toMatchObject(SILENT);
  });

  test('an endless transaction times out, and the next one works', async () => {
    const factory = new IDBFactory();
    const medium = new IndexedDbMedium(factory, NAME, IMPATIENT);
    await PageDisk.open(medium, 'a');
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = factory.open(NAME);
      request.onsuccess = () => resolve(request.result);
    });
    // Another tab locks all stores for as long as it sends requests.
    const other = database.transaction(['control', 'chunks', 'log'], 'readwrite');
    let isBusy = true;
    const keepBusy = (): void => {
      const request = other.objectStore('control').get('control');
      request.onsuccess = () => isBusy && keepBusy();
    };
    keepBusy();
    await expect(medium.control()).rejects.toMatchObject(SILENT);
    isBusy = false;
    expect(await medium.control()).toMatchObject({ owner: 'a' });
  });

  test('the vault relies on its other copy and keeps new entries', async () => {
    const items = new Map<string, string>();
    const localStorage = {
      get length() {
        return items.size;
      },
      key: (index: number) => [...items.keys()][index] ?? null,
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    } as Storage;
    const entry = { networkId: 'n', address: 'tab1alex', name: 'alex', pem: 'PEM', createdAt: 1, usedAt: 1, keyFileSaved: false };
    const { factory } = silentFactory();
    const vault = new Vault({ indexedDB: factory, localStorage }, IMPATIENT);
    await vault.put(entry);
    expect(vault.keeps('n', 'tab1alex')).toBe(true);
    expect(await vault.everywhere()).toEqual([entry]);
    expect(await new Vault({ indexedDB: null, localStorage }, IMPATIENT).everywhere()).toEqual([entry]);
  });
});
