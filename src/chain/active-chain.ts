import { checkBlock } from '../consensus/block.ts';
import { RuleError } from '../consensus/rule-error.ts';
import type { CheckedBlock } from '../consensus/types.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { assert } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import type { AlteredBlocks } from './altered-blocks.ts';
import { headerOf, sealedOf, type BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';
import type { ChainState, Movement } from './chain-state.ts';
import type { TipInfo } from './port.ts';
import type { SideBlocks } from './side-blocks.ts';
import { AlteredBlockError } from './undo.ts';

/** One movement of the tip, already committed. Both lists are oldest first; only a reorganisation disconnects blocks. */
export interface ChainChange {
  readonly connected: readonly DecodedBlock[];
  readonly disconnected: readonly DecodedBlock[];
  readonly tip: TipInfo;
}

/** Blocks that are not in the store yet, by id. */
export type FreshBlocks = ReadonlyMap<string, CheckedBlock>;

/** A block and the rule that it broke. */
type Failure = { readonly node: BlockNode; readonly error: RuleError };

/** The parts that the classes of a chain share. */
export interface ChainParts {
  readonly network: Network;
  readonly store: ChainStore;
  readonly state: ChainState;
  readonly tree: BlockTree;
  readonly side: SideBlocks;
  readonly altered: AlteredBlocks;
  readonly log: Log;
}

/**
 * One transaction of the store connects at most this many blocks, counted from the first block with more work than the tip. A database page
 * written once for several blocks saves a tenth of the time; larger groups save little more. An invalid block makes its whole group repeat.
 */
const GROUP_BLOCKS = 16;

/**
 * The active chain. It follows fork choice: it disconnects and connects blocks until no complete branch has more work than the tip.
 * The store, the state tree and the block tree change together or not at all.
 */
export class ActiveChain {
  readonly #parts: ChainParts;
  readonly #listeners = new Set<(change: ChainChange) => void>();
  #tip: TipInfo;
  #newest: DecodedBlock | null = null;

  constructor(parts: ChainParts) {
    this.#parts = parts;
    this.#tip = this.info(parts.tree.tip);
  }

  get tip(): TipInfo {
    return this.#tip;
  }

  /** The tip's block, null before the first connected block. Peers request this block next, and rebuilding it from rows takes time. */
  get newest(): DecodedBlock | null {
    return this.#newest;
  }

  info(node: BlockNode): TipInfo {
    return { height: node.height, id: node.id, sealed: headerOf(node, this.#parts.store), work: node.work };
  }

  /** Calls back after each movement of the tip, until the returned function is called. */
  subscribe(listener: (change: ChainChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Moves the tip, some blocks at a time, until no complete branch has more work.
   * @param fresh bodies that the tree counts as stored, but that are only in memory so far
   * @returns the blocks that turned out to be invalid, each with the rule that it broke
   */
  async activate(fresh: FreshBlocks): Promise<Map<BlockNode, RuleError>> {
    const { tree } = this.#parts;
    const failures = new Map<BlockNode, RuleError>();
    for (let next = tree.next(GROUP_BLOCKS); next; next = tree.next(GROUP_BLOCKS)) {
      if (!(await this.#prepare(next.path, fresh))) continue;
      const failure = this.#moveIfWhole(next.fork, next.path, fresh);
      if (failure === 'altered') return failures;
      if (failure) failures.set(failure.node, failure.error);
    }
    return failures;
  }

  /** Checks the signatures of a path in advance. False when the store lacks a body; its node then counts as a header without body. */
  async #prepare(path: readonly BlockNode[], fresh: FreshBlocks): Promise<boolean> {
    const { store, state, side, log } = this.#parts;
    let prefetched = Promise.resolve();
    for (const node of path) {
      const block = fresh.get(node.id) ?? store.sideBlock(node.id);
      if (!block) {
        log('warn', 'chain/block-missing', { id: node.id });
        side.forget([node]);
        return false;
      }
      // Two blocks at a time, so that the other threads always have signatures to check.
      const prefetching = state.prefetchSignatures(block);
      await prefetched;
      prefetched = prefetching;
    }
    await prefetched;
    return true;
  }

  /** Like {@link #move}. `altered` where a block to disconnect was altered on disk: the tip stays until a peer delivers the true body. */
  #moveIfWhole(fork: BlockNode, path: readonly BlockNode[], fresh: FreshBlocks): Failure | 'altered' | null {
    try {
      return this.#move(fork, path, fresh);
    } catch (error) {
      if (error instanceof AlteredBlockError && this.#noteAltered(fork)) return 'altered';
      throw error;
    }
  }

  /** Records all altered blocks above `fork`, so that they are requested from peers together. True where it found any. */
  #noteAltered(fork: BlockNode): boolean {
    const { tree, altered } = this.#parts;
    let isAny = false;
    for (let { height } = this.#tip; height > fork.height; height--) {
      if (!altered.read(tree.activeAt(height)!.id, height)) isAny = true;
    }
    return isAny;
  }

  /** Moves the tip to the end of `path` in one transaction. If a block breaks a rule, the tip stays and that block is marked invalid. */
  #move(fork: BlockNode, path: readonly BlockNode[], fresh: FreshBlocks): Failure | null {
    const { state, tree, side, log } = this.#parts;
    let current = path[0]!;
    const sources = path.map((node) => ({ work: node.work, load: () => this.#checkedBody(node, fresh) }));
    let movement: Movement;
    try {
      movement = state.move(fork.height, sources, (index) => (current = path[index]!));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      log('info', 'chain/block-invalid', { id: current.id, height: current.height, code: error.code });
      side.invalidate(current, error.code);
      return { node: current, error };
    }
    const detached = movement.disconnected.map((block) => [tree.get(block.id)!, block.size] as const);
    tree.activate(fork, path, movement.disconnected.map(sealedOf));
    side.moved(path, detached);
    this.#tip = this.info(tree.tip);
    this.#newest = movement.connected.at(-1) ?? null;
    for (const listener of this.#listeners) listener({ ...movement, tip: this.#tip });
    return null;
  }

  #checkedBody(node: BlockNode, fresh: FreshBlocks): CheckedBlock {
    const checked = fresh.get(node.id);
    if (checked) return checked;
    const block = this.#parts.store.sideBlock(node.id);
    assert(block, 'A stored block is missing.');
    return checkBlock(this.#parts.network, block);
  }
}
