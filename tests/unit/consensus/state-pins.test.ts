import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyStateChunk, makeStateChunk } from '../../../src/consensus/state-proof.ts';
import { NO_NODE, StateNodes, type NodeRef } from '../../../src/consensus/state-nodes.ts';
import { StatePins, type Pin } from '../../../src/consensus/state-pins.ts';
import { StateTree, type LeafChange } from '../../../src/consensus/state-tree.ts';
import { StateUpdate } from '../../../src/consensus/state-update.ts';
import { stateKey, type AccountState } from '../../../src/protocol/state-root.ts';
import { compareBytes, fromHex } from '../../../src/util/bytes.ts';
import { MemoryState } from '../../scenarios/support/builders.ts';
import { TREE_ADDRESSES } from './support/close-keys.ts';

const BROKEN = expect.objectContaining({ code: 'invariant-broken' });

/** Balances to set, 0 to remove the account. */
const changes = fc.uniqueArray(fc.tuple(fc.constantFrom(...TREE_ADDRESSES), fc.nat(3)), { selector: ([address]) => address });
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('apply' as const), changes, tree: fc.nat() }) },
    fc.record({ do: fc.constant('ask' as const), changes, tree: fc.nat() }),
    fc.record({ do: fc.constant('pin' as const) }),
    fc.record({ do: fc.constant('release' as const), tree: fc.nat() }),
  ),
  { maxLength: 40 },
);

describe('the pins of a tree', () => {
  test('keep exactly the nodes that a kept version has', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const nodes = new StateNodes();
        const pins = new StatePins(nodes);
        const kept: { pin: Pin; root: NodeRef }[] = [];
        let root = NO_NODE;
        for (const step of list) {
          if (step.do === 'apply') {
            const update = new StateUpdate(nodes, root);
            for (const [address, balance] of step.changes) update.add(fromHex(address), balance ? new Uint8Array(32).fill(balance) : null);
            const after = update.run();
            root = after.root;
            for (const node of after.replaced) pins.replaced(node);
          } else if (step.do === 'pin') kept.push({ pin: pins.add(), root });
          else if (step.do === 'release' && kept.length > 0) pins.release(kept.splice(step.tree % kept.length, 1)[0]!.pin);
          const needed = new Set<NodeRef>();
          for (const version of [root, ...kept.map((each) => each.root)]) collect(nodes, version, needed);
          expect(nodes.count).toBe(needed.size);
        }
      }),
    );
  });
});

describe('a pinned version of the state tree', () => {
  test('and the tree change without each other, and nothing of either is left over', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const tree = StateTree.build([]);
        const trees: { tree: StateTree; accounts: Map<string, AccountState> }[] = [{ tree, accounts: new Map() }];
        for (const step of list) {
          if (step.do === 'pin') trees.push({ tree: tree.pin(), accounts: new Map(trees[0]!.accounts) });
          else if (step.do === 'release') {
            if (trees.length > 1) trees.splice(1 + (step.tree % (trees.length - 1)), 1)[0]!.tree.release();
          } else {
            const chosen = trees[step.tree % trees.length]!;
            const leaves = step.changes.map(([address, balance]) => leafOf(address, balance));
            if (step.do === 'ask') chosen.tree.rootWith(leaves);
            else apply(chosen, leaves);
          }
          for (const each of trees) expectAccounts(each.tree, each.accounts);
        }
        for (const each of trees.slice(1)) each.tree.release();
        expectAccounts(tree, trees[0]!.accounts);
        tree.apply([]);
        expect(tree.nodes).toBe(Math.max(0, 2 * trees[0]!.accounts.size - 1));
      }),
    );
  });

  test('of a pinned version is possible too, and must be released first', () => {
    const [a, b, c] = TREE_ADDRESSES as [string, string, string];
    const tree = StateTree.build([leafOf(a, 1).after!]);
    const first = tree.pin();
    first.apply([leafOf(b, 1)]);
    const second = first.pin();
    first.apply([leafOf(b, 2), leafOf(c, 2)]);
    tree.apply([leafOf(a, 0)]);
    expectAccounts(second, new Map([a, b].map((address) => [address, leafOf(address, 1).after!])));
    expect(() => first.release()).toThrow(BROKEN);
    second.release();
    first.release();
    expect(tree.nodes).toBe(0);
  });
});

function collect(nodes: StateNodes, node: NodeRef, into: Set<NodeRef>): void {
  if (node === NO_NODE) return;
  into.add(node);
  if (node > 0) for (const side of [0, 1] as const) collect(nodes, nodes.child(node, side), into);
}

function leafOf(address: string, balance: number): LeafChange {
  return { address, after: balance ? { address, balance, nonce: 0, registration: null } : undefined };
}

function apply({ tree, accounts }: { tree: StateTree; accounts: Map<string, AccountState> }, leaves: readonly LeafChange[]): void {
  tree.apply(leaves);
  for (const { address, after } of leaves) {
    if (after) accounts.set(address, after);
    else accounts.delete(address);
  }
}

/** By the root of a tree that is built again, and by the chunks. */
function expectAccounts(tree: StateTree, accounts: ReadonlyMap<string, AccountState>): void {
  expect(tree.root).toEqual(StateTree.build(accounts.values()).root);
  const seen: AccountState[] = [];
  for (let from: Uint8Array | null = new Uint8Array(32); from;) {
    const chunk = makeStateChunk(tree, new MemoryState(accounts.values()), from, 7);
    seen.push(...chunk.accounts.slice(seen.length === 0 ? 0 : 1));
    from = verifyStateChunk(tree.root, from, chunk);
  }
  expect(seen).toEqual([...accounts.values()].sort((a, b) => compareBytes(stateKey(a.address), stateKey(b.address))));
}
