import { checkBlock } from '../consensus/block.ts';
import { transactionRoot, type DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { equalBytes } from '../util/bytes.ts';
import { errorCode } from '../util/errors.ts';

export interface BodyListener {
  /** The rows of an active block do not make it up any more. Told once for each. */
  altered(height: number): void;
  /** They do again, because a peer had the block. */
  mended(height: number): void;
}

/**
 * Active blocks whose bodies cannot be read back as what they were: other programs reach the database. The accounts are sound all the same, since
 * the state root proves them; such a block can neither be given to others nor be left by a reorganisation until it is mended.
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

  /** Ids, lowest first, at most `limit`. */
  ids(limit: number): string[] {
    return [...this.#heights]
      .sort(([, a], [, b]) => a - b)
      .slice(0, limit)
      .map(([id]) => id);
  }

  /** The active block of this id; null where its rows were altered, which is noted. */
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
      // What the rows hold may be no transaction at all.
      if (errorCode(error) === 'storage-sql') throw error;
      return null;
    }
  }

  /**
   * Puts the true body in place of the altered one: the id commits to every byte of it.
   * @throws RuleError where it is not that of the block's header
   */
  mend(block: DecodedBlock): void {
    const height = this.#heights.get(block.id)!;
    checkBlock(this.#network, block);
    this.#store.atomically(() => this.#store.replaceBody(block));
    this.#heights.delete(block.id);
    this.#listener?.mended(height);
  }
}
