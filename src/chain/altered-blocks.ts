import { checkBlock } from '../consensus/block.ts';
import { transactionRoot, type DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { equalBytes } from '../util/bytes.ts';
import { errorCode } from '../util/errors.ts';

export interface BodyListener {
  /** The stored rows of an active block no longer give that block. Called once for each block. */
  altered(height: number): void;
  /** A peer had the block, and its rows were restored. */
  mended(height: number): void;
}

/**
 * Active blocks whose stored bodies were altered, because other programs reach the database. The accounts are sound nevertheless: the state
 * root proves them. Until such a block is restored, the node cannot serve it, and a reorganisation cannot disconnect it.
 */
export class AlteredBlocks {
  readonly #network: Network;
  readonly #store: ChainStore;
  readonly #heights = new Map<string, number>();
  #listener: BodyListener | null = null;

  constructor(network: Network, store: ChainStore) {
    this.#network = network;
    this.#store = store;
  }

  watch(listener: BodyListener): void {
    this.#listener = listener;
  }

  has(id: string): boolean {
    return this.#heights.has(id);
  }

  /** Ids of the altered blocks, lowest first, at most `limit`. */
  ids(limit: number): string[] {
    return [...this.#heights]
      .sort(([, a], [, b]) => a - b)
      .slice(0, limit)
      .map(([id]) => id);
  }

  /** Forgets the altered blocks up to a height, which are no longer stored. */
  forgetUpTo(height: number): void {
    for (const [id, at] of this.#heights) if (at <= height) this.#heights.delete(id);
  }

  /** Reads an active block that has a body. Null where its rows were altered; the block then counts as altered. */
  read(id: string, height: number): DecodedBlock | null {
    const block = this.#readWhole(id, height);
    if (block || this.#heights.has(id)) return block;
    this.#heights.set(id, height);
    this.#listener?.altered(height);
    return null;
  }

  #readWhole(id: string, height: number): DecodedBlock | null {
    try {
      const block = this.#store.block(height);
      if (!block || block.id !== id) return null;
      return height === 0 || equalBytes(transactionRoot(block.transactions), block.header.transactionRoot) ? block : null;
    } catch (error) {
      // Altered rows may not even decode to a transaction.
      if (errorCode(error) === 'storage-sql') throw error;
      return null;
    }
  }

  /**
   * Replaces the altered body with the true body. The block's id commits to every byte of the body.
   * @throws RuleError where the body does not belong to the block's header
   */
  mend(block: DecodedBlock): void {
    const height = this.#heights.get(block.id)!;
    checkBlock(this.#network, block);
    this.#store.atomically(() => this.#store.replaceBody(block));
    this.#heights.delete(block.id);
    this.#listener?.mended(height);
  }
}
