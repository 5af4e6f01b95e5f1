import { isTooFarAhead, maxFutureMs } from '../consensus/header.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';

/** Honest clocks bring a handful at most; each one has cost its proof of work. 32 full blocks are 8 MiB. */
export const MAX_HELD_BLOCKS = 32;

/** Blocks from the future, waiting for this clock to reach them. The farthest ahead leaves first when there are too many. */
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

  /** When the next one is due, Unix milliseconds; null when none is held. */
  nextDueMs(): number | null {
    const [first] = this.#byTime();
    return first ? first.header.timeMs - maxFutureMs(this.#network) : null;
  }

  #byTime(): DecodedBlock[] {
    return [...this.#blocks.values()].sort((a, b) => a.header.timeMs - b.header.timeMs);
  }
}
