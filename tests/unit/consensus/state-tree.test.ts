import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import { bucketHash, bucketOf, EMPTY_STATE_ROOT, type AccountState } from '../../../src/protocol/state-root.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { MemoryState } from '../../scenarios/support/builders.ts';
import { accounts } from '../protocol/support/arbitraries.ts';
import { rowOf } from './support/rows.ts';
import { stateRoot } from './support/second-implementation.ts';

const lists = fc.uniqueArray(accounts, { maxLength: 12, selector: (account) => account.address });

function hashes(state: MemoryState, touched: readonly AccountState[]): Map<number, Uint8Array> {
  return new Map(touched.map(({ address }) => [bucketOf(address), bucketHash(state.bucket(bucketOf(address)))]));
}

describe('state tree', () => {
  test('of no accounts', () => {
    expect(StateTree.build(new MemoryState()).root).toEqual(EMPTY_STATE_ROOT);
  });

  test('built in steps, at once, and by the second implementation: the same root', () => {
    fc.assert(
      fc.property(lists, lists, (before, added) => {
        const tree = StateTree.build(new MemoryState(before));
        const rootBefore = tree.root;
        expect(toHex(rootBefore)).toBe(stateRoot(before.map(rowOf)));
        const after = new MemoryState([...new Map([...before, ...added].map((row) => [row.address, row])).values()]);
        const buckets = hashes(after, added);
        const root = tree.rootWith(buckets);
        expect(toHex(root)).toBe(stateRoot(after.accounts().map(rowOf)));
        expect(tree.root).toEqual(rootBefore);
        tree.apply(buckets);
        expect(tree.root).toEqual(root);
        expect(StateTree.build(after).root).toEqual(root);
        tree.apply(hashes(new MemoryState(before), added));
        expect(tree.root).toEqual(rootBefore);
      }),
      { numRuns: 8 },
    );
  });

  test('a root handed out does not change later', () => {
    const tree = StateTree.build(new MemoryState());
    const [root, same] = [tree.root, tree.rootWith(new Map())];
    tree.apply(new Map([[7, new Uint8Array(32)]]));
    expect([root, same]).toEqual([EMPTY_STATE_ROOT, EMPTY_STATE_ROOT]);
    expect(tree.root).not.toEqual(EMPTY_STATE_ROOT);
  });

  test.each([
    [-1, 32],
    [4096, 32],
    [0.5, 32],
    [0, 31],
  ])('no bucket %d with a hash of %d bytes', (index, bytes) => {
    const tree = StateTree.build(new MemoryState());
    expect(() => tree.rootWith(new Map([[index, new Uint8Array(bytes)]]))).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });
});
