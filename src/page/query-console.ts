import { TabchainError } from '../util/errors.ts';
import { Semaphore } from '../util/semaphore.ts';
import { within } from '../util/within.ts';
import { connectRemote, sendNote } from '../api/rpc.ts';
import type { QueryParams, QueryResult } from '../api/api.ts';
import { browserTimers } from './browser-timers.ts';
import type { DatabaseCopier } from './database-copier.ts';
import type { QueryService } from './query-messages.ts';
import { workerFailure } from './worker-failure.ts';

/** Longest run of a statement; after this time the worker is ended. */
const QUERY_TIMEOUT_MS = 10_000;
/** Longest time to open a database. Somebody else's file is read meanwhile. */
const OPEN_TIMEOUT_MS = 60_000;
const MAX_SQL_LENGTH = 100_000;
/** The copy is in this tab's memory, in addition to the database itself. */
const MAX_COPY_BYTES = 512 << 20;
/** Without a query for this long, the copy's memory is freed. */
const IDLE_MS = 60_000;

/** Where a console's database comes from: `K` names one state of it, and each other name needs a new worker. */
export interface QuerySource<K> {
  /** Sends the worker what it needs. */
  readonly fill: (worker: Worker, name: K) => Promise<void>;
  readonly open: (service: QueryService, name: K) => Promise<void>;
}

/** A worker with a database. */
interface Console<K> {
  readonly worker: Worker;
  readonly service: QueryService;
  readonly name: K;
  /** Rejects when the worker fails; never resolves. */
  readonly failed: Promise<never>;
}

/** Runs typed SQL in a disposable worker. */
export class QueryConsole<K> {
  readonly #source: QuerySource<K>;
  #console: Console<K> | null = null;
  readonly #queries = new Semaphore(1);
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(source: QuerySource<K>) {
    this.#source = source;
  }

  /** @throws TabchainError `query-failed`, `query-write`, `query-timeout`, `query-too-large`, `script-blocked`, and those of the source */
  run(sql: string, params: QueryParams | undefined, name: K): Promise<QueryResult> {
    if (typeof sql !== 'string' || sql.length > MAX_SQL_LENGTH) {
      return Promise.reject(new TabchainError('query-failed', 'A statement is a text of at most 100,000 characters.', { own: 'length' }));
    }
    return this.#queries.run(() => this.#run(sql, params, name));
  }

  async #run(sql: string, params: QueryParams | undefined, name: K): Promise<QueryResult> {
    clearTimeout(this.#idle);
    try {
      if (this.#console?.name !== name) await this.#open(name);
      return await this.#ask(QUERY_TIMEOUT_MS, (service) => service.query(sql, params ?? null));
    } catch (error) {
      // A worker never gives back memory that it has taken.
      if (error instanceof TabchainError && error.code === 'query-too-large') this.dispose();
      throw error;
    } finally {
      this.#idle = setTimeout(() => this.dispose(), IDLE_MS);
    }
  }

  async #open(name: K): Promise<void> {
    this.dispose();
    const worker = new Worker(new URL('./query.worker.ts', import.meta.url), { type: 'module' });
    const failed = new Promise<never>((_resolve, reject) => {
      worker.onerror = (event) => {
        event.preventDefault();
        if (this.#console?.worker === worker) this.dispose();
        reject(
          workerFailure(
            event,
            'query',
            (message) => new TabchainError('query-failed', `The console failed: ${message}`, { own: 'broken' }),
          ),
        );
      };
    });
    // A running query reports this failure. Between two queries nothing handles the rejection.
    failed.catch(() => undefined);
    const { api: service } = connectRemote<QueryService>(worker, () => undefined);
    this.#console = { worker, service, name, failed };
    try {
      await Promise.race([failed, this.#source.fill(worker, name)]);
      await this.#ask(OPEN_TIMEOUT_MS, (service) => this.#source.open(service, name));
    } catch (error) {
      // A worker without a database answers nothing, and the same name must not find it again.
      if (this.#console?.worker === worker) this.dispose();
      throw error;
    }
  }

  async #ask<T>(limitMs: number, question: (service: QueryService) => Promise<T>): Promise<T> {
    const console = this.#console;
    if (!console) throw new TabchainError('query-failed', 'The console has been closed.', { own: 'broken' });
    return within(browserTimers, limitMs, Promise.race([question(console.service), console.failed]), () => {
      this.dispose();
      return new TabchainError('query-timeout', `The query was stopped after ${limitMs / 1000} seconds.`);
    });
  }

  /** Ends the worker and its database. */
  dispose(): void {
    clearTimeout(this.#idle);
    this.#console?.worker.terminate();
    this.#console = null;
  }
}

/** A copy of the node's database. The name of its state is the revision, so a changed chain needs a new copy. */
export function ownDatabase(copier: Pick<DatabaseCopier, 'copy'>): QuerySource<number> {
  return {
    async fill(worker) {
      let bytes = 0;
      await copier.copy((part) => {
        bytes += part.byteLength;
        // Take and drop the rest, because the node's export cannot be cancelled.
        if (bytes <= MAX_COPY_BYTES) sendNote(worker, part, [part.buffer]);
      });
      if (bytes <= MAX_COPY_BYTES) return;
      const message = 'The database is too large for a copy in this tab. Export it, and ask it with sqlite3.';
      throw new TabchainError('query-too-large', message, { bytes });
    },
    open: (service) => service.open(),
  };
}

/** Somebody else's file, which its worker reads. */
export const FILE_DATABASE: QuerySource<Blob> = {
  fill: () => Promise.resolve(),
  open: (service, file) => service.openFile(file),
};
