import type { Chain } from '../chain/chain.ts';
import type { TimerId, Timers } from '../util/ports.ts';

/** The inspection begins this long after opening, because other work is more urgent then. */
const FIRST_MS = 500;
/** One block at a time, which takes some milliseconds, so that no other work has to wait. */
const STEP_MS = 50;
/** The blocks that a reorganisation may reach are read at the faster pace. */
const NEWEST_BLOCKS = 1_000;
const LATER_STEP_MS = 500;

/** Reads the blocks of an opened database, newest first, so that the node finds a damaged body before it needs the block. */
export class Inspection {
  readonly #chain: Chain;
  readonly #timers: Timers;
  readonly #enqueue: (task: () => Promise<void>) => void;
  readonly #from: number;
  #height: number;
  #timer: TimerId | null = null;
  #ended = false;

  /** @param enqueue runs a task after the tasks that the node already has */
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
    if (this.#ended || this.#height <= this.#chain.base()) return;
    this.#chain.activeBlock(this.#height--);
    this.#later(this.#from - this.#height > NEWEST_BLOCKS ? LATER_STEP_MS : STEP_MS);
  }
}
