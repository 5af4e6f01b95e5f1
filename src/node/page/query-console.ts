import { fromWireError, TabchainError } from '../../util/errors.ts';
import type { QueryResult } from '../api.ts';
import type { DatabaseCopier } from './database-copier.ts';
import type { QueryParams, QueryReply, QueryRequest } from './query-messages.ts';

/** A statement that runs longer than this is stopped by ending its worker. */
const QUERY_TIMEOUT_MS = 10_000;
const MAX_SQL_LENGTH = 100_000;

type Unnumbered<T> = T extends { id: number } ? Omit<T, 'id'> : never;

/** Runs typed SQL in a disposable worker on a copy of the database; the copy is renewed when the chain has changed. */
export class QueryConsole {
  readonly #copier: DatabaseCopier;
  #worker: Worker | null = null;
  #loadedRevision = -1;
  #nextId = 1;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(copier: DatabaseCopier) {
    this.#copier = copier;
  }

  /**
   * @param revision changes whenever the node's data does
   * @throws TabchainError `query-failed`, `query-write`, `query-timeout`
   */
  run(sql: string, params: QueryParams | undefined, revision: number): Promise<QueryResult> {
    if (typeof sql !== 'string' || sql.length > MAX_SQL_LENGTH) {
      return Promise.reject(new TabchainError('query-failed', 'A statement is a text of at most 100,000 characters.'));
    }
    const result = this.#queue.then(() => this.#run(sql, params, revision));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #run(sql: string, params: QueryParams | undefined, revision: number): Promise<QueryResult> {
    if (!this.#worker || this.#loadedRevision !== revision) {
      this.dispose();
      const worker = new Worker(new URL('./query.worker.ts', import.meta.url), { type: 'module' });
      this.#worker = worker;
      await this.#copier.copy((part) => worker.postMessage({ type: 'part', part } satisfies QueryRequest, [part.buffer]));
      await this.#post({ type: 'open' });
      this.#loadedRevision = revision;
    }
    const reply = await this.#post({ type: 'query', sql, params: params ?? null });
    if (!reply.result) throw new TabchainError('query-failed', 'The query gave no result.');
    return reply.result;
  }

  #post(request: Unnumbered<QueryRequest>): Promise<QueryReply> {
    const worker = this.#worker!;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.dispose();
        reject(new TabchainError('query-timeout', `The query was stopped after ${QUERY_TIMEOUT_MS / 1000} seconds.`));
      }, QUERY_TIMEOUT_MS);
      worker.onmessage = ({ data }: MessageEvent<QueryReply>) => {
        if (data.id !== id) return;
        clearTimeout(timer);
        if (data.error) reject(fromWireError(data.error));
        else resolve(data);
      };
      worker.onerror = (event) => {
        clearTimeout(timer);
        this.dispose();
        reject(new TabchainError('query-failed', `The query worker failed: ${event.message}`));
      };
      worker.postMessage({ ...request, id });
    });
  }

  /** Ends the worker and its copy. */
  dispose(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#loadedRevision = -1;
  }
}
