import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
/** A larger young generation, because a simulation makes much short-lived garbage. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];
/** Worlds that one process runs before another replaces it, because WebAssembly memory is never released. */
const SEEDS_A_PROCESS = 500;

/** The request to a worker process, which answers with the result. */
export interface Order<Options> {
  readonly seed: number;
  readonly options: Options;
}

/** Runs a range of seeds in several processes. Each takes the next seed as soon as it is done, so none waits for a slow seed. */
export class Crowd<Options, Result> {
  /** Path of the program of a worker process. */
  readonly #worker: string;
  readonly #options: Options;
  readonly #onResult: (result: Result) => void;
  #next: number;
  readonly #end: number;

  constructor(worker: string, first: number, count: number, options: Options, onResult: (result: Result) => void) {
    this.#worker = worker;
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
      const worker = fork(this.#worker, process.argv.slice(2), {
        execArgv: [...process.execArgv, ...NODE_OPTIONS],
        serialization: 'advanced',
      });
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
async function ask<Result>(worker: ChildProcess, order: Order<unknown>): Promise<Result> {
  const ended = new AbortController();
  const exited = once(worker, 'exit', ended).then(([code, signal]) => {
    throw new TypeError(`A process ended (${code ?? signal}) in seed ${order.seed}.`);
  });
  worker.send(order);
  try {
    const [result] = (await Promise.race([once(worker, 'message', ended), exited])) as [Result];
    return result;
  } finally {
    exited.catch(() => undefined);
    ended.abort();
  }
}
