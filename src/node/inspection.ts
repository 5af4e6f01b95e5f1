import type { Chain } from '../chain/chain.ts';
import type { TimerId, Timers } from '../util/ports.ts';

/** After opening there is more urgent work. */
const FIRST_MS = 500;
/** One block at a time, some milliseconds each, so that nothing else waits for them. */
const STEP_MS = 50;
/** Those that a reorganisation may still reach come first; the rest takes its time. */
const NEWEST_BLOCKS = 1_000;
const LATER_STEP_MS = 500;

/** Reads the blocks that a database held when it was opened, newest first: damage in a body is found before somebody needs the block. */
export class Inspection {
  readonly #chain: Chain;
  readonly #timers: Timers;
  readonly #enqueue: (task: () => Promise<void>) => void;
  readonly #from: number;
  #height: number;
  #timer: TimerId | null = null;
  #ended = false;

  /** @param enqueue runs a task after those that the node has before it */
  constructor(chain: Chain, timers: Timers, enqueue: (task: () => Promise<void>) => void) {
    this.#chain = chain;
    this.#timers = timers;
    this.#enqueue = enqueue;
    this.#from = this.#height = chain.tip().height;
    this.#later(FIRST_MS);
  }

  stop(): void {
    this.#ended = true;
    if (this.#timer !== null) this.#timers.clear(this.#timer);
  }

  #later(delayMs: number): void {
    this.#timer = this.#timers.set(() => this.#enqueue(() => this.#step()), delayMs);
  }

  async #step(): Promise<void> {
    if (this.#ended || this.#height < 1) return;
    this.#chain.activeBlock(this.#height--);
    this.#later(this.#from - this.#height > NEWEST_BLOCKS ? LATER_STEP_MS : STEP_MS);
  }
}
