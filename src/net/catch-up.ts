import type { NetContext } from './context.ts';
import { CATCH_UP_PATIENCE_MS, PATIENCE_PER_BLOCK_MS } from './peer-limits.ts';

/** How far the connected chain is behind the verified headers, and how long mining and gossip wait for the missing bodies. */
export class CatchUp {
  readonly #context: NetContext;
  /** The first block of the best branch whose body is missing; null if none is missing. */
  #awaited: string | null = null;
  #waitingSince = -Infinity;
  /** Until when mining waits for that block. */
  #waitingUntil = -Infinity;

  constructor(context: NetContext) {
    this.#context = context;
  }

  /** Blocks between the best header and the tip. */
  gap(): number {
    const { chain } = this.#context;
    return chain.bestHeader().height - chain.tip().height;
  }

  /** Whether there is a better branch whose bodies still arrive. */
  isBehind(): boolean {
    const { chain, clock } = this.#context;
    return chain.bestHeader().work > chain.tip().work && clock.monotonic() - this.#waitingSince < CATCH_UP_PATIENCE_MS;
  }

  /** Whether announcements and mining should wait for the bodies of the better branch. */
  isWorthWaitingFor(): boolean {
    return this.isBehind() && this.#context.clock.monotonic() < this.#waitingUntil;
  }

  /** Checks whether the lowest missing block has arrived. */
  update(): void {
    const { chain, clock } = this.#context;
    const [awaited = null] = chain.bestHeader().work > chain.tip().work ? chain.missingBlocks(1) : [];
    // Other blocks are no progress, because waiting again for each of them would slow the network down forever.
    if (awaited === this.#awaited) return;
    const now = clock.monotonic();
    const left = this.#awaited === null ? CATCH_UP_PATIENCE_MS : Math.max(0, this.#waitingUntil - now) + PATIENCE_PER_BLOCK_MS;
    this.#waitingUntil = now + Math.min(CATCH_UP_PATIENCE_MS, left);
    this.#awaited = awaited;
    this.#waitingSince = now;
  }
}
