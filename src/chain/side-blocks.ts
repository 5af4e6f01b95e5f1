import type { RuleCode } from '../consensus/rule-error.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { ChainStore } from '../storage/port.ts';
import type { BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';

/**
 * Bodies this far below the tip are dropped, because their branches have lost. They would be requested again if their branch won
 * (1,000 blocks at 15 s are four hours). Headers stay.
 */
export const SIDE_BLOCK_DEPTH = 1_000;
/**
 * Most bytes of bodies off the active chain: 128 full blocks of the default size, far more than sync requests in advance. Bodies on a
 * branch whose end has more work than the tip may exceed this limit. Such a branch can be as long as the chain, and must be stored
 * completely before it can become active. To make the branch costs more work than this chain has. The exception is not restricted to the
 * best header's branch, because perhaps no peer ever delivers that branch.
 */
export const MAX_SIDE_BYTES = 32 * 1024 * 1024;

/** The stored bodies off the active chain. Bounds their size, and keeps tree and store consistent. */
export class SideBlocks {
  readonly #store: ChainStore;
  readonly #tree: BlockTree;
  readonly #sizes = new Map<BlockNode, number>();
  #bytes = 0;

  constructor(store: ChainStore, tree: BlockTree) {
    this.#store = store;
    this.#tree = tree;
  }

  /** Adds the stored side blocks to the tree. A block whose parent is unknown is deleted. */
  restore(): void {
    for (const { sealed, size } of this.#store.sideBlocks()) {
      const parent = this.#tree.get(sealed.header.previous);
      if (!parent) {
        this.#store.atomically(() => this.#store.deleteSideBlock(sealed.id));
        continue;
      }
      const node = this.#tree.get(sealed.id) ?? this.#tree.add(sealed.id, sealed.header.bits, parent, sealed);
      this.#tree.setStored(node, true);
      this.#count(node, size);
    }
  }

  /** Stores a block that did not become active. */
  put(node: BlockNode, block: DecodedBlock): void {
    this.#store.atomically(() => this.#store.putSideBlock(block));
    this.#count(node, block.size);
    while (this.#bytes > MAX_SIDE_BYTES) {
      const useless = this.#leastUseful();
      if (!useless) return;
      this.forget([useless]);
    }
  }

  /** Must be called after a movement of the active chain. The store has already moved the bodies. */
  moved(connected: readonly BlockNode[], disconnected: readonly (readonly [BlockNode, number])[]): void {
    for (const node of connected) this.#uncount(node);
    for (const [node, size] of disconnected) this.#count(node, size);
    const lowest = this.#tree.tip.height - SIDE_BLOCK_DEPTH;
    this.forget([...this.#sizes.keys()].filter((node) => node.height < lowest && !this.#tree.contends(node)));
  }

  /** Marks a block that broke a rule and its descendants, and drops their bodies: these blocks can never become active. */
  invalidate(node: BlockNode, code: RuleCode): void {
    this.forget(this.#tree.invalidate(node, code));
  }

  /** Drops the bodies of nodes, as far as the store has them. */
  forget(nodes: readonly BlockNode[]): void {
    if (nodes.length === 0) return;
    this.#store.atomically(() => {
      for (const node of nodes) this.#store.deleteSideBlock(node.id);
    });
    for (const node of nodes) {
      this.#uncount(node);
      this.#tree.setStored(node, false);
    }
  }

  /** The stored node with the least work, except nodes that {@link BlockTree.contends}. */
  #leastUseful(): BlockNode | null {
    let least: BlockNode | null = null;
    for (const node of this.#sizes.keys()) {
      if (!this.#tree.contends(node) && (least === null || node.work < least.work)) least = node;
    }
    return least;
  }

  #count(node: BlockNode, size: number): void {
    if (this.#sizes.has(node)) return;
    this.#sizes.set(node, size);
    this.#bytes += size;
  }

  #uncount(node: BlockNode): void {
    this.#bytes -= this.#sizes.get(node) ?? 0;
    this.#sizes.delete(node);
  }
}
