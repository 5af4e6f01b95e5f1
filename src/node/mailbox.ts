import type { Log } from '../util/ports.ts';
import { errorCode } from '../util/errors.ts';

/**
 * The node's one writer: tasks run strictly one after another, each to its end (awaits included) before the next begins,
 * so no code below ever sees another's half-finished work.
 */
export class Mailbox {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tasks queued or running. */
  get size(): number {
    return this.#waiting;
  }

  /** Runs `task` after all earlier ones; its failure reaches the caller alone. */
  ask<T>(task: () => Promise<T> | T): Promise<T> {
    this.#waiting++;
    const result = this.#tail.then(task).finally(() => this.#waiting--);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Runs `task` for its effect; a failure is logged, since nobody waits for it. */
  post(area: string, task: () => Promise<void> | void): void {
    this.ask(task).catch((error: unknown) => {
      this.#log('error', area, 'A task failed.', { code: errorCode(error), error: String(error) });
    });
  }
}
