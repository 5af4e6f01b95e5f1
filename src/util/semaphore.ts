import { WeighedQueue } from './weighed-queue.ts';

/**
 * Limits the number of tasks that run at a time; the others wait in the order of their calls. The package `p-limit` does not fit, because
 * each call takes a fifth longer, and the page would load two more packages.
 */
export class Semaphore {
  #free: number;
  readonly #waiting = new WeighedQueue<() => void>(() => 1);

  /** @param count tasks that may run at a time */
  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a permit. The caller must release each permit that it took. */
  take(): Promise<void> | undefined {
    if (this.#free === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#free--;
    return undefined;
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }

  /** Runs `work` under a permit; a failure reaches only the caller. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    try {
      return await work();
    } finally {
      this.release();
    }
  }
}
