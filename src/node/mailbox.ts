import type { Log } from '../util/log.ts';
import { errorCode } from '../util/errors.ts';

/** - `own`: what the person and their own miner want - `peers`: what other tabs cause; runs while nothing of the former waits */
export type Lane = 'own' | 'peers';

/**
 * The node's one writer: tasks run strictly one after another, each to its end (awaits included) before the next begins,
 * so no code below ever sees another's half-finished work. However much others send, the node's own tasks come first.
 */
export class Mailbox {
  readonly #lanes: Readonly<Record<Lane, (() => Promise<void>)[]>> = { own: [], peers: [] };
  #running = false;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tasks queued or running. */
  get size(): number {
    return this.#lanes.own.length + this.#lanes.peers.length + (this.#running ? 1 : 0);
  }

  /** Runs `task` after all earlier ones of its lane; its failure reaches the caller alone. */
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

  /** Runs `task` for its effect; a failure is logged, since nobody waits for it. */
  post(area: string, task: () => Promise<void> | void, lane: Lane = 'own'): void {
    this.ask(task, lane).catch((error: unknown) => {
      this.#log('error', 'node/task-failed', { task: area, code: errorCode(error), error: String(error) });
    });
  }

  async #run(): Promise<void> {
    // Whoever posts a task goes on before it begins.
    await Promise.resolve();
    for (let task = this.#next(); task; task = this.#next()) await task();
    this.#running = false;
  }

  #next(): (() => Promise<void>) | undefined {
    return this.#lanes.own.shift() ?? this.#lanes.peers.shift();
  }
}
