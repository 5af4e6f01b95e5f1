import { BURST_BLOCKS } from '../consensus/difficulty.ts';
import type { RuleCode } from '../consensus/errors.ts';
import type { SealedHeader } from '../protocol/block.ts';
import { expandBits, workOfTarget } from '../protocol/target.ts';
import { BestHeader } from './best-header.ts';
import type { BlockNode } from './block-node.ts';

/**
 * Active headers that stay in memory: the next block is checked against its parent and those down to the burst ancestor, and what peers ask
 * about is mostly recent.
 */
const NEWEST_HEADERS = Math.max(100, BURST_BLOCKS + 1);

/** Ids of a locator that follow one another at the tip before the steps begin to double: forks are mostly this short. */
const LOCATOR_DENSE = 16;

/** So much larger than it was left must the number of headers be before it is looked at again. */
const LOOK_AGAIN_AT = 1.125;

function byWork(a: BlockNode, b: BlockNode): number {
  return a.work < b.work ? -1 : a.work > b.work ? 1 : 0;
}

/**
 * All known headers as a tree, the active chain as an array by height, and the two questions of fork choice: which header has
 * the most work, and which complete branch. Work decides; on a tie the node that came first.
 *
 *     genesis ─ 1 ─ 2 ─ 3 ─ 4               the active chain; activate() moves the tip, here 4
 *                   └─ 3' ─ 4' ─ 5' ─ 6'    best: 6', the header with the most work
 *                      stored    headers    missing(): 5' and 6'; next(): 3' to 5' as soon as 5' is stored
 */
export class BlockTree {
  /** In order of arrival: parents come before children. */
  readonly #nodes = new Map<string, BlockNode>();
  readonly #active: BlockNode[] = [];
  /** Those that are not active. */
  readonly #others = new Set<BlockNode>();
  /** Their number beyond which {@link bound} looks whether there are too many. */
  #boundAt = 0;
  readonly #bestHeader: BestHeader;
  /** Nodes whose body is stored, in order of arrival: the few that may yet become active. */
  readonly #stored = new Set<BlockNode>();
  /** Answers {@link contends}; null where the tree has changed since. */
  #contenders: ReadonlySet<BlockNode> | null = null;
  /** The last target expanded, for neighbours mostly share it. */
  #lastWork: { readonly bits: number; readonly work: bigint } = { bits: 0, work: 0n };

  constructor(genesisId: string) {
    const genesis: BlockNode = { id: genesisId, height: 0, parent: null, work: 0n, sealed: null, status: 'active', invalid: null };
    this.#nodes.set(genesisId, genesis);
    this.#active.push(genesis);
    this.#bestHeader = new BestHeader(this.#active);
  }

  get tip(): BlockNode {
    return this.#active[this.#active.length - 1]!;
  }

  /** Most work among headers not known to be invalid. */
  get best(): BlockNode {
    return this.#bestHeader.node;
  }

  get(id: string): BlockNode | undefined {
    return this.#nodes.get(id);
  }

  activeAt(height: number): BlockNode | undefined {
    return this.#active[height];
  }

  /** Ids of the active chain from the tip down to genesis, first all, then in steps that double. */
  locator(): string[] {
    const ids: string[] = [];
    let step = 1;
    for (let { height } = this.tip; height > 0; height -= step) {
      ids.push(this.#active[height]!.id);
      if (ids.length >= LOCATOR_DENSE) step *= 2;
    }
    return [...ids, this.#active[0]!.id];
  }

  isActive(node: BlockNode): boolean {
    return this.#active[node.height] === node;
  }

  /** Adds the child of a known valid node as a mere header. */
  add(id: string, bits: number, parent: BlockNode, sealed: SealedHeader | null): BlockNode {
    const node: BlockNode = {
      id,
      height: parent.height + 1,
      parent,
      work: parent.work + this.#workOf(bits),
      sealed,
      status: 'header',
      invalid: null,
    };
    this.#nodes.set(id, node);
    this.#others.add(node);
    if (node.work > this.tip.work) this.#contenders = null;
    this.#bestHeader.added(node);
    return node;
  }

  /** The body of a node is kept now, or (`header`) no more. */
  setStored(node: BlockNode, stored: boolean): void {
    node.status = stored ? 'stored' : 'header';
    if (stored) this.#stored.add(node);
    else this.#stored.delete(node);
  }

  /**
   * The active chain now ends in the last of `path`.
   * @param fork active node that `path` grows from
   * @param detached headers of the blocks that were active above `fork`; their bodies are stored
   */
  activate(fork: BlockNode, path: readonly BlockNode[], detached: readonly SealedHeader[]): void {
    for (const sealed of detached) {
      const node = this.#nodes.get(sealed.id)!;
      node.sealed = sealed;
      this.#others.add(node);
      this.setStored(node, true);
    }
    this.#contenders = null;
    // Room that was made for a long way to the best header goes with it.
    this.#boundAt = Math.max(0, this.#boundAt + detached.length - path.length);
    this.#active.length = fork.height + 1;
    for (const node of path) {
      this.#active.push(node);
      this.#others.delete(node);
      this.#stored.delete(node);
      node.status = 'active';
    }
    for (let height = fork.height; height > 0 && this.#active[height]!.sealed; height--) this.#setAside(height);
    for (const { height } of path) this.#setAside(height);
    this.#bestHeader.moved(path, detached.length > 0);
  }

  /**
   * Marks a node and all its descendants; none of them is active.
   * @returns those whose bodies were stored and are of no use any more
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
   * Forgets headers that are of least use where there are too many: whole branches from their ends, the one with the least work first. The
   * active chain, the way to the best header and what leads to a body stay in any case.
   * @param limit how many others may stay, about
   * @param led what is kept as well, with all that leads there, where it has more work than the tip
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
    // Not at every header: looking costs as much as there are.
    this.#boundAt = Math.ceil(Math.max(this.#others.size, kept.size + limit) * LOOK_AGAIN_AT);
  }

  /** Forgets at least so many leaves, each with what leads to it alone. */
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

  /** Stored nodes in order of arrival. */
  stored(): Iterable<BlockNode> {
    return this.#stored;
  }

  /**
   * Where the active chain should go next: the first block with more work than the tip on the complete branch with the most work, and
   * what follows on it, `group` blocks in all. Null when the tip is best. `path` leads from the fork (exclusive) to there.
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

  /** Nodes between the active chain and a header whose bodies are missing, lowest first. */
  missing(limit: number, goal = this.best): BlockNode[] {
    return this.#bestHeader.missing(limit, goal);
  }

  /** Whether a block off the active chain lies on the way to a header with more work than the tip, so that it may be needed soon. */
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

  #setAside(height: number): void {
    if (height <= this.tip.height - NEWEST_HEADERS) this.#active[height]!.sealed = null;
  }

  /** The branch down to the active chain when all its bodies are stored. */
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

  #workOf(bits: number): bigint {
    if (bits !== this.#lastWork.bits) this.#lastWork = { bits, work: workOfTarget(expandBits(bits)) };
    return this.#lastWork.work;
  }
}
