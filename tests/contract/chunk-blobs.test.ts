import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { IndexedDbMedium } from '../../src/storage/disk/medium-indexeddb.ts';
import { chunkKey, type ChunkRecord } from '../../src/storage/disk/medium.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { CHUNK_BYTES, PAGE_BYTES, PageFile } from '../../src/storage/disk/page-file.ts';
import { completion, resultOf } from '../../src/util/indexeddb.ts';
import { installKeyRange, NAME, TIMERS } from './support/media.ts';

beforeAll(installKeyRange);

let factory: IDBFactory;
beforeEach(() => {
  factory = new IDBFactory();
});
afterEach(() => vi.restoreAllMocks());

const KEY = chunkKey(1, 0);
const file = PageFile.from(new Uint8Array(2 * PAGE_BYTES).fill(7));
const open = (): Promise<PageDisk> => PageDisk.open(new IndexedDbMedium(factory, NAME, TIMERS), 'a');
const save = async (disk: PageDisk, height = 1): Promise<unknown> => disk.save(() => ({ pages: file, height, tip: `block ${height}` }));

/** The record of the first chunk, whose bytes are a Blob or an array. */
type Stored = Omit<ChunkRecord, 'bytes'> & { readonly bytes: unknown };

async function withChunks<T>(mode: IDBTransactionMode, ask: (chunks: globalThis.IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await resultOf(factory.open(NAME));
  const transaction = database.transaction('chunks', mode);
  const answer = ask(transaction.objectStore('chunks'));
  await completion(transaction);
  database.close();
  return answer.result;
}

const stored = (): Promise<Stored> => withChunks('readonly', (chunks) => chunks.get(KEY) as IDBRequest<Stored>);
const store = (record: Stored): Promise<unknown> => withChunks('readwrite', (chunks) => chunks.put(record, KEY));

describe('a chunk', () => {
  test('lies in IndexedDB as a Blob, and comes back as bytes', async () => {
    await save(await open());
    expect((await stored()).bytes).toBeInstanceOf(Blob);
    const loaded = await (await open()).load();
    expect(loaded!.pages.toBytes()).toEqual(file.toBytes());
  });

  test('of an earlier version, an array, is read as well', async () => {
    await save(await open());
    const record = await stored();
    await store({ ...record, bytes: new Uint8Array(await (record.bytes as Blob).arrayBuffer()) });
    const loaded = await (await open()).load();
    expect(loaded!.pages.toBytes()).toEqual(file.toBytes());
  });

  test.each([
    ['altered', new Blob([new Uint8Array(2 * PAGE_BYTES)])],
    ['cut', new Blob([new Uint8Array(PAGE_BYTES).fill(7)])],
    ['empty', new Blob([])],
  ])('that was %s is damaged', async (_how, bytes) => {
    await save(await open());
    await store({ ...(await stored()), bytes });
    await expect((await open()).load()).rejects.toMatchObject({ code: 'storage-damaged', details: { what: 'chunk', number: 0 } });
  });

  test('whose Blob cannot be read is damaged', async () => {
    await save(await open());
    vi.spyOn(Blob.prototype, 'arrayBuffer').mockRejectedValue(new DOMException('The file is gone.', 'NotReadableError'));
    await expect((await open()).load()).rejects.toMatchObject({ code: 'storage-damaged', details: { what: 'chunk', number: 0 } });
  });

  test('whose Blob is too large for a chunk is damaged, and the Blob is not read', async () => {
    await save(await open());
    await store({ ...(await stored()), bytes: new Blob([new Uint8Array(CHUNK_BYTES + 1)]) });
    const reads = vi.spyOn(Blob.prototype, 'arrayBuffer');
    await expect((await open()).load()).rejects.toMatchObject({ code: 'storage-damaged', details: { what: 'chunk', number: 0 } });
    expect(reads).not.toHaveBeenCalled();
  });
});

describe('a browser that stores no Blobs', () => {
  /** Fails like a private window of WebKit: `put` throws. */
  beforeEach(() => {
    const { put } = IDBObjectStore.prototype;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: { bytes?: unknown }, key) {
      if (value.bytes instanceof Blob) throw new DOMException('Blobs cannot be stored.', 'UnknownError');
      return put.call(this, value, key);
    });
  });

  test('fails one save, and stores arrays from the next save on', async () => {
    const disk = await open();
    await expect(save(disk)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(await save(disk)).toMatchObject({ height: 1 });
    expect((await stored()).bytes).toBeInstanceOf(Uint8Array);
    expect((await (await open()).load())!.height).toBe(1);
  });
});
