import type { BlockNode } from './block-node.ts';

/** The header with the most work, and the way from the active chain to it, where bodies may be missing. */
export class BestHeader {
  /** The active chain by height; the tree changes it. */
  readonly #active: readonly BlockNode[];
  #best: BlockNode;
  /** Way from the active chain (exclusive) to the best header, lowest first. */
  #way: BlockNode[] = [];
  /** Where the part that is still to go begins; moved instead of cutting a long array at every block. */
  #wayStart = 0;

  constructor(active: readonly BlockNode[]) {
    this.#active = active;
    this.#best = active.at(-1)!;
  }

  get node(): BlockNode {
    return this.#best;
  }

  /** The tree has one valid header more. */
  added(node: BlockNode): void {
    if (node.work <= this.#best.work) return;
    const extendsWay = node.parent === this.#best;
    this.#best = node;
    if (extendsWay) this.#way.push(node);
    else this.#rebuildWay();
  }

  /**
   * The active chain now ends in the last of `path`.
   * @param isReorganisation some blocks were disconnected before
   */
  moved(path: readonly BlockNode[], isReorganisation: boolean): void {
    const tip = this.#active.at(-1)!;
    // Between equals the verified one is the better to follow.
    if (tip.work >= this.#best.work) this.#best = tip;
    const alongWay = !isReorganisation && this.#best !== tip && path.every((node, i) => this.#way[this.#wayStart + i] === node);
    if (alongWay) this.#wayStart += path.length;
    else this.#rebuildWay();
  }

  /** Chooses again, because the best header turned out to be invalid. The tip wins a tie. */
  chooseAmong(nodes: Iterable<BlockNode>): void {
    this.#best = this.#active.at(-1)!;
    for (const node of nodes) if (!node.invalid && node.work > this.#best.work) this.#best = node;
    this.#rebuildWay();
  }

  /** Nodes between the active chain and a header whose bodies are missing, lowest first. */
  missing(limit: number, goal: BlockNode): BlockNode[] {
    const missing: BlockNode[] = [];
    const lowest = this.#way[0]?.height ?? 0;
    // Most peers are on the way to the best header themselves, and a long one must not be walked for each of them.
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

  /** From the active chain (exclusive) to a node, lowest first. */
  #wayTo(goal: BlockNode): BlockNode[] {
    const way: BlockNode[] = [];
    for (let node = goal; this.#active[node.height] !== node; node = node.parent!) way.push(node);
    return way.reverse();
  }
}
