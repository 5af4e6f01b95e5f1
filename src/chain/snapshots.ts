import type { StateTree } from '../consensus/state-tree.ts';
import type { AccountChange } from '../consensus/types.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import { SNAPSHOT_EVERY, snapshotHeight } from '../protocol/snapshot.ts';
import type { StateChunk } from '../protocol/state-proof.ts';
import { baseHeight } from '../storage/port.ts';
import { assert } from '../util/errors.ts';
import { Snapshot, type BlockPlace, type SnapshotStore } from './snapshot.ts';

/**
 * Most former rows of a snapshot, some 150 bytes each. Full blocks that pay a new account with each transaction change more accounts within
 * 120 blocks; the snapshot is then given up.
 */
const MOST_ROWS = 100_000;

/** One call undoes blocks until it has undone so many blocks or transactions: at most some 50 ms on a slow phone. */
const SLICE_BLOCKS = 8;
const SLICE_TRANSACTIONS = 200;

/**
 * The snapshots that this node serves: those of the newest three snapshot blocks. A newcomer begins with the middle one (`snapshotHeight`).
 * When the tip passes the next snapshot block, that one becomes the oldest, and the newcomer still has a whole interval to fetch it. Peers
 * whose tip lies behind serve the same snapshot as their newest.
 *
 * The chain reports each block that it connects or disconnects. A snapshot is taken when its block becomes the tip. After opening, a
 * snapshot is made when somebody asks for it, by undoing blocks in memory.
 */
export class Snapshots {
  readonly #network: Network;
  readonly #store: SnapshotStore;
  readonly #tree: StateTree;
  readonly #mostRows: number;
  readonly #kept = new Set<Snapshot>();

  /** @param tree the tree over the accounts of `store`, at the tip */
  constructor(network: Network, store: SnapshotStore, tree: StateTree, mostRows = MOST_ROWS) {
    this.#network = network;
    this.#store = store;
    this.#tree = tree;
    this.#mostRows = mostRows;
  }

  /** Former rows in memory. */
  get rows(): number {
    return [...this.#kept].reduce((sum, { rows }) => sum + rows, 0);
  }

  /** A block became the tip. @param changes those that the store and the tree already made */
  connected({ id, header: { height } }: DecodedBlock, changes: readonly AccountChange[]): void {
    for (const snapshot of this.#kept) snapshot.note(changes);
    if (height % SNAPSHOT_EVERY === 0) this.#take({ height, id }, { height, id });
    this.#dropWhere(({ goal }) => goal.height < lowestServed(height));
  }

  /** The tip's block at `height` was disconnected. Snapshots below have known its accounts since they saw the block connected, or undid it. */
  disconnected(height: number): void {
    this.#dropWhere(({ place }) => place.height >= height);
  }

  /** The store rolled back all blocks that were connected and disconnected since some earlier state. */
  rolledBack(): void {
    this.#dropWhere(({ place }) => this.#store.header(place.height)?.id !== place.id);
  }

  /**
   * The accounts after a snapshot block from a key on: the largest chunk, with its proof under the block's state root.
   * @param blockId an active block of the newest three snapshot blocks
   * @param from key, 32 bytes
   * @returns `later` while the snapshot is being made: each call does some of the work, so the caller asks again. Null where this node
   *   cannot serve the snapshot
   */
  chunk(blockId: string, from: Uint8Array): StateChunk | 'later' | null {
    const goal = this.#served(blockId);
    if (!goal) return null;
    const kept = [...this.#kept];
    const wanted = kept.find(({ goal: { height } }) => height === goal.height);
    if (wanted?.isDone) return wanted.chunk(from);
    // The blocks above the snapshot are gone, so nothing leads down to it.
    if (!wanted && goal.height < baseHeight(this.#store.base())) return null;
    // One after the other, because unfinished snapshots take memory too.
    this.#make(kept.find(({ isDone }) => !isDone) ?? this.#take(this.#tip(), goal));
    return 'later';
  }

  #served(id: string): BlockPlace | null {
    const tip = this.#store.height();
    for (let height = tip - (tip % SNAPSHOT_EVERY); height > 0 && height >= lowestServed(tip); height -= SNAPSHOT_EVERY) {
      if (this.#store.header(height)?.id === id) return { height, id };
    }
    return null;
  }

  /** One slice of work. */
  #make(snapshot: Snapshot): void {
    let transactions = 0;
    for (let blocks = 0; blocks < SLICE_BLOCKS && transactions < SLICE_TRANSACTIONS && !snapshot.isDone; blocks++) {
      transactions += snapshot.lower(this.#network);
    }
  }

  #take(tip: BlockPlace, goal: BlockPlace): Snapshot {
    const snapshot = new Snapshot(this.#store, tip, this.#tree.pin(), goal, this.#mostRows);
    this.#kept.add(snapshot);
    return snapshot;
  }

  #tip(): BlockPlace {
    const height = this.#store.height();
    const sealed = this.#store.header(height);
    assert(sealed, 'The header of the tip is missing.');
    return { height, id: sealed.id };
  }

  #dropWhere(isWrong: (snapshot: Snapshot) => boolean): void {
    for (const snapshot of this.#kept) {
      if (!isWrong(snapshot)) continue;
      snapshot.giveUp();
      this.#kept.delete(snapshot);
    }
  }
}

/** Height of the lowest snapshot block that is served with a tip at `height`: one more than a newcomer begins with. */
function lowestServed(height: number): number {
  return snapshotHeight(height) - SNAPSHOT_EVERY;
}
