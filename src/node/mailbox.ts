import type { Log } from '../util/log.ts';
import { errorCode } from '../util/errors.ts';

/** - `own`: tasks of the page and of the own miner - `peers`: tasks of other tabs, which run only while no `own` task waits */
export type Lane = 'own' | 'peers';

/**
 * The node's only writer: tasks run strictly one after another, each to its end (including awaits) before the next begins. So no task
 * sees the unfinished work of another task. However much other tabs send, the node's own tasks come first.
 */
export class Mailbox {
  readonly #lanes: Readonly<Record<Lane, (() => Promise<void>)[]>> = { own: [], peers: [] };
  #running = false;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Number of tasks that wait or run. */
  get size(): number {
    return this.#lanes.own.length + this.#lanes.peers.length + (this.#running ? 1 : 0);
  }

  /** Runs `task` after all earlier tasks of its lane. Only the caller sees its error. */
  ask<T>(task: () => Promise<T> | T, lane: Lane = 'own'): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#lanes[lane].push(async () => {
        try {
          resolve(await task());
        } catch (error) {
          reject(error as Error);
        }
      });
      if (this.#running) return;
      this.#running = true;
      void this.#run();
    });
  }

  /** Runs `task` for its effect. An error is logged, because no caller waits for the task. */
  post(area: string, task: () => Promise<void> | void, lane: Lane = 'own'): void {
    this.ask(task, lane).catch((error: unknown) => {
      this.#log('error', 'node/task-failed', { task: area, code: errorCode(error), error: String(error) });
    });
  }

  async #run(): Promise<void> {
    // The code that posts a task continues before the task begins.
    await Promise.resolve();
    for (let task = this.#next(); task; task = this.#next()) await task();
    this.#running = false;
  }

  #next(): (() => Promise<void>) | undefined {
    return this.#lanes.own.shift() ?? this.#lanes.peers.shift();
  }
}
