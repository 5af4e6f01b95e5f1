import { describe, expect, test } from 'vitest';
import type { BlockNode } from '../../../src/chain/block-node.ts';
import { BlockTree } from '../../../src/chain/block-tree.ts';
import { MAX_SIDE_BYTES, SIDE_BLOCK_DEPTH, SideBlocks } from '../../../src/chain/side-blocks.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import type { ChainStore } from '../../../src/storage/port.ts';
import { TRIVIAL_BITS } from '../../scenarios/support/builders.ts';

/** The part of a store that side blocks use: the ids it holds. */
class FakeStore {
  readonly kept = new Set<string>();
  atomically<T>(work: () => T): T {
    return work();
  }
  putSideBlock({ id }: DecodedBlock): void {
    this.kept.add(id);
  }
  deleteSideBlock(id: string): void {
    this.kept.delete(id);
  }
}

function setUp(): { tree: BlockTree; store: FakeStore; side: SideBlocks; put(parent: BlockNode, id: string, size: number): BlockNode } {
  const tree = new BlockTree('genesis');
  const store = new FakeStore();
  const side = new SideBlocks(store as unknown as ChainStore, tree);
  const put = (parent: BlockNode, id: string, size: number): BlockNode => {
    const node = tree.add(id, TRIVIAL_BITS, parent, null);
    tree.setStored(node, true);
    side.put(node, { id, size } as DecodedBlock);
    return node;
  };
  return { tree, store, side, put };
}

/** Extends the active chain by empty blocks. */
function grow(tree: BlockTree, side: SideBlocks, count: number): void {
  for (let i = 0; i < count; i++) {
    const node = tree.add(`active ${tree.tip.height + 1}`, TRIVIAL_BITS, tree.tip, null);
    tree.activate(tree.tip, [node], []);
    side.moved([node], []);
  }
}

describe('side blocks', () => {
  test('far below the tip are dropped; their headers stay', () => {
    const { tree, store, side, put } = setUp();
    const old = put(tree.tip, 'old', 100);
    grow(tree, side, SIDE_BLOCK_DEPTH + 1);
    expect([...store.kept]).toEqual(['old']);
    grow(tree, side, 1);
    expect([...store.kept]).toEqual([]);
    expect(old.status).toBe('header');
    expect(tree.get('old')).toBe(old);
  });

  test('take a bounded number of bytes: the block with least work off the way to the best header is dropped first', () => {
    const { tree, store, side, put } = setUp();
    grow(tree, side, 3);
    const quarter = MAX_SIDE_BYTES / 4;
    // On the way to the best header, out of order: the body of "ahead 1" is missing.
    const gap = tree.add('ahead 1', TRIVIAL_BITS, tree.tip, null);
    const ahead = put(gap, 'ahead 2', quarter);
    put(tree.activeAt(1)!, 'high', quarter);
    put(tree.activeAt(0)!, 'low', quarter);
    put(tree.activeAt(2)!, 'higher', quarter);
    expect(store.kept.size).toBe(4);
    put(ahead, 'ahead 3', quarter);
    expect([...store.kept].sort()).toEqual(['ahead 2', 'ahead 3', 'high', 'higher']);
    expect(tree.get('low')!.status).toBe('header');
  });

  test('on the way to the best header stay, however many and deep, until another header is best', () => {
    const { tree, store, side, put } = setUp();
    grow(tree, side, 3);
    const half = MAX_SIDE_BYTES / 2;
    // A heavier branch from genesis on, whose first body is missing.
    let node = tree.add('branch 1', TRIVIAL_BITS, tree.activeAt(0)!, null);
    for (let height = 2; height <= SIDE_BLOCK_DEPTH + 20; height++) {
      node = height < 8 ? put(node, `branch ${height}`, half) : tree.add(`branch ${height}`, TRIVIAL_BITS, node, null);
    }
    expect(store.kept.size).toBe(6);
    grow(tree, side, SIDE_BLOCK_DEPTH + 10);
    expect(store.kept.size).toBe(6);
    grow(tree, side, 20);
    expect(store.kept.size).toBe(0);
  });

  test('that become active no longer count', () => {
    const { tree, store, side, put } = setUp();
    const first = put(tree.tip, 'first', MAX_SIDE_BYTES);
    tree.activate(tree.tip, [first], []);
    store.deleteSideBlock('first');
    side.moved([first], []);
    put(tree.activeAt(0)!, 'second', MAX_SIDE_BYTES);
    expect([...store.kept]).toEqual(['second']);
  });
});
