import type { Address } from '../crypto/address.ts';
import type { BlockHeader } from '../protocol/block.ts';
import { mintingOf } from '../protocol/minting.ts';
import type { Network } from '../protocol/network.ts';
import { feesOf } from '../protocol/transaction.ts';
import type { ChainStore } from '../storage/port.ts';
import type { WallClock } from '../util/ports.ts';
import type { ChainChange } from './active-chain.ts';

/** Reorganisations that are remembered, and the blocks of each: more than people look at. */
const MAX_REMEMBERED = 16;
const MAX_BLOCKS = 100;

/** A block that a reorganisation took out of the active chain. */
export interface ReplacedBlock {
  readonly height: number;
  readonly id: string;
  readonly miner: Address;
  /** Smallest units, fees included. */
  readonly reward: number;
}

/** A movement of the tip to another branch. */
export interface Reorganisation {
  /** By this node's clock, Unix milliseconds. */
  readonly timeMs: number;
  /** Height of the last common block. */
  readonly fork: number;
  readonly replaced: number;
  readonly by: number;
  /** Smallest units. */
  readonly rewards: number;
  readonly rewardsOf: ReadonlyMap<Address, number>;
  /** Transactions of the replaced blocks that no new block has. */
  readonly returned: number;
  /** The lowest of the replaced blocks. */
  readonly blocks: readonly ReplacedBlock[];
}

/** Remembers the last reorganisations, because the tree does not know which of its branches once counted. */
export class Reorganisations {
  readonly #network: Network;
  readonly #store: ChainStore;
  readonly #clock: WallClock;
  readonly #last: Reorganisation[] = [];

  constructor({ network, store, clock }: { readonly network: Network; readonly store: ChainStore; readonly clock: WallClock }) {
    this.#network = network;
    this.#store = store;
    this.#clock = clock;
  }

  /** Newest first. */
  get last(): readonly Reorganisation[] {
    return this.#last;
  }

  note({ connected, disconnected }: ChainChange): void {
    const [lowest] = disconnected;
    if (!lowest) return;
    const fork = lowest.header.height - 1;
    let parent: Pick<BlockHeader, 'height' | 'supply'> = this.#store.header(fork)!.header;
    const blocks = disconnected.map(({ header, id, transactions }): ReplacedBlock => {
      const reward = mintingOf(this.#network, parent, transactions).subsidy + feesOf(transactions);
      parent = header;
      return { height: header.height, id, miner: header.miner, reward };
    });
    const rewardsOf = new Map<Address, number>();
    for (const { miner, reward } of blocks) rewardsOf.set(miner, (rewardsOf.get(miner) ?? 0) + reward);
    const kept = new Set(connected.flatMap(({ transactions }) => transactions.map(({ id }) => id)));
    this.#last.unshift({
      timeMs: this.#clock.now(),
      fork,
      replaced: blocks.length,
      by: connected.length,
      rewards: blocks.reduce((sum, { reward }) => sum + reward, 0),
      rewardsOf,
      returned: disconnected.flatMap(({ transactions }) => transactions).filter(({ id }) => !kept.has(id)).length,
      blocks: blocks.slice(0, MAX_BLOCKS),
    });
    this.#last.length = Math.min(this.#last.length, MAX_REMEMBERED);
  }
}
