import type { RuleCode } from '../consensus/rule-error.ts';
import type { SealedHeader } from '../protocol/block.ts';
import { workOfBits } from '../protocol/target.ts';
import { ActiveNodes } from './active-nodes.ts';
import { BestHeader } from './best-header.ts';
import type { BlockNode } from './block-node.ts';

/** The number of headers must grow by this factor before `bound` counts them again. */
const LOOK_AGAIN_AT = 1.125;

type NewNode = Pick<BlockNode, 'id' | 'sealed' | 'status'> & { readonly bits: number; readonly parent: BlockNode };

function byWork(a: BlockNode, b: BlockNode): number {
  return a.work < b.work ? -1 : a.work > b.work ? 1 : 0;
}

/**
 * All known headers as a tree, and the active chain as an array by height. Answers the two questions of fork choice: which header has
 * the most work, and which complete branch has the most work. On a tie the node that arrived first wins.
 *
 *     genesis ─ 1 ─ 2 ─ 3 ─ 4               the active chain; activate() moves the tip, here 4
 *                   └─ 3' ─ 4' ─ 5' ─ 6'    best: 6', the header with the most work
 *                      stored    headers    missing(): 5' and 6'; next(): 3' to 5' as soon as 5' is stored
 */
export class BlockTree {
  /** In order of arrival: parents come before children. */
  readonly #nodes = new Map<string, BlockNode>();
  readonly #active: ActiveNodes;
  /** Nodes that are not active. */
  readonly #others = new Set<BlockNode>();
  readonly others: Iterable<BlockNode> = this.#others;
  /** {@link bound} does nothing while there are at most this many nodes off the active chain. */
  #boundAt = 0;
  readonly #bestHeader: BestHeader;
  /** Nodes off the active chain whose body is stored, in order of arrival: the few that may become active. */
  readonly #stored = new Set<BlockNode>();
  /** The answers of {@link contends}; null where the tree has changed since. */
  #contenders: ReadonlySet<BlockNode> | null = null;
  /** Work of the last expanded target, kept because consecutive blocks mostly have the same target. */
  #lastWork: { readonly bits: number; readonly work: bigint } = { bits: 0, work: 0n };

  /**
   * A tree that begins with one active block: genesis, or the base of a recent chain.
   * @param work cumulative work up to and including the block
   */
  constructor(id: string, height = 0, work = 0n) {
    const base: BlockNode = { id, height, parent: null, work, sealed: null, status: 'active', invalid: null };
    this.#nodes.set(id, base);
    this.#active = new ActiveNodes(base);
    this.#bestHeader = new BestHeader(this.#active);
  }

  /** The lowest block: genesis, or the base of a recent chain, whose body is unknown. */
  get base(): BlockNode {
    return this.#active.base;
  }

  get tip(): BlockNode {
    return this.#active.tip;
  }

  /** The header with the most work among those not known to be invalid. */
  get best(): BlockNode {
    return this.#bestHeader.node;
  }

  get(id: string): BlockNode | undefined {
    return this.#nodes.get(id);
  }

  activeAt(height: number): BlockNode | undefined {
    return this.#active.at(height);
  }

  /** {@link ActiveNodes.locator} */
  locator(): string[] {
    return this.#active.locator();
  }

  isActive(node: BlockNode): boolean {
    return this.#active.has(node);
  }

  /** The newest active ancestor of a node; the node itself where it is active. */
  forkOf(node: BlockNode): BlockNode {
    let at = node;
    while (!this.isActive(at)) at = at.parent!;
    return at;
  }

  /** Adds a child of a known valid node, without body. */
  add(id: string, bits: number, parent: BlockNode, sealed: SealedHeader | null): BlockNode {
    const node = this.#make({ id, bits, parent, sealed, status: 'header' });
    this.#others.add(node);
    if (node.work > this.tip.work) this.#contenders = null;
    this.#bestHeader.added(node);
    return node;
  }

  /** Appends a stored block to the active chain, while the tree holds nothing else. */
  extend(id: string, bits: number): void {
    this.#active.push(this.#make({ id, bits, parent: this.tip, sealed: null, status: 'active' }));
    this.#bestHeader.extended();
  }

  /** Records whether the store has the body of a node off the active chain. */
  setStored(node: BlockNode, stored: boolean): void {
    node.status = stored ? 'stored' : 'header';
    if (stored) this.#stored.add(node);
    else this.#stored.delete(node);
  }

  /**
   * Makes `path` the end of the active chain.
   * @param fork active node that is the parent of `path[0]`
   * @param detached headers of the blocks that were active above `fork`; the store has their bodies
   */
  activate(fork: BlockNode, path: readonly BlockNode[], detached: readonly SealedHeader[]): void {
    for (const sealed of detached) {
      const node = this.#nodes.get(sealed.id)!;
      node.sealed = sealed;
      this.#others.add(node);
      this.setStored(node, true);
    }
    this.#contenders = null;
    // The nodes of a long branch to the best header raised the bound; it falls as they become active.
    this.#boundAt = Math.max(0, this.#boundAt + detached.length - path.length);
    this.#active.removeAbove(fork.height);
    for (const node of path) {
      this.#active.push(node);
      this.#others.delete(node);
      this.#stored.delete(node);
      node.status = 'active';
    }
    this.#active.setAsideHeaders(fork.height, path);
    this.#bestHeader.moved(path, detached.length > 0);
  }

  /**
   * Marks a node and all its descendants as invalid. None of them may be active.
   * @returns the marked nodes whose bodies were stored and are now useless
   */
  invalidate(node: BlockNode, code: RuleCode): BlockNode[] {
    this.#contenders = null;
    node.invalid = code;
    for (const other of this.#nodes.values()) if (other.parent?.invalid) other.invalid ??= 'block-ancestor-invalid';
    const useless = [...this.#stored].filter((stored) => stored.invalid);
    for (const stored of useless) this.setStored(stored, false);
    if (this.best.invalid) this.#bestHeader.chooseAmong(this.#nodes.values());
    return useless;
  }

  /**
   * Forgets the least useful headers where there are too many: branches from their ends, least work first. The active chain stays, and so
   * do the branches to the best header and to stored bodies.
   * @param limit approximate number of other headers that may stay
   * @param led nodes that stay, with their branches, where they have more work than the tip
   */
  bound(limit: number, led: Iterable<BlockNode>): void {
    if (this.#others.size <= this.#boundAt) return;
    const kept = new Set<BlockNode>();
    const keep = (leaf: BlockNode): void => {
      for (let node = leaf; !this.isActive(node) && !kept.has(node); node = node.parent!) kept.add(node);
    };
    keep(this.best);
    for (const node of this.#stored) keep(node);
    for (const node of led) if (!node.invalid && node.work > this.tip.work && this.#others.has(node)) keep(node);
    this.#forget(this.#others.size - kept.size - limit, kept);
    // Not at each header: one pass costs time in proportion to the number of headers.
    this.#boundAt = Math.ceil(Math.max(this.#others.size, kept.size + limit) * LOOK_AGAIN_AT);
  }

  /** Forgets about `excess` nodes: leaves with the least work first, each with the ancestors that lead only to it. */
  #forget(excess: number, kept: ReadonlySet<BlockNode>): void {
    if (excess <= 0) return;
    this.#contenders = null;
    const children = new Map<BlockNode, number>();
    for (const { parent } of this.#others) children.set(parent!, (children.get(parent!) ?? 0) + 1);
    const leaves = [...this.#others].filter((node) => !children.has(node) && !kept.has(node));
    let left = excess;
    for (const leaf of leaves.sort(byWork)) {
      for (let node = leaf; left > 0 && !kept.has(node) && !this.isActive(node) && !children.get(node); node = node.parent!) {
        this.#nodes.delete(node.id);
        this.#others.delete(node);
        children.set(node.parent!, children.get(node.parent!)! - 1);
        left--;
      }
    }
  }

  /** Nodes off the active chain whose body is stored, in order of arrival. */
  stored(): Iterable<BlockNode> {
    return this.#stored;
  }

  /**
   * Makes an active block the base. Forgets the blocks below, and all branches that leave the active chain below.
   * @returns the forgotten nodes whose bodies are stored
   */
  prune(base: BlockNode): BlockNode[] {
    base.parent = null;
    const gone = new Set(this.#active.removeBelow(base.height));
    for (const node of this.#nodes.values()) if (node.parent && gone.has(node.parent)) gone.add(node);
    const stored = [...this.#stored].filter((node) => gone.has(node));
    for (const node of gone) {
      // A reference to a forgotten node must not keep all its ancestors in memory.
      node.parent = null;
      this.#nodes.delete(node.id);
      this.#others.delete(node);
      this.#stored.delete(node);
    }
    this.#contenders = null;
    if (gone.has(this.best)) this.#bestHeader.chooseAmong(this.#nodes.values());
    return stored;
  }

  /**
   * The next movement of the active chain, along the complete branch with the most work. `path` begins after the fork. It ends up to
   * `group` - 1 blocks after the first block with more work than the tip. Null when no complete branch has more work than the tip.
   */
  next(group = 1): { fork: BlockNode; path: BlockNode[] } | null {
    let goal: { fork: BlockNode; path: BlockNode[] } | null = null;
    let work = this.tip.work;
    for (const node of this.#stored) {
      if (node.work <= work) continue;
      const branch = this.#completeBranch(node);
      if (!branch) continue;
      goal = branch;
      work = node.work;
    }
    if (!goal) return null;
    const enough = goal.path.findIndex((node) => node.work > this.tip.work);
    return { fork: goal.fork, path: goal.path.slice(0, enough + group) };
  }

  /** Nodes without body between the active chain and `goal` (inclusive), lowest first. */
  missing(limit: number, goal = this.best): BlockNode[] {
    return this.#bestHeader.missing(limit, goal);
  }

  /** Whether a block off the active chain lies on a branch whose end has more work than the tip. Its body may be needed soon. */
  contends(node: BlockNode): boolean {
    this.#contenders ??= this.#findContenders();
    return this.#contenders.has(node);
  }

  #findContenders(): Set<BlockNode> {
    const found = new Set<BlockNode>();
    for (const leader of this.#others) {
      if (leader.invalid || leader.work <= this.tip.work) continue;
      for (let node = leader; !this.isActive(node) && !found.has(node); node = node.parent!) found.add(node);
    }
    return found;
  }

  /** The branch from the active chain to `leaf`; null unless all its bodies are stored. */
  #completeBranch(leaf: BlockNode): { fork: BlockNode; path: BlockNode[] } | null {
    const path: BlockNode[] = [];
    let node = leaf;
    while (!this.isActive(node)) {
      if (node.status !== 'stored' || node.invalid) return null;
      path.push(node);
      node = node.parent!;
    }
    return { fork: node, path: path.reverse() };
  }

  #make({ id, bits, parent, sealed, status }: NewNode): BlockNode {
    if (bits !== this.#lastWork.bits) this.#lastWork = { bits, work: workOfBits(bits) };
    const node = { id, height: parent.height + 1, parent, work: parent.work + this.#lastWork.work, sealed, status, invalid: null };
    this.#nodes.set(id, node);
    return node;
  }
}
