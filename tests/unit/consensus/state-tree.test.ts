import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateTree, type LeafChange } from '../../../src/consensus/state-tree.ts';
import { EMPTY_STATE_ROOT, firstDifference, stateKey, type AccountState } from '../../../src/protocol/state-root.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { TREE_ADDRESSES } from './support/close-keys.ts';
import { rowOf } from './support/rows.ts';
import { stateRoot } from './support/second-implementation.ts';

const BROKEN = expect.objectContaining({ code: 'invariant-broken' });
const MODULUS = new Uint8Array(256).fill(0xc1);

const accounts: fc.Arbitrary<AccountState> = fc
  .record({ address: fc.constantFrom(...TREE_ADDRESSES), balance: fc.integer({ min: 1, max: 4 }), registered: fc.boolean() })
  .map(({ address, balance, registered }) => ({
    address,
    balance,
    nonce: registered ? balance : 0,
    registration: registered ? { name: `n${address.slice(0, 19)}`, signingModulus: MODULUS, encryptionModulus: MODULUS } : null,
  }));
const lists = fc.uniqueArray(accounts, { selector: ({ address }) => address });
/** Changes of one block: accounts to set and to remove. */
const blocks: fc.Arbitrary<LeafChange[]> = fc
  .uniqueArray(fc.tuple(accounts, fc.boolean()), { selector: ([{ address }]) => address })
  .map((changes) => changes.map(([account, stays]) => ({ address: account.address, after: stays ? account : undefined })));

const coin = (address: string, balance = 1): AccountState => ({ address, balance, nonce: 0, registration: null });
const changesTo = (list: readonly AccountState[]): LeafChange[] => list.map((after) => ({ address: after.address, after }));

class Model {
  readonly accounts = new Map<string, AccountState>();

  apply(changes: readonly LeafChange[]): this {
    for (const { address, after } of changes) {
      if (after) this.accounts.set(address, after);
      else this.accounts.delete(address);
    }
    return this;
  }

  /** By the second implementation. */
  get root(): string {
    return stateRoot([...this.accounts.values()].map(rowOf));
  }

  /** Nodes of a tree over these accounts: a leaf for each, and an inner node between each two neighbours. */
  get nodes(): number {
    return Math.max(0, 2 * this.accounts.size - 1);
  }
}

describe('the state tree', () => {
  test('of no accounts', () => {
    const tree = StateTree.build([]);
    expect([tree.root, tree.rootWith([]), tree.cursor()]).toEqual([EMPTY_STATE_ROOT, EMPTY_STATE_ROOT, null]);
    expect(toHex(EMPTY_STATE_ROOT)).toBe(stateRoot([]));
  });

  test('has after each block the root of the second implementation, and no node too many', () => {
    fc.assert(
      fc.property(lists, fc.array(fc.tuple(blocks, fc.boolean())), (start, steps) => {
        const tree = StateTree.build(start);
        const model = new Model().apply(changesTo(start));
        for (const [changes, isApplied] of steps) {
          const before = tree.root;
          const after = new Model().apply(changesTo([...model.accounts.values()])).apply(changes).root;
          expect(toHex(tree.rootWith(changes))).toBe(after);
          expect(tree.root).toEqual(before);
          if (!isApplied) continue;
          model.apply(changes);
          tree.apply(changes);
          expect(toHex(tree.root)).toBe(model.root);
          expect(tree.nodes).toBe(model.nodes);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('does not depend on its history', () => {
    fc.assert(
      fc.property(lists, lists, fc.array(blocks, { maxLength: 3 }), (end, start, detours) => {
        const tree = StateTree.build(start);
        for (const changes of detours) tree.apply(changes);
        const gone = TREE_ADDRESSES.filter((address) => !end.some((account) => account.address === address));
        for (const address of gone) tree.apply([{ address, after: undefined }]);
        for (const change of changesTo(end)) tree.apply([change]);
        expect(tree.root).toEqual(StateTree.build(end.toReversed()).root);
      }),
      { numRuns: 60 },
    );
  });

  test('an update without its root asked for, and after the root of another update', () => {
    const [a, b, c] = TREE_ADDRESSES.map((address) => coin(address)) as [AccountState, AccountState, AccountState];
    const tree = StateTree.build([a]);
    tree.rootWith(changesTo([c]));
    tree.apply(changesTo([b]));
    expect(tree.root).toEqual(StateTree.build([a, b]).root);
    tree.apply([{ address: a.address, after: undefined }]);
    expect(tree.root).toEqual(StateTree.build([b]).root);
    expect(tree.nodes).toBe(1);
  });

  test('a root handed out does not change later', () => {
    const tree = StateTree.build([coin(TREE_ADDRESSES[0]!)]);
    const [root, same] = [tree.root, tree.rootWith([])];
    tree.apply(changesTo([coin(TREE_ADDRESSES[0]!, 2)]));
    tree.rootWith(changesTo([coin(TREE_ADDRESSES[0]!, 3)]));
    expect([root, same]).toEqual([StateTree.build([coin(TREE_ADDRESSES[0]!)]).root, root]);
    expect(tree.root).not.toEqual(root);
  });

  test('makes each node above a change once', () => {
    const all = Array.from({ length: 3_000 }, (_, i) => coin(i.toString(16).padStart(40, '0')));
    const tree = StateTree.build(all.slice(0, 2_800));
    const changed = all.slice(2_500);
    tree.rootWith(changesTo(changed));
    // In the order of keys, one inner node lies between two neighbours, at the bit in which they part.
    const rows = all.map(({ address }, i) => ({ key: stateKey(address), isNew: i >= 2_500 })).sort((a, b) => Buffer.compare(a.key, b.key));
    const parts = rows.slice(1).map(({ key }, i) => firstDifference(rows[i]!.key, key));
    let above = changed.length;
    for (let i = 0; i < parts.length; i++) {
      let [from, to] = [i, i + 1];
      while (from > 0 && parts[from - 1]! > parts[i]!) from--;
      while (to < parts.length && parts[to]! > parts[i]!) to++;
      if (rows.slice(from, to + 1).some(({ isNew }) => isNew)) above++;
    }
    expect(tree.nodes - (2 * 2_800 - 1)).toBe(above);
  });

  test('orders keys that agree in more bits than the fast sort looks at', () => {
    // The keys begin with the same 32 bits: found by trying addresses.
    const pair = [coin('0000000000000000000000000000000000015408'), coin('0000000000000000000000000000000000019aab')];
    const [a, b] = pair.map(({ address }) => stateKey(address)) as [Uint8Array, Uint8Array];
    expect(firstDifference(a, b)).toBeGreaterThanOrEqual(32);
    for (const list of [pair, pair.toReversed()]) expect(toHex(StateTree.build(list).root)).toBe(stateRoot(pair.map(rowOf)));
  });

  test('refuses an account that occurs twice, and an address of another length', () => {
    const [a, b] = TREE_ADDRESSES.map((address) => coin(address)) as [AccountState, AccountState];
    expect(() => StateTree.build([a, b, a])).toThrow(BROKEN);
    expect(() => StateTree.build([a]).rootWith(changesTo([a, b, a]))).toThrow(BROKEN);
    expect(() => StateTree.build([]).rootWith(changesTo([coin('aa')]))).toThrow(BROKEN);
  });

  test('takes at most 120 bytes for an account', () => {
    const count = 20_000;
    const tree = StateTree.build(Array.from({ length: count }, (_, i) => coin(i.toString(16).padStart(40, '0'))));
    expect(tree.bytes / count).toBeLessThanOrEqual(120);
  });
});
