import createSqlite from '@journeyapps/wa-sqlite/dist/wa-sqlite-async.mjs';
import wasmUrl from '@journeyapps/wa-sqlite/dist/wa-sqlite-async.wasm?url';
import { Factory } from '@journeyapps/wa-sqlite';
import { IDBMirrorVFS } from '@journeyapps/wa-sqlite/src/examples/IDBMirrorVFS.js';
import type { PageFile } from '../../../../src/storage/disk/page-file.ts';
import { PAGE_BYTES } from '../../../../src/storage/disk/page-file.ts';
import type { Change } from './recording.ts';

/** Path of the file in the file system's object store. */
const PATH = '/bench';
/** Puts per transaction while the file is created. */
const PAGES_AT_ONCE = 2_000;

type Sqlite = ReturnType<typeof Factory>;

/**
 * wa-sqlite on its IDBMirrorVFS: the file in memory, and one put into IndexedDB for each page that a transaction changed. It starts from
 * the store's own pages, so it has the same schema and rows.
 */
export class Mirror {
  readonly #sqlite: Sqlite;
  readonly #database: number;
  readonly #statements = new Map<string, number>();

  private constructor(sqlite: Sqlite, database: number) {
    this.#sqlite = sqlite;
    this.#database = database;
  }

  /** @param name of a new IndexedDB database */
  static async open(name: string, pages: PageFile): Promise<Mirror> {
    await layOut(name, pages);
    const module: unknown = await createSqlite({ locateFile: () => wasmUrl });
    const sqlite = Factory(module);
    const files: unknown = await IDBMirrorVFS.create(name, module);
    sqlite.vfs_register(files as Parameters<Sqlite['vfs_register']>[0], true);
    const database = await sqlite.open_v2(PATH);
    await sqlite.exec(database, 'PRAGMA cache_size = -65536');
    return new Mirror(sqlite, database);
  }

  /** Repeats the store's changes for a block; resolves once IndexedDB has stored them. */
  async apply(changes: readonly Change[]): Promise<void> {
    const sqlite = this.#sqlite;
    for (const { sql, params } of changes) {
      const statement = await this.#statement(sql);
      if (params.length > 0) sqlite.bind_collection(statement, [...params]);
      await sqlite.step(statement);
      await sqlite.reset(statement);
    }
  }

  async #statement(sql: string): Promise<number> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    for await (const statement of this.#sqlite.statements(this.#database, sql, { unscoped: true })) {
      this.#statements.set(sql, statement);
      return statement;
    }
    throw new Error(`There is no statement in "${sql}".`);
  }
}

async function layOut(name: string, pages: PageFile): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('blocks', { keyPath: ['path', 'offset'] });
      request.result.createObjectStore('tx', { keyPath: ['path', 'txId'] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(request.error?.message));
  });
  const count = pages.size / PAGE_BYTES;
  for (let from = 0; from < count; from += PAGES_AT_ONCE) {
    const transaction = database.transaction('blocks', 'readwrite');
    const blocks = transaction.objectStore('blocks');
    for (let page = from; page < Math.min(count, from + PAGES_AT_ONCE); page++) {
      blocks.put({ path: PATH, offset: page * PAGE_BYTES, data: pages.page(page).slice() });
    }
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(new Error(transaction.error?.message));
    });
  }
  database.close();
}
