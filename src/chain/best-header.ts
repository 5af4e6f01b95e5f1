import type { ActiveNodes } from './active-nodes.ts';
import type { BlockNode } from './block-node.ts';

/** The header with the most work, and the branch from the active chain to it. Bodies of this branch may be missing. */
export class BestHeader {
  /** The tree changes it. */
  readonly #active: ActiveNodes;
  #best: BlockNode;
  /** The branch from the active chain (exclusive) to the best header, lowest first. */
  #way: BlockNode[] = [];
  /** Index in `#way` of the first node that is not active yet. Moving an index is cheaper than cutting a long array at each block. */
  #wayStart = 0;

  constructor(active: ActiveNodes) {
    this.#active = active;
    this.#best = active.tip;
  }

  get node(): BlockNode {
    return this.#best;
  }

  /** Must be called after a valid header was added to the tree. */
  added(node: BlockNode): void {
    if (node.work <= this.#best.work) return;
    const extendsWay = node.parent === this.#best;
    this.#best = node;
    if (extendsWay) this.#way.push(node);
    else this.#rebuildWay();
  }

  /** Must be called after a stored block was appended to the active chain of a tree that has no other headers. */
  extended(): void {
    this.#best = this.#active.tip;
  }

  /**
   * Must be called after `path` became the end of the active chain.
   * @param isReorganisation whether blocks were disconnected before
   */
  moved(path: readonly BlockNode[], isReorganisation: boolean): void {
    const { tip } = this.#active;
    // On a tie the tip wins, because its blocks are verified.
    if (tip.work >= this.#best.work) this.#best = tip;
    const alongWay = !isReorganisation && this.#best !== tip && path.every((node, i) => this.#way[this.#wayStart + i] === node);
    if (alongWay) this.#wayStart += path.length;
    else this.#rebuildWay();
  }

  /** Chooses another header, because the best header turned out to be invalid. The tip wins a tie. */
  chooseAmong(nodes: Iterable<BlockNode>): void {
    this.#best = this.#active.tip;
    for (const node of nodes) if (!node.invalid && node.work > this.#best.work) this.#best = node;
    this.#rebuildWay();
  }

  /** Nodes without body between the active chain and `goal` (inclusive), lowest first. */
  missing(limit: number, goal: BlockNode): BlockNode[] {
    const missing: BlockNode[] = [];
    const lowest = this.#way[0]?.height ?? 0;
    // The tips of most peers are on the branch to the best header. A long branch must not be walked for each peer.
    const [way, start] = this.#way[goal.height - lowest] === goal ? [this.#way, this.#wayStart] : [this.#wayTo(goal), 0];
    for (let i = start; i < way.length && missing.length < limit; i++) {
      const node = way[i]!;
      if (node.height > goal.height) break;
      if (node.status === 'header') missing.push(node);
    }
    return missing;
  }

  #rebuildWay(): void {
    this.#way = this.#wayTo(this.#best);
    this.#wayStart = 0;
  }

  /** The branch from the active chain (exclusive) to `goal`, lowest first. */
  #wayTo(goal: BlockNode): BlockNode[] {
    const way: BlockNode[] = [];
    for (let node = goal; !this.#active.has(node); node = node.parent!) way.push(node);
    return way.reverse();
  }
}
