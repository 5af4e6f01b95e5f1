import type { FileNote, FileService } from '../api/file-service.ts';
import type { FileOptions } from '../api/file.ts';
import { connectRemote } from '../api/rpc.ts';
import { TabchainError } from '../util/errors.ts';
import { within } from '../util/within.ts';
import { browserTimers } from './browser-timers.ts';
import { workerFailure } from './worker-failure.ts';

/** A worker reports progress several times a second; after a silence of this length it hangs in SQLite. */
const SILENCE_MS = 30_000;

/** The worker for one file. It ends when the work is done, fails, is cancelled or hangs. */
export class FileThread {
  readonly #worker: Worker;
  readonly #service: FileService;
  readonly #signal: AbortSignal | undefined;
  /** Rejects when the worker fails or the caller cancels; never resolves. */
  readonly #ended: Promise<never>;
  #heard = new Pulse();

  private constructor({ progress, signal }: FileOptions) {
    this.#signal = signal;
    this.#worker = new Worker(new URL('../node/file/file.worker.ts', import.meta.url), { type: 'module' });
    const { api } = connectRemote<FileService>(this.#worker, (note) => {
      const { step, fraction } = note as FileNote;
      this.#heard.beat();
      progress?.(step, fraction);
    });
    this.#service = api;
    this.#ended = new Promise<never>((_resolve, reject) => {
      this.#worker.onerror = (event) => {
        event.preventDefault();
        const failed = (message: string): TabchainError =>
          new TabchainError('file-check-failed', `The check of the file failed: ${message}. Nothing was changed.`);
        reject(workerFailure(event, 'file', failed));
      };
      signal?.addEventListener('abort', () => reject(cancelled()), { once: true });
    });
    this.#ended.catch(() => undefined);
  }

  /**
   * Runs `work` with a worker of its own.
   * @throws TabchainError `cancelled`, `file-silent`, `file-check-failed`, `script-blocked`, and those of `work`
   */
  static async run<T>(options: FileOptions, work: (thread: FileThread) => Promise<T>): Promise<T> {
    if (options.signal?.aborted) throw cancelled();
    const thread = new FileThread(options);
    try {
      return await work(thread);
    } finally {
      thread.#worker.terminate();
    }
  }

  /** Asks the worker, as long as it reports progress. */
  async ask<T>(question: (service: FileService) => Promise<T>): Promise<T> {
    const answer = question(this.#service).then((value) => ({ value }));
    for (;;) {
      const said = await within(browserTimers, SILENCE_MS, Promise.race([this.#ended, answer, this.#heard.next()]), silent);
      if (said) return said.value;
    }
  }

  /** @throws TabchainError `cancelled` */
  throwIfCancelled(): void {
    if (this.#signal?.aborted) throw cancelled();
  }
}

/** Promises of the next of many events. */
class Pulse {
  #wake: () => void = () => undefined;
  #next = this.#renewed();

  next(): Promise<void> {
    return this.#next;
  }

  beat(): void {
    this.#wake();
    this.#next = this.#renewed();
  }

  #renewed(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

const cancelled = (): TabchainError => new TabchainError('cancelled', 'The work on the file was cancelled. Nothing was changed.');

const silent = (): TabchainError =>
  new TabchainError('file-silent', 'SQLite does not come to an end with this file, so the check was stopped. Use another file.');
