/** The node's storage over the browser's IndexedDB, in a worker as in the product. */
import initSqlJs, { type SqlJsStatic } from 'sql.js';
import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url';
import { Chain } from '../../../../src/chain/chain.ts';
import { createVerifier } from '../../../../src/crypto/rsa/verifier.ts';
import { browserTimers } from '../../../../src/page/browser-timers.ts';
import { IndexedDbMedium } from '../../../../src/storage/disk/medium-indexeddb.ts';
import type { Batch } from '../../../../src/storage/disk/medium.ts';
import { PageDisk } from '../../../../src/storage/disk/page-disk.ts';
import { SqlChainStore } from '../../../../src/storage/sql/store.ts';
import { SyntheticChain } from '../synthetic.ts';
import { Mirror } from './mirror.ts';
import { recording, type Change } from './recording.ts';
import type { BlockTimes, Opened, SizeAnswer, StoreRequest } from './store-lab.ts';

/** Accounts of a large lecture. */
const ACCOUNTS = 200;
const TRANSACTIONS = 100;
const CHUNK_BYTES = 1 << 20;

/** Counts the bytes of the log and the chunks that are written. */
class CountingMedium extends IndexedDbMedium {
  logBytes = 0;
  chunks = 0;

  override update(decide: (control: unknown) => Batch): Promise<void> {
    return super.update((control) => {
      const batch = decide(control);
      for (const put of batch.puts) {
        if (put.store === 'log') this.logBytes += put.record.bytes.length;
        else this.chunks++;
      }
      return batch;
    });
  }
}

class Lab {
  readonly #sqlJs: SqlJsStatic;
  readonly #chain = new SyntheticChain(ACCOUNTS, TRANSACTIONS);
  readonly #medium = new CountingMedium(indexedDB, self.name, browserTimers);
  #disk: PageDisk | null = null;
  #store: SqlChainStore;
  #mirror: Mirror | null = null;
  /** Changes of the store, recorded while wa-sqlite must repeat them; null otherwise. */
  #changes: Change[] | null = null;

  constructor(sqlJs: SqlJsStatic) {
    this.#sqlJs = recording(sqlJs, (change) => this.#changes?.push(change));
    this.#store = SqlChainStore.open(this.#sqlJs, this.#chain.network);
  }

  #connect(blocks: number): void {
    this.#store.atomically(() => {
      for (let i = 0; i < blocks; i++) this.#store.connect(this.#chain.next(), 1n);
    });
  }

  async #save(): Promise<void> {
    this.#disk ??= await PageDisk.open(this.#medium, 'bench');
    await this.#disk.save(() => ({ pages: this.#store.pages(), height: this.#chain.height, tip: this.#chain.tip }));
  }

  async grow(megabytes: number): Promise<number> {
    while (this.#store.pages().size < megabytes * 1e6) this.#connect(megabytes < 5 ? 1 : 20);
    // A new disk, so that the whole file is written.
    this.#disk = null;
    return timed(() => this.#save());
  }

  async blocks(count: number): Promise<BlockTimes> {
    const times: BlockTimes = { ms: [], kilobytes: [], chunks: [] };
    for (let i = 0; i < count; i++) {
      const { logBytes, chunks } = this.#medium;
      const effect = this.#chain.next();
      times.ms.push(
        await timed(() => {
          this.#store.atomically(() => this.#store.connect(effect, 1n));
          return this.#save();
        }),
      );
      times.kilobytes.push((this.#medium.logBytes - logBytes) / 1e3);
      times.chunks.push(this.#medium.chunks - chunks);
    }
    return times;
  }

  async catchUp(count: number): Promise<number> {
    const effects = Array.from({ length: count }, () => this.#chain.next());
    const ms = await timed(async () => {
      let saving: Promise<void> | null = null;
      for (const effect of effects) {
        this.#store.atomically(() => this.#store.connect(effect, 1n));
        // The node handles messages between blocks. When a save ends, the next save includes all blocks that came meanwhile.
        saving ??= this.#save().finally(() => (saving = null));
        await new Promise((resolve) => setTimeout(resolve));
      }
      await saving;
      await this.#save();
    });
    return ms / count;
  }

  async wholeFile(): Promise<number> {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(`${self.name} whole`, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('chunks');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error(request.error?.message));
    });
    const ms = await timed(
      () =>
        new Promise<void>((resolve, reject) => {
          const bytes = this.#store.sql.export();
          const transaction = database.transaction('chunks', 'readwrite', { durability: 'strict' });
          const store = transaction.objectStore('chunks');
          for (let at = 0; at < bytes.length; at += CHUNK_BYTES) store.put(bytes.slice(at, at + CHUNK_BYTES), at);
          transaction.oncomplete = () => resolve();
          transaction.onabort = () => reject(new Error(transaction.error?.message));
        }),
    );
    database.close();
    await new Promise((resolve) => (indexedDB.deleteDatabase(`${self.name} whole`).onsuccess = resolve));
    return ms;
  }

  async mirror(count: number): Promise<number[]> {
    const mirror = (this.#mirror ??= await Mirror.open(`${self.name} mirror`, this.#store.pages()));
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const changes = (this.#changes = []);
      this.#connect(1);
      this.#changes = null;
      times.push(await timed(() => mirror.apply(changes)));
    }
    await this.#save();
    return times;
  }

  async open(): Promise<Opened> {
    const ms = await timed(async () => {
      this.#disk = await PageDisk.open(this.#medium, 'bench again');
      const stored = await this.#disk.load();
      this.#store = SqlChainStore.open(this.#sqlJs, this.#chain.network, stored!.pages);
      const { network } = this.#chain;
      const verifier = createVerifier({ subtle: crypto.subtle });
      const chain = await Chain.open({ network, store: this.#store, verifier, clock: Date, log: () => undefined });
      const { height } = chain.tip();
      if (height !== stored!.height || this.#store.block(height) === null) throw new Error('The stored chain is another.');
    });
    return { ms, bytes: this.#store.pages().size };
  }

  follow(): void {
    while (this.#chain.height < this.#store.height()) this.#chain.next();
  }

  size(): SizeAnswer {
    return { bytes: this.#store.pages().size, encodedBytes: this.#chain.encodedBytes };
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const lab = initSqlJs({ locateFile: () => wasmUrl }).then((sqlJs) => new Lab(sqlJs));

async function answer(request: StoreRequest): Promise<unknown> {
  const started = await lab;
  switch (request.type) {
    case 'grow':
      return started.grow(request.megabytes);
    case 'blocks':
      return started.blocks(request.count);
    case 'catch-up':
      return started.catchUp(request.count);
    case 'whole-file':
      return started.wholeFile();
    case 'mirror':
      return started.mirror(request.count);
    case 'open':
      return started.open();
    case 'follow':
      return started.follow();
    case 'size':
      return started.size();
  }
}

addEventListener('message', (event: MessageEvent<StoreRequest>) => {
  answer(event.data).then(
    (value) => postMessage({ value }),
    (error: unknown) => postMessage({ error: error instanceof Error ? `${error.message} ${error.stack}` : String(error) }),
  );
});
