import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunOptions, RunResult } from './run.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
/** A larger young generation, because a simulation makes much short-lived garbage. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];
/** Worlds that one process runs before another replaces it, because WebAssembly memory is never released. */
const SEEDS_A_PROCESS = 500;

/** The request to a worker process, which answers with a {@link RunResult}. */
export interface Order {
  readonly seed: number;
  readonly options: RunOptions;
}

/** Runs a range of seeds in several processes. Each takes the next seed as soon as it is done, so none waits for a slow seed. */
export class Crowd {
  readonly #options: RunOptions;
  readonly #onResult: (result: RunResult) => void;
  #next: number;
  readonly #end: number;

  constructor(first: number, count: number, options: RunOptions, onResult: (result: RunResult) => void) {
    this.#next = first;
    this.#end = first + count;
    this.#options = options;
    this.#onResult = onResult;
  }

  /** Starts no more seeds. */
  stop(): void {
    this.#next = this.#end;
  }

  async run(processes: number): Promise<void> {
    await Promise.all(Array.from({ length: processes }, () => this.#work()));
  }

  async #work(): Promise<void> {
    while (this.#next < this.#end) {
      const worker = fork(WORKER, process.argv.slice(2), { execArgv: [...process.execArgv, ...NODE_OPTIONS], serialization: 'advanced' });
      try {
        for (let i = 0; i < SEEDS_A_PROCESS && this.#next < this.#end; i++) {
          this.#onResult(await ask(worker, { seed: this.#next++, options: this.#options }));
        }
      } finally {
        worker.kill();
      }
    }
  }
}

/** Runs one seed in a worker. A worker that dies ends the whole run, because that is a finding too. */
async function ask(worker: ChildProcess, order: Order): Promise<RunResult> {
  const ended = new AbortController();
  const exited = once(worker, 'exit', ended).then(([code, signal]) => {
    throw new TypeError(`A process ended (${code ?? signal}) in seed ${order.seed}.`);
  });
  worker.send(order);
  try {
    const [result] = (await Promise.race([once(worker, 'message', ended), exited])) as [RunResult];
    return result;
  } finally {
    exited.catch(() => undefined);
    ended.abort();
  }
}
