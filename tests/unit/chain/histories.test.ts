import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BlockNode } from '../../../src/chain/block-node.ts';
import { BlockTree } from '../../../src/chain/block-tree.ts';
import { Histories } from '../../../src/chain/histories.ts';
import { EMPTY_HISTORY } from '../../../src/protocol/history.ts';
import { checkHistoryProof } from '../../../src/protocol/history-proof.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { TRIVIAL_BITS } from '../../scenarios/support/builders.ts';
import { historyTree } from '../consensus/support/second-implementation.ts';

/** Several times the work of a trivial block. */
const HARD_BITS = 0x201fffff;

/** A tree of headers, all of whose bodies are stored, and their histories. */
class Branches {
  readonly tree = new BlockTree(idOf(0));
  readonly histories = new Histories(this.tree, EMPTY_HISTORY.append(idOf(0), 0n));
  /** All nodes that the tree knows, in order of arrival. */
  nodes: BlockNode[] = [this.tree.tip];
  /** The tree forgets the parents below its base; this map does not. */
  readonly #parents = new Map<BlockNode, BlockNode>();
  #count = 1;

  /** Adds `count` blocks on a block, as headers come: each is checked against its parent's history. */
  grow(parent: BlockNode, count: number, bits: number): void {
    for (let tip = parent, left = count; left > 0; left--) {
      this.histories.upTo(tip);
      const child = this.tree.add(idOf(this.#count++), bits, tip, null);
      this.#parents.set(child, tip);
      tip = child;
      this.tree.setStored(tip, true);
      this.nodes.push(tip);
      if (left === 1) this.expectRoot(tip);
    }
  }

  /** Forgets the lower part of the active chain, but keeps enough for the roots and proofs of the rest. */
  prune(height: number): void {
    const base = this.tree.activeAt(height);
    if (!base || base === this.tree.base) return;
    const history = this.histories.upTo(base);
    this.tree.prune(base);
    this.histories.beginAfter(history);
    this.nodes = this.nodes.filter((node) => this.tree.get(node.id) === node);
  }

  /** Lets the active chain follow the most work. */
  settle(group: number): void {
    for (let next = this.tree.next(group); next; next = this.tree.next(group)) {
      const detached = [];
      for (let node = this.tree.tip; node !== next.fork; node = node.parent!) detached.push({ id: node.id });
      this.tree.activate(next.fork, next.path, detached as never);
    }
  }

  /** Expects a proof of one active block under the history root of a later one; numbers above the tip's height count round. */
  expectProof(anyHeight: number, anyLater: number): void {
    const { tip, base } = this.tree;
    if (tip === base) return;
    const later = base.height + 1 + (anyLater % (tip.height - base.height));
    const height = base.height + (anyHeight % (later - base.height));
    const line = this.#lineOf(tip).slice(0, later);
    const proof = this.histories.prove(height, later);
    // A base with an odd height shares a subtree with the block below.
    if (height === base.height && height % 2 === 1) return expect(proof).toBeNull();
    const { before, total } = checkHistoryProof(historyTree(line).hash, later, { height, ...line[height]! }, proof!);
    expect([before, total]).toEqual([this.tree.activeAt(height)!.work - line[height]!.work, this.tree.activeAt(later - 1)!.work]);
    if (base.height > 1) expect(this.histories.prove(height % (base.height - 1), later)).toBeNull();
  }

  expectRoot(node: BlockNode): void {
    const line = this.#lineOf(node);
    const history = this.histories.upTo(node);
    expect([history.size, toHex(history.root)]).toEqual([node.height + 1, historyTree(line).hash.toString('hex')]);
    expect(history.work).toBe(node.work);
  }

  /** The blocks from genesis to a node, with their own works. */
  #lineOf(node: BlockNode): { id: string; work: bigint }[] {
    const line: { id: string; work: bigint }[] = [];
    for (let at: BlockNode | undefined = node; at; at = this.#parents.get(at)) {
      line.push({ id: at.id, work: at.work - (this.#parents.get(at)?.work ?? 0n) });
    }
    return line.reverse();
  }
}

function idOf(index: number): string {
  return (index + 1).toString(16).padStart(64, '0');
}

const steps = fc.array(
  fc.record({
    /** How many blocks below the newest block the branch begins. */
    back: fc.oneof(fc.constant(0), fc.nat({ max: 5 }), fc.nat({ max: 400 })),
    count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 150 })),
    bits: fc.constantFrom(TRIVIAL_BITS, HARD_BITS),
    group: fc.constantFrom(0, 1, 16),
    /** Part of the active chain that is pruned afterwards. */
    prune: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  }),
  { maxLength: 9 },
);

describe('histories of branches', () => {
  test('are those of the recursive definition, after any forks and reorganisations', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), (given, picks) => {
        const branches = new Branches();
        const { tree } = branches;
        for (const { back, count, bits, group, prune } of given) {
          branches.grow(branches.nodes[Math.max(0, branches.nodes.length - 1 - back)]!, count, bits);
          // Without a group the bodies are late: several branches grow before the active chain moves.
          if (group > 0) branches.settle(group);
          branches.expectRoot(tree.tip);
          branches.expectProof(picks[0]!, picks[1]!);
          for (const pick of picks) branches.expectRoot(branches.nodes[pick % branches.nodes.length]!);
          if (prune === null) continue;
          branches.prune(tree.base.height + Math.round(prune * (tree.tip.height - tree.base.height)));
          branches.expectProof(picks[2]!, picks[3]!);
          for (const pick of picks) branches.expectRoot(branches.nodes[pick % branches.nodes.length]!);
        }
        // A node that opens the same chain computes the same.
        const { nodes } = branches;
        const reopened = new Histories(tree, branches.histories.upTo(tree.base));
        for (const node of [tree.tip, ...picks.map((pick) => nodes[pick % nodes.length]!)]) {
          expect(toHex(reopened.upTo(node).root)).toBe(toHex(branches.histories.upTo(node).root));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('of a long chain: around each power of two', () => {
    const branches = new Branches();
    const { nodes, tree } = branches;
    for (const size of [64, 65, 127, 128, 129, 192, 255, 256, 257, 511, 512, 513]) {
      branches.grow(tree.tip, size - nodes.length, TRIVIAL_BITS);
      branches.settle(16);
      expect(tree.tip.height).toBe(size - 1);
      for (const height of [0, 1, 62, 63, 64, size - 2]) branches.expectProof(height, size - 2);
      for (const height of [0, 1, 63, 64, size - 2, size - 1]) branches.expectRoot(tree.activeAt(Math.min(height, size - 1))!);
    }
    expect(workOfBits(TRIVIAL_BITS) * 512n).toBe(tree.tip.work);
  });
});
