import { isTooFarAhead, maxFutureMs } from '../consensus/header.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';

/** Honest clocks cause a handful of held blocks at most, and each block cost its proof of work. 32 full blocks are 8 MiB. */
export const MAX_HELD_BLOCKS = 32;

/** Blocks too far ahead of this clock, kept until the clock comes near. Beyond the limit, the block farthest ahead is dropped. */
export class HeldBlocks {
  readonly #network: Network;
  readonly #blocks = new Map<string, DecodedBlock>();

  constructor(network: Network) {
    this.#network = network;
  }

  add(block: DecodedBlock): void {
    this.#blocks.set(block.id, block);
    if (this.#blocks.size > MAX_HELD_BLOCKS) this.#blocks.delete(this.#byTime().at(-1)!.id);
  }

  /** Removes and returns the blocks that are not too far ahead at `nowMs`, earliest first. */
  takeDue(nowMs: number): DecodedBlock[] {
    const due = this.#byTime().filter(({ header }) => !isTooFarAhead(this.#network, header, nowMs));
    for (const { id } of due) this.#blocks.delete(id);
    return due;
  }

  /** When the next block is due, Unix milliseconds; null when no block is held. */
  nextDueMs(): number | null {
    const [first] = this.#byTime();
    return first ? first.header.timeMs - maxFutureMs(this.#network) : null;
  }

  #byTime(): DecodedBlock[] {
    return [...this.#blocks.values()].sort((a, b) => a.header.timeMs - b.header.timeMs);
  }
}
