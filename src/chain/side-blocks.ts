import type { RuleCode } from '../consensus/errors.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { ChainStore } from '../storage/port.ts';
import type { BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';

/**
 * A branch that forked off this far below the tip has lost: its bodies are dropped and would be asked for again if it ever won
 * (at 15 s a block this is four hours). Headers stay.
 */
export const SIDE_BLOCK_DEPTH = 1_000;
/**
 * Most bytes of bodies off the active chain: 128 full blocks of the default size, far more than sync asks for ahead. Those on the way to a
 * header with more work than the tip are kept beyond it: such a branch may have to be here whole, be it as long as the chain, before it can
 * become active, and whoever shows one has done more work than this chain has. It need not be the best: nobody may ever deliver that.
 */
export const MAX_SIDE_BYTES = 32 * 1024 * 1024;

/** The bodies kept off the active chain, bounded; keeps tree and store in step. */
export class SideBlocks {
  readonly #store: ChainStore;
  readonly #tree: BlockTree;
  readonly #sizes = new Map<BlockNode, number>();
  #bytes = 0;

  constructor(store: ChainStore, tree: BlockTree) {
    this.#store = store;
    this.#tree = tree;
  }

  /** Adds what the store already holds to the tree; a block whose parent is unknown is dropped. */
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

  /** Keeps a block that did not become active. */
  put(node: BlockNode, block: DecodedBlock): void {
    this.#store.atomically(() => this.#store.putSideBlock(block));
    this.#count(node, block.size);
    while (this.#bytes > MAX_SIDE_BYTES) {
      const useless = this.#leastUseful();
      if (!useless) return;
      this.#drop([useless]);
    }
  }

  /** Follows a movement of the active chain, which has already moved the bodies. */
  moved(connected: readonly BlockNode[], disconnected: readonly (readonly [BlockNode, number])[]): void {
    for (const node of connected) this.#uncount(node);
    for (const [node, size] of disconnected) this.#count(node, size);
    const lowest = this.#tree.tip.height - SIDE_BLOCK_DEPTH;
    this.#drop([...this.#sizes.keys()].filter((node) => node.height < lowest && !this.#tree.contends(node)));
  }

  /** Marks a block that broke a rule, with its descendants, and drops their bodies, which can never become active. */
  invalidate(node: BlockNode, code: RuleCode): void {
    this.#drop(this.#tree.invalidate(node, code));
  }

  /** Forgets a body that the store turned out not to have. */
  forget(node: BlockNode): void {
    this.#drop([node]);
  }

  #drop(nodes: readonly BlockNode[]): void {
    if (nodes.length === 0) return;
    this.#store.atomically(() => {
      for (const node of nodes) this.#store.deleteSideBlock(node.id);
    });
    for (const node of nodes) {
      this.#uncount(node);
      this.#tree.setStored(node, false);
    }
  }

  /** Least work off the ways to more work than the tip has. */
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
