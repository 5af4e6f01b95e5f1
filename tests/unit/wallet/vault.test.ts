import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Timers } from '../../../src/util/ports.ts';
import { Vault, type VaultEntry } from '../../../src/wallet/vault.ts';
import { MemoryStorage } from '../util/support/memory-storage.ts';

const TIMERS: Timers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs) as unknown as number,
  clear: (id) => clearTimeout(id),
};

const brokenDatabase = {
  open: () => {
    throw new DOMException('denied', 'InvalidStateError');
  },
} as unknown as IDBFactory;

function entry(changes: Partial<VaultEntry> = {}): VaultEntry {
  return { networkId: 'n1', address: 'tab1alex', name: 'alex', pem: 'PEM', createdAt: 1, usedAt: 1, keyFileSaved: false, ...changes };
}

let indexedDB: IDBFactory;
let localStorage: MemoryStorage;
let vault: Vault;
beforeEach(() => {
  indexedDB = new IDBFactory();
  localStorage = new MemoryStorage();
  vault = new Vault({ indexedDB, localStorage }, TIMERS);
});

describe('vault', () => {
  it('keeps accounts by network and address', async () => {
    await vault.put(entry({ address: 'tab1ming', name: 'ming', createdAt: 2 }));
    await vault.put(entry());
    await vault.put(entry({ networkId: 'n2', name: 'other' }));
    expect((await vault.everywhere()).map(({ name }) => name).sort()).toEqual(['alex', 'ming', 'other']);
    expect(await vault.get('n2', 'tab1alex')).toEqual(entry({ networkId: 'n2', name: 'other' }));
    expect(await vault.get('n1', 'tab1wu')).toBeNull();
  });

  it('notes use and download, and forgets', async () => {
    await vault.put(entry());
    await vault.touch('n1', 'tab1alex', 99);
    await vault.markKeyFileSaved('n1', 'tab1alex');
    expect(await vault.get('n1', 'tab1alex')).toEqual(entry({ usedAt: 99, keyFileSaved: true }));
    await vault.touch('n1', 'tab1nobody', 99);
    await vault.remove('n1', 'tab1alex');
    expect(await vault.everywhere()).toEqual([]);
    expect(await new Vault({ indexedDB, localStorage }, TIMERS).everywhere()).toEqual([]);
  });

  it('survives the wipe of either place, and restores it', async () => {
    await vault.put(entry());
    const wiped = new IDBFactory();
    expect(await new Vault({ indexedDB: wiped, localStorage }, TIMERS).everywhere()).toEqual([entry()]);
    expect(await new Vault({ indexedDB: wiped, localStorage: null }, TIMERS).everywhere()).toEqual([entry()]);
    localStorage.clear();
    expect(await vault.everywhere()).toEqual([entry()]);
    expect(await new Vault({ indexedDB: null, localStorage }, TIMERS).everywhere()).toEqual([entry()]);
  });

  it('believes the later of two differing records', async () => {
    await vault.put(entry());
    localStorage.broken = true;
    await vault.put(entry({ pem: 'NEW' }));
    localStorage.broken = false;
    expect(await vault.get('n1', 'tab1alex')).toEqual(entry({ pem: 'NEW' }));
    expect(await new Vault({ indexedDB: null, localStorage }, TIMERS).get('n1', 'tab1alex')).toEqual(entry({ pem: 'NEW' }));
  });

  it.each<[string, () => Vault]>([
    ['no IndexedDB', () => new Vault({ indexedDB: null, localStorage }, TIMERS)],
    ['an IndexedDB that throws', () => new Vault({ indexedDB: brokenDatabase, localStorage }, TIMERS)],
    ['no localStorage', () => new Vault({ indexedDB, localStorage: null }, TIMERS)],
    [
      'a localStorage that throws',
      () => {
        localStorage.broken = true;
        return new Vault({ indexedDB, localStorage }, TIMERS);
      },
    ],
  ])('works with %s', async (_name, make) => {
    const half = make();
    await half.put(entry());
    await half.touch('n1', 'tab1alex', 5);
    expect(await half.everywhere()).toEqual([entry({ usedAt: 5 })]);
  });

  it('holds accounts in memory when neither place works, and reports this', async () => {
    localStorage.broken = true;
    for (const nowhere of [
      new Vault({ indexedDB: null, localStorage: null }, TIMERS),
      new Vault({ indexedDB: brokenDatabase, localStorage }, TIMERS),
    ]) {
      expect(await nowhere.everywhere()).toEqual([]);
      await nowhere.put(entry());
      await nowhere.markKeyFileSaved('n1', 'tab1alex');
      expect(await nowhere.everywhere()).toEqual([entry({ keyFileSaved: true })]);
      expect(nowhere.keeps('n1', 'tab1alex')).toBe(false);
      await nowhere.remove('n1', 'tab1alex');
      expect(await nowhere.everywhere()).toEqual([]);
    }
  });

  it('writes accounts held in memory as soon as a place works', async () => {
    localStorage.broken = true;
    vault = new Vault({ indexedDB: brokenDatabase, localStorage }, TIMERS);
    await vault.put(entry());
    expect(vault.keeps('n1', 'tab1alex')).toBe(false);
    localStorage.broken = false;
    await vault.everywhere();
    expect(vault.keeps('n1', 'tab1alex')).toBe(true);
    expect(await new Vault({ indexedDB: null, localStorage }, TIMERS).everywhere()).toEqual([entry()]);
  });

  it('reports a removal as failed while one place still holds the account', async () => {
    await vault.put(entry());
    localStorage.broken = true;
    await expect(vault.remove('n1', 'tab1alex')).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it('ignores items that are not accounts', async () => {
    await vault.put(entry());
    localStorage.setItem('tabchain-key:n1:x', '{"name":1}');
    localStorage.setItem('tabchain-key:n1:y', 'no json');
    localStorage.setItem('something else', '{}');
    expect(await vault.everywhere()).toEqual([entry()]);
  });
});

describe('a copy that was altered', () => {
  type Loose = Record<string, unknown>;
  const key = 'tabchain-key:n1:tab1alex';
  const inStorage = (change: (item: Loose) => unknown): void =>
    localStorage.setItem(key, JSON.stringify(change(JSON.parse(localStorage.getItem(key)!) as Loose)));
  const inDatabase = async (change: (item: Loose) => Loose): Promise<void> => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('tabchain-keys');
      request.onsuccess = () => resolve(request.result);
    });
    const store = database.transaction('accounts', 'readwrite').objectStore('accounts');
    const item = await new Promise<Loose>((resolve) => {
      const request = store.get(['n1', 'tab1alex']);
      request.onsuccess = () => resolve(request.result as Loose);
    });
    store.put(change(item));
    await new Promise((resolve) => (store.transaction.oncomplete = resolve));
    database.close();
  };

  const changes: [string, (item: Loose) => Loose][] = [
    ['another key', (item) => ({ ...item, pem: 'PEN' })],
    ['another key, as if it were later', (item) => ({ ...item, pem: 'PEN', version: 2 ** 52 })],
    ['another name', (item) => ({ ...item, name: 'mallory' })],
    ['dates of other types', (item) => ({ ...item, createdAt: 'yesterday', usedAt: null })],
    ['no checksums', ({ sum: _sum, keySum: _keySum, ...item }) => ({ ...item, pem: 'PEN', version: 7 })],
    ['a key without end', (item) => ({ ...item, pem: 'P'.repeat(1_000_000) })],
  ];

  it.each(changes)('with %s gives way to the other, and is repaired', async (_, change) => {
    for (const alter of [async () => inStorage(change), () => inDatabase(change)]) {
      await vault.put(entry());
      await alter();
      expect(await vault.everywhere()).toEqual([entry()]);
      expect(await new Vault({ indexedDB: null, localStorage }, TIMERS).everywhere()).toEqual([entry()]);
      expect(await new Vault({ indexedDB, localStorage: null }, TIMERS).everywhere()).toEqual([entry()]);
    }
  });

  it('repairs nothing, but its intact key counts whatever its other fields are', async () => {
    await vault.put(entry());
    inStorage((item) => ({ ...item, pem: 'PEN', version: 9 }));
    await inDatabase((item) => ({ ...item, name: 'mallory', usedAt: -5 }));
    expect(await vault.get('n1', 'tab1alex')).toMatchObject({ pem: 'PEM' });
  });

  it('under another account is not shown next to the account whose key it has', async () => {
    await vault.put(entry());
    const item = localStorage.getItem(key)!;
    localStorage.setItem('tabchain-key:n1:tab1ming', item.replace('tab1alex', 'tab1ming'));
    expect(await vault.everywhere()).toEqual([entry()]);
    localStorage.setItem('tabchain-key:twice', item);
    await vault.remove('n1', 'tab1alex');
    expect(await vault.get('n1', 'tab1alex')).toBeNull();
  });

  it.each(['', 'null', '[]', '{"networkId":1}', '"text"', '{', 'x'.repeat(300_000)])('with the text %s is ignored', async (text) => {
    await vault.put(entry());
    localStorage.setItem(key, text);
    localStorage.setItem('tabchain-key:', text);
    expect(await vault.everywhere()).toEqual([entry()]);
  });

  it('of an early version, without checksums, is accepted and gets a checksum', async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('tabchain-keys', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('accounts', { keyPath: ['networkId', 'address'] });
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    localStorage.setItem(key, JSON.stringify({ ...entry(), version: 3 }));
    expect(await vault.everywhere()).toEqual([entry()]);
    await vault.put(entry({ usedAt: 5 }));
    inStorage((item) => ({ ...item, pem: 'PEN' }));
    expect(await vault.everywhere()).toEqual([entry({ usedAt: 5 })]);
  });
});
