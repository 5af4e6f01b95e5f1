import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chunkKey } from '../../src/storage/disk/medium.ts';
import { listDatabases } from '../../src/storage/disk/bounded-indexeddb.ts';
import { IndexedDbMedium } from '../../src/storage/disk/medium-indexeddb.ts';
import { beginNewLog } from '../../src/storage/disk/new-log.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { PAGE_BYTES, PageFile } from '../../src/storage/disk/page-file.ts';
import { Vault } from '../../src/wallet/vault.ts';
import { NAME, TIMERS } from './support/media.ts';

let factory: IDBFactory;
beforeEach(() => {
  factory = new IDBFactory();
});

/** Creates a database with any version and stores. */
async function make(name: string, version: number, stores: readonly string[]): Promise<void> {
  const request = factory.open(name, version);
  request.onupgradeneeded = () => stores.forEach((store) => request.result.createObjectStore(store));
  await new Promise((resolve, reject) => {
    request.onsuccess = resolve;
    request.onerror = reject;
  });
  request.result.close();
}

const open = (): Promise<PageDisk> => PageDisk.open(new IndexedDbMedium(factory, NAME, TIMERS), 'a');
const pages = PageFile.from(new Uint8Array(PAGE_BYTES).fill(1));

describe('a database of another shape', () => {
  test('of a later version is reported and not changed', async () => {
    await make(NAME, 3, ['something else']);
    await expect(open()).rejects.toMatchObject({ code: 'storage-too-new' });
    expect(await factory.databases()).toEqual([{ name: NAME, version: 3 }]);
  });

  test.each([[[]], [['control']], [['chunks', 'log']], [['junk']]])(
    'with only the stores %j is replaced by a new database',
    async (stores) => {
      await make(NAME, 2, stores);
      const disk = await open();
      expect(await disk.load()).toBeNull();
      await disk.save(() => ({ pages, height: 1, tip: 'one' }));
      expect(await (await open()).load()).toMatchObject({ height: 1 });
    },
  );

  test.each([
    [1, []],
    [7, ['filler']],
    [7, ['junk']],
  ])('does not keep the browser from beginning a new log: version %d with %j', async (version, stores) => {
    await make('tabchain-filler', version, stores);
    await beginNewLog(factory, TIMERS);
  });

  test.each([
    [1, []],
    [5, ['junk']],
  ])('still holds keys: version %d with %j', async (version, stores) => {
    await make('tabchain-keys', version, stores);
    const entry = { networkId: 'n', address: 'tab1alex', name: 'alex', pem: 'PEM', createdAt: 1, usedAt: 1, keyFileSaved: false };
    await new Vault({ indexedDB: factory, localStorage: null }, TIMERS).put(entry);
    const vault = new Vault({ indexedDB: factory, localStorage: null }, TIMERS);
    expect(vault.keeps('n', 'tab1alex')).toBe(true);
    expect(await vault.everywhere()).toEqual([entry]);
  });

  test('a browser that cannot list its databases is reported', async () => {
    await expect(listDatabases({} as IDBFactory, TIMERS)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});

describe('a record that the browser cannot read', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Fails like a record whose file is gone: the whole transaction that reads the record fails. */
  function fail(store: IDBObjectStore): IDBRequest {
    const { transaction } = store;
    Object.defineProperty(transaction, 'error', { value: new DOMException('gone', 'NotReadableError') });
    queueMicrotask(() => transaction.abort());
    return { result: [] } as unknown as IDBRequest;
  }

  test('is reported as damage, and all other records survive', async () => {
    const large = PageFile.from(new Uint8Array(600 * PAGE_BYTES).fill(7));
    await (await open()).save(() => ({ pages: large, height: 1, tip: 'one' }));
    const lost = chunkKey(1, 1);
    const { getAll, get } = IDBObjectStore.prototype;
    vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(function (this: IDBObjectStore, range, limit) {
      return this.name === 'chunks' ? fail(this) : getAll.call(this, range, limit);
    });
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
      return this.name === 'chunks' && key === lost ? fail(this) : get.call(this, key);
    });
    const disk = await open();
    await expect(disk.load()).rejects.toMatchObject({ code: 'storage-damaged', details: { what: 'chunk', number: 1 } });
    const remains = (await disk.salvage())!.toBytes();
    expect([remains[0], remains[300 * PAGE_BYTES], remains[550 * PAGE_BYTES]]).toEqual([7, 0, 7]);
    await disk.save(() => ({ pages: large, height: 2, tip: 'two' }));
  });
});
