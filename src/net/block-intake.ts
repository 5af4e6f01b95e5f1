import type { BlockOutcome } from '../chain/port.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { NetContext } from './context.ts';
import { MAX_GROUP_BLOCKS, MAX_GROUP_TRANSACTIONS } from './peer-limits.ts';
import type { Session } from './session.ts';

interface Arrived {
  readonly session: Session;
  readonly block: DecodedBlock;
}

/**
 * Blocks that arrive faster than they are connected, as in a download of the chain. Other threads check their signatures on arrival,
 * while this thread connects earlier blocks. The blocks that have gathered are then connected together, with the same result and order as
 * one by one.
 */
export class BlockIntake {
  readonly #context: NetContext;
  /** Called with the outcome of each block, in order. */
  readonly #done: (session: Session, block: DecodedBlock, outcome: BlockOutcome) => void;
  readonly #waiting: Arrived[] = [];
  #scheduled = false;

  constructor(context: NetContext, done: (session: Session, block: DecodedBlock, outcome: BlockOutcome) => void) {
    this.#context = context;
    this.#done = done;
  }

  /** Takes a requested block. The number of requests limits the waiting blocks. */
  take(session: Session, block: DecodedBlock): void {
    this.#context.chain.prevalidate(block);
    this.#waiting.push({ session, block });
    this.#schedule();
  }

  /** Drops the waiting blocks, because the chain is no longer used. */
  close(): void {
    this.#waiting.length = 0;
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    this.#context.later(() => this.#connect());
  }

  async #connect(): Promise<void> {
    this.#scheduled = false;
    const group = this.#waiting.splice(0, groupSize(this.#waiting));
    this.#schedule();
    const outcomes = await this.#context.chain.acceptBlocks(group.map(({ block }) => block));
    group.forEach(({ session, block }, index) => this.#done(session, block, outcomes[index]!));
  }
}

function groupSize(waiting: readonly Arrived[]): number {
  let transactions = 0;
  const end = waiting.findIndex(({ block }) => (transactions += block.transactions.length) >= MAX_GROUP_TRANSACTIONS);
  return Math.min(end < 0 ? waiting.length : end + 1, MAX_GROUP_BLOCKS);
}
