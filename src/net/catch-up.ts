import type { NetContext } from './context.ts';
import { CATCH_UP_PATIENCE_MS, PATIENCE_PER_BLOCK_MS } from './peer-limits.ts';

/** How far the connected chain is behind the verified headers, and how long the rest of this node waits for the bodies between them. */
export class CatchUp {
  readonly #context: NetContext;
  /** The first block of the best branch whose body is missing; null where none is. */
  #awaited: string | null = null;
  #waitingSince = -Infinity;
  /** Until when mining waits for it. */
  #waitingUntil = -Infinity;

  constructor(context: NetContext) {
    this.#context = context;
  }

  /** Forgets what was awaited: the chain was exchanged. */
  reset(): void {
    this.#awaited = null;
  }

  /** Blocks between the best header and the tip. */
  gap(): number {
    const { chain } = this.#context;
    return chain.bestHeader().height - chain.tip().height;
  }

  /** Whether there is a better branch whose bodies have not stopped coming. */
  isBehind(): boolean {
    const { chain, clock } = this.#context;
    return chain.bestHeader().work > chain.tip().work && clock.monotonic() - this.#waitingSince < CATCH_UP_PATIENCE_MS;
  }

  /** Whether what is new, and mining, should wait for the bodies of the better branch. */
  isWorthWaitingFor(): boolean {
    return this.isBehind() && this.#context.clock.monotonic() < this.#waitingUntil;
  }

  /** Notes whether the lowest missing block has come. */
  update(): void {
    const { chain, clock } = this.#context;
    const [awaited = null] = chain.bestHeader().work > chain.tip().work ? chain.missingBlocks(1) : [];
    // Other blocks that come meanwhile are no progress: waiting again for each of them would slow the network down for ever.
    if (awaited === this.#awaited) return;
    const now = clock.monotonic();
    const left = this.#awaited === null ? CATCH_UP_PATIENCE_MS : Math.max(0, this.#waitingUntil - now) + PATIENCE_PER_BLOCK_MS;
    this.#waitingUntil = now + Math.min(CATCH_UP_PATIENCE_MS, left);
    this.#awaited = awaited;
    this.#waitingSince = now;
  }
}
