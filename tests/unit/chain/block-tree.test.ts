import { describe, expect, test } from 'vitest';
import type { BlockNode } from '../../../src/chain/block-node.ts';
import { BlockTree } from '../../../src/chain/block-tree.ts';
import { HeldBlocks, MAX_HELD_BLOCKS } from '../../../src/chain/held-blocks.ts';
import { BlockBuilder, testNetwork, TRIVIAL_BITS } from '../../scenarios/support/builders.ts';

/** Four times the work of a trivial block. */
const HARD_BITS = 0x201fffff;

/** Adds named blocks under a parent. Capitals are hard blocks; each body is stored unless the name ends in "?". */
class Drawing {
  readonly tree = new BlockTree('genesis');
  readonly #nodes = new Map<string, BlockNode>([['genesis', this.tree.tip]]);

  add(parent: string, ...names: string[]): this {
    for (const name of names) {
      const bits = name === name.toUpperCase() ? HARD_BITS : TRIVIAL_BITS;
      const node = this.tree.add(name, bits, this.node(parent), null);
      if (!name.endsWith('?')) this.tree.setStored(node, true);
      this.#nodes.set(name, node);
      parent = name;
    }
    return this;
  }

  node(name: string): BlockNode {
    return this.#nodes.get(name)!;
  }

  /** Follows `next()` to the end. @returns the names of the steps */
  settle(): string[] {
    const steps: string[] = [];
    for (let next = this.tree.next(); next; next = this.tree.next()) {
      const detached = [];
      for (let node = this.tree.tip; node !== next.fork; node = node.parent!) detached.push({ id: node.id });
      steps.push(`${next.fork.id} → ${next.path.map(({ id }) => id).join(' ')}`);
      this.tree.activate(next.fork, next.path, detached as never);
    }
    return steps;
  }
}

describe('the block tree', () => {
  test('advances a block at a time', () => {
    const drawing = new Drawing().add('genesis', 'a', 'b', 'c');
    expect(drawing.settle()).toEqual(['genesis → a', 'a → b', 'b → c']);
    expect(drawing.tree.tip.id).toBe('c');
  });

  test('reorganises in one step to the first block with more work, then advances', () => {
    const drawing = new Drawing().add('genesis', 'a', 'b');
    drawing.settle();
    drawing.add('genesis', 'x', 'y', 'z', 'w');
    expect(drawing.settle()).toEqual(['genesis → x y z', 'z → w']);
  });

  test('compares work, not the number of blocks', () => {
    const drawing = new Drawing().add('genesis', 'a', 'b', 'c').add('genesis', 'X');
    drawing.settle();
    expect(drawing.tree.tip.id).toBe('X');
    drawing.add('c', 'd');
    expect(drawing.settle()).toEqual([]);
    drawing.add('d', 'e');
    expect(drawing.settle()).toEqual(['genesis → a b c d e']);
  });

  test('waits for missing bodies, and names them', () => {
    const drawing = new Drawing().add('genesis', 'a', 'b?', 'c', 'd?');
    expect(drawing.settle()).toEqual(['genesis → a']);
    expect(drawing.tree.best.id).toBe('d?');
    expect(drawing.tree.missing(9).map(({ id }) => id)).toEqual(['b?', 'd?']);
    expect(drawing.tree.missing(1).map(({ id }) => id)).toEqual(['b?']);
    expect(drawing.tree.contends(drawing.node('c'))).toBe(true);
    drawing.tree.setStored(drawing.node('b?'), true);
    expect(drawing.settle()).toEqual(['a → b?', 'b? → c']);
    expect(drawing.tree.missing(9).map(({ id }) => id)).toEqual(['d?']);
    expect(drawing.tree.contends(drawing.node('c'))).toBe(false);
  });

  test('descendants of an invalid block are invalid, and the best header changes', () => {
    const drawing = new Drawing().add('genesis', 'a');
    drawing.settle();
    drawing.add('genesis', 'x', 'y', 'z?', 'w').add('a', 'b?');
    expect(drawing.tree.best.id).toBe('w');
    const useless = drawing.tree.invalidate(drawing.node('y'), 'state-root-wrong');
    expect(useless.map(({ id }) => id)).toEqual(['y', 'w']);
    expect(['x', 'y', 'z?', 'w'].map((name) => drawing.node(name).invalid)).toEqual([
      null,
      'state-root-wrong',
      'block-ancestor-invalid',
      'block-ancestor-invalid',
    ]);
    expect(drawing.tree.best.id).toBe('b?');
    expect(drawing.settle()).toEqual([]);
  });

  test('names the missing bodies on the way to any header, and the headers with more work than the tip', () => {
    const drawing = new Drawing().add('genesis', 'a', 'b');
    drawing.settle();
    drawing.add('genesis', 'x?', 'y', 'z?').add('genesis', 'U?', 'v?').add('a', 'equal');
    expect(drawing.tree.best.id).toBe('v?');
    expect(drawing.tree.missing(9).map(({ id }) => id)).toEqual(['U?', 'v?']);
    expect(drawing.tree.missing(9, drawing.node('z?')).map(({ id }) => id)).toEqual(['x?', 'z?']);
    expect(drawing.tree.missing(1, drawing.node('z?')).map(({ id }) => id)).toEqual(['x?']);
    expect(drawing.tree.missing(9, drawing.node('U?')).map(({ id }) => id)).toEqual(['U?']);
    expect(drawing.tree.missing(9, drawing.node('a'))).toEqual([]);
    const contending = (): string[] => ['a', 'y', 'v?', 'equal'].filter((name) => drawing.tree.contends(drawing.node(name)));
    expect(contending()).toEqual(['y', 'v?']);
    drawing.tree.invalidate(drawing.node('z?'), 'state-root-wrong');
    expect(contending()).toEqual(['v?']);
    drawing.add('equal', 'w');
    expect(contending()).toEqual(['v?', 'equal']);
    drawing.settle();
    drawing.add('w', 'c', 'd');
    drawing.settle();
    expect(contending()).toEqual([]);
  });

  test('keeps the active branch on equal work', () => {
    const drawing = new Drawing().add('genesis', 'x?').add('genesis', 'a');
    expect(drawing.tree.best.id).toBe('x?');
    drawing.settle();
    expect(drawing.tree.best.id).toBe('a');
    expect(drawing.tree.missing(9)).toEqual([]);
  });
});

test('held blocks are bounded: the farthest ahead leaves first', () => {
  const network = testNetwork();
  const builder = new BlockBuilder(network);
  const held = new HeldBlocks(network);
  const blocks = Array.from({ length: MAX_HELD_BLOCKS + 1 }, (_, i) =>
    builder.next(builder.genesis, { timeMs: network.genesisTimeMs + 1_000 * (MAX_HELD_BLOCKS + 1 - i) }),
  );
  for (const block of blocks) held.add(block);
  const due = held.takeDue(network.genesisTimeMs + 1e9);
  expect(due.map(({ id }) => id)).toEqual(
    blocks
      .slice(1)
      .map(({ id }) => id)
      .reverse(),
  );
  expect(held.nextDueMs()).toBeNull();
});
