import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { deleteDatabase, listDatabases } from '../../src/storage/disk/bounded-indexeddb.ts';
import { IndexedDbMedium } from '../../src/storage/disk/medium-indexeddb.ts';
import { beginNewLog } from '../../src/storage/disk/new-log.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { PAGE_BYTES, PageFile } from '../../src/storage/disk/page-file.ts';
import { resultOf } from '../../src/util/indexeddb.ts';
import { installKeyRange, NAME, TIMERS } from './support/media.ts';

beforeAll(installKeyRange);

const file = PageFile.from(new Uint8Array(2 * PAGE_BYTES).fill(7));
const snapshot = (height: number) => () => ({ pages: file, height, tip: `block ${height}` });

describe('IndexedDB', () => {
  test('databases can be listed and deleted while they are open', async () => {
    const factory = new IDBFactory();
    const disk = await PageDisk.open(new IndexedDbMedium(factory, NAME, TIMERS), 'a');
    await disk.save(snapshot(1));
    expect(await listDatabases(factory, TIMERS)).toEqual([NAME]);
    await deleteDatabase(factory, NAME, TIMERS);
    expect(await listDatabases(factory, TIMERS)).toEqual([]);
    await deleteDatabase(factory, NAME, TIMERS);
  });

  test('a closed disk is reported', async () => {
    const disk = await PageDisk.open(new IndexedDbMedium(new IDBFactory(), NAME, TIMERS), 'a');
    disk.close();
    await expect(disk.save(snapshot(1))).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('a browser without storage is reported', async () => {
    const refusing = { open: () => fail('SecurityError') } as unknown as IDBFactory;
    await expect(PageDisk.open(new IndexedDbMedium(refusing, NAME, TIMERS), 'a')).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('a full disk is reported, and works again once there is space', async () => {
    const factory = new IDBFactory();
    const medium = new IndexedDbMedium(factory, NAME, TIMERS);
    const disk = await PageDisk.open(medium, 'a');
    await disk.save(snapshot(1));
    const update = medium.update((control) => {
      // put() throws this error when the browser knows at once that there is no space.
      expect(control).not.toBeNull();
      return fail('QuotaExceededError');
    });
    await expect(update).rejects.toMatchObject({ code: 'storage-full' });
    expect(await disk.save(snapshot(2))).toMatchObject({ height: 2 });
  });

  test('a connection closed by the browser is reopened', async () => {
    const factory = new IDBFactory();
    const opened: IDBDatabase[] = [];
    const watched = {
      open: (...args: Parameters<IDBFactory['open']>) => {
        const request = factory.open(...args);
        request.addEventListener('success', () => opened.push(request.result));
        return request;
      },
    } as IDBFactory;
    const disk = await PageDisk.open(new IndexedDbMedium(watched, NAME, TIMERS), 'a');
    await disk.save(snapshot(1));
    opened[0]!.close();
    expect(await disk.save(snapshot(2))).toMatchObject({ height: 2 });
    expect(opened).toHaveLength(2);
  });

  describe('with a log that may be torn', () => {
    afterEach(() => {
      vi.restoreAllMocks();
    });

    /** Enough bytes to make Chromium start two new logs. */
    const NEW_LOGS_BYTES = 8 << 20;

    /** Records all puts from now on, in order. */
    const watchPuts = (): { store: string; bytes: number }[] => {
      const puts: { store: string; bytes: number }[] = [];
      const put = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put')!.value as IDBObjectStore['put'];
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: unknown, key) {
        puts.push({ store: this.name, bytes: value instanceof Uint8Array ? value.length : 0 });
        return put.call(this, value, key);
      });
      return puts;
    };

    /** Makes the next transaction with a put fail when it ends. */
    const failOnce = (): void => {
      const put = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put')!.value as IDBObjectStore['put'];
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore, value, key) {
        queueMicrotask(() => this.transaction.abort());
        return put.call(this, value, key);
      });
    };

    const fillerIn = (puts: readonly { store: string; bytes: number }[]): number =>
      puts.filter(({ store }) => store === 'filler').reduce((sum, { bytes }) => sum + bytes, 0);

    test('starts new logs and leaves no filler behind', async () => {
      const puts = watchPuts();
      const factory = new IDBFactory();
      await beginNewLog(factory, TIMERS);
      expect(fillerIn(puts)).toBeGreaterThan(NEW_LOGS_BYTES);
      const database = await resultOf(factory.open('tabchain-filler'));
      expect(await resultOf(database.transaction('filler').objectStore('filler').count())).toBe(0);
    });

    test('starts new logs after a failed write, before the next write counts', async () => {
      const disk = await PageDisk.open(new IndexedDbMedium(new IDBFactory(), NAME, TIMERS), 'a');
      failOnce();
      await expect(disk.save(snapshot(1))).rejects.toMatchObject({ code: 'storage-failed' });
      vi.restoreAllMocks();
      const puts = watchPuts();
      expect(await disk.save(snapshot(2))).toMatchObject({ height: 2 });
      const before = puts.slice(
        0,
        puts.findIndex(({ store }) => store === 'control'),
      );
      expect(fillerIn(before)).toBeGreaterThan(NEW_LOGS_BYTES);
    });

    test('is reopened after several failures in a row', async () => {
      const factory = new IDBFactory();
      const open = vi.spyOn(factory, 'open');
      const opened = (): number => open.mock.calls.filter(([name]) => name === NAME).length;
      const disk = await PageDisk.open(new IndexedDbMedium(factory, NAME, TIMERS), 'a');
      for (let i = 0; i < 4; i++) {
        expect(opened()).toBe(1);
        failOnce();
        await expect(disk.save(snapshot(1))).rejects.toMatchObject({ code: 'storage-failed' });
      }
      expect(await disk.save(snapshot(2))).toMatchObject({ height: 2 });
      expect(opened()).toBe(2);
    });
  });

  test('a database of the first version is emptied', async () => {
    const factory = new IDBFactory();
    await new Promise<void>((resolve, reject) => {
      const request = factory.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('control').put({ owner: 'old', head: { size: 1 } }, 'control');
        request.result.createObjectStore('chunks');
      };
      request.onsuccess = () => (request.result.close(), resolve());
      request.onerror = () => reject(request.error);
    });
    const disk = await PageDisk.open(new IndexedDbMedium(factory, NAME, TIMERS), 'a');
    expect(await disk.load()).toBeNull();
    expect(await disk.save(snapshot(1))).toMatchObject({ height: 1 });
  });
});

function fail(name: string): never {
  throw new DOMException('refused by the test', name);
}
