import { TabchainError } from '../util/errors.ts';
import { Semaphore } from '../util/semaphore.ts';
import { within } from '../util/within.ts';
import { connectRemote, sendNote } from '../api/rpc.ts';
import type { QueryResult } from '../api/api.ts';
import { browserTimers } from './browser-timers.ts';
import type { DatabaseCopier } from './database-copier.ts';
import type { QueryParams, QueryService } from './query-messages.ts';
import { workerFailure } from './worker-failure.ts';

/** Longest run of a statement; after this time the worker is ended. */
const QUERY_TIMEOUT_MS = 10_000;
const MAX_SQL_LENGTH = 100_000;
/** The copy is in this tab's memory, in addition to the database itself. */
const MAX_COPY_BYTES = 512 << 20;
/** Without a query for this long, the copy's memory is freed. */
const IDLE_MS = 60_000;

/** A worker with a copy of the database. */
interface Console {
  readonly worker: Worker;
  readonly service: QueryService;
  readonly revision: number;
  /** Rejects when the worker fails; never resolves. */
  readonly failed: Promise<never>;
}

/** Runs typed SQL in a disposable worker on a copy of the database. A changed chain needs a new copy. */
export class QueryConsole {
  readonly #copier: Pick<DatabaseCopier, 'copy'>;
  #console: Console | null = null;
  readonly #queries = new Semaphore(1);
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(copier: Pick<DatabaseCopier, 'copy'>) {
    this.#copier = copier;
  }

  /**
   * @param revision changes whenever the node's data changes
   * @throws TabchainError `query-failed`, `query-write`, `query-timeout`, `query-too-large`, `script-blocked`
   */
  run(sql: string, params: QueryParams | undefined, revision: number): Promise<QueryResult> {
    if (typeof sql !== 'string' || sql.length > MAX_SQL_LENGTH) {
      return Promise.reject(new TabchainError('query-failed', 'A statement is a text of at most 100,000 characters.', { own: 'length' }));
    }
    return this.#queries.run(() => this.#run(sql, params, revision));
  }

  async #run(sql: string, params: QueryParams | undefined, revision: number): Promise<QueryResult> {
    clearTimeout(this.#idle);
    try {
      if (this.#console?.revision !== revision) await this.#open(revision);
      return await this.#ask((service) => service.query(sql, params ?? null));
    } catch (error) {
      // A worker never gives back memory that it has taken.
      if (error instanceof TabchainError && error.code === 'query-too-large') this.dispose();
      throw error;
    } finally {
      this.#idle = setTimeout(() => this.dispose(), IDLE_MS);
    }
  }

  /** Starts the worker and sends it a copy. */
  async #open(revision: number): Promise<void> {
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
    this.#console = { worker, service, revision, failed };
    await Promise.race([failed, this.#copy(worker)]);
    await this.#ask((service) => service.open());
  }

  async #copy(worker: Worker): Promise<void> {
    let bytes = 0;
    await this.#copier.copy((part) => {
      bytes += part.byteLength;
      // Take and drop the rest, because the node's export cannot be cancelled.
      if (bytes <= MAX_COPY_BYTES) sendNote(worker, part, [part.buffer]);
    });
    if (bytes <= MAX_COPY_BYTES) return;
    const message = 'The database is too large for a copy in this tab. Export it, and ask it with sqlite3.';
    throw new TabchainError('query-too-large', message, { bytes });
  }

  async #ask<T>(question: (service: QueryService) => Promise<T>): Promise<T> {
    const console = this.#console;
    if (!console) throw new TabchainError('query-failed', 'The console has been closed.', { own: 'broken' });
    return within(browserTimers, QUERY_TIMEOUT_MS, Promise.race([question(console.service), console.failed]), () => {
      this.dispose();
      return new TabchainError('query-timeout', `The query was stopped after ${QUERY_TIMEOUT_MS / 1000} seconds.`);
    });
  }

  /** Ends the worker and its copy. */
  dispose(): void {
    clearTimeout(this.#idle);
    this.#console?.worker.terminate();
    this.#console = null;
  }
}
