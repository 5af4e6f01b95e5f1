import { CONTEXT_HEADERS } from '../consensus/difficulty.ts';
import type { BlockNode } from './block-node.ts';

/** Number of active headers that stay in memory. The next block is checked against some of them, and peers mostly ask about recent ones. */
const NEWEST_HEADERS = Math.max(100, CONTEXT_HEADERS);

/** Number of consecutive ids at the start of a locator, before the steps begin to double: most forks are at most this long. */
const LOCATOR_DENSE = 16;

/** The active chain by height, from its base up to the tip. */
export class ActiveNodes {
  readonly #nodes: BlockNode[];

  constructor(base: BlockNode) {
    this.#nodes = [base];
  }

  /** The lowest block: genesis, or the base of a recent chain. */
  get base(): BlockNode {
    return this.#nodes[0]!;
  }

  get tip(): BlockNode {
    return this.#nodes[this.#nodes.length - 1]!;
  }

  /** Undefined below the base and above the tip. */
  at(height: number): BlockNode | undefined {
    return this.#nodes[height - this.base.height];
  }

  has(node: BlockNode): boolean {
    return this.at(node.height) === node;
  }

  /** Ids from the tip down to the base: {@link LOCATOR_DENSE} consecutive ids, then in steps that double. */
  locator(): string[] {
    const ids: string[] = [];
    let step = 1;
    for (let { height } = this.tip; height > this.base.height; height -= step) {
      ids.push(this.at(height)!.id);
      if (ids.length >= LOCATOR_DENSE) step *= 2;
    }
    return [...ids, this.base.id];
  }

  /**
   * Drops the headers that are no longer among the newest, after the tip moved.
   * @param path the new blocks above `forkHeight`
   */
  setAsideHeaders(forkHeight: number, path: readonly BlockNode[]): void {
    for (let height = forkHeight; this.at(height)?.sealed; height--) this.#setAside(height);
    for (const { height } of path) this.#setAside(height);
  }

  #setAside(height: number): void {
    if (height <= this.tip.height - NEWEST_HEADERS) this.at(height)!.sealed = null;
  }

  push(node: BlockNode): void {
    this.#nodes.push(node);
  }

  /** Removes the blocks above a height, which must not be below the base. */
  removeAbove(height: number): void {
    this.#nodes.length = height - this.base.height + 1;
  }

  /** Removes the blocks below a height, at most the tip's. @returns the removed blocks */
  removeBelow(height: number): BlockNode[] {
    return this.#nodes.splice(0, height - this.base.height);
  }
}
