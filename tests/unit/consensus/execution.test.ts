import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBlock, connectBlock, disconnectBlock, executeTransactions } from '../../../src/consensus/block.ts';
import { RuleError } from '../../../src/consensus/rule-error.ts';
import { StateOverlay } from '../../../src/consensus/state-overlay.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import { applyTransaction, undoTransaction } from '../../../src/consensus/transaction.ts';
import type { SignatureVerifier } from '../../../src/crypto/rsa/verifier.ts';
import type { BlockHeader, DecodedBlock } from '../../../src/protocol/block.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { encodeStateRow, stateRow } from '../../../src/protocol/state-root.ts';
import { feeOf, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf, type MemoryState } from '../../scenarios/support/builders.ts';

/** Accepts every signature: this test is not about signatures, and making them would take most of the time. */
const TRUSTING: SignatureVerifier = { verify: () => true, prefetch: () => Promise.resolve() };
const SIGNATURE = new Uint8Array(256);

const ACCOUNTS = (['alex', 'ming', 'wu', 'lin'] as const).map(testAccount);
/** The accounts, and two addresses that never register. */
const PLACES = [...ACCOUNTS.map(({ address }) => address), '22'.repeat(20), 'fe'.repeat(20)];

interface Act {
  readonly register: boolean;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly fee: number;
}

const acts = fc.record<Act>({
  register: fc.boolean(),
  from: fc.nat({ max: ACCOUNTS.length - 1 }),
  to: fc.nat({ max: PLACES.length - 1 }),
  amount: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(100), fc.constant(200)),
  fee: fc.nat({ max: 3 }),
});
const plans = fc.array(fc.record({ miner: fc.nat({ max: PLACES.length - 1 }), acts: fc.array(acts, { maxLength: 8 }) }), { maxLength: 6 });

// A subsidy small enough that accounts run dry, and a halving, so that heights matter.
const network = testNetwork({ subsidy: 100, halvingInterval: 3 });
/** The most common network, one with a grant, and one that reaches the largest supply by grants and subsidies together. */
const NETWORKS: [string, Network][] = [
  ['without a grant', network],
  ['with a grant', testNetwork({ subsidy: 100, halvingInterval: 3, grant: 150 })],
  ['at the largest supply', testNetwork({ subsidy: 1e15, grant: 1e15 - 7 })],
];

/**
 * Transactions for those planned acts that the rules allow in order.
 * @param supply units in existence before
 */
function transactionsOf(network: Network, plan: readonly Act[], state: MemoryState, supply: number): DecodedTransaction[] {
  let left = Number.MAX_SAFE_INTEGER - supply;
  const overlay = new StateOverlay(state);
  const done: DecodedTransaction[] = [];
  for (const { register, from, to, amount, fee } of plan) {
    const account = ACCOUNTS[from]!;
    const nonce = overlay.account(account.address)?.nonce ?? 0;
    const transaction = register
      ? registrationOf(network, account, { signature: SIGNATURE })
      : transferOf(network, account, { to: PLACES[to]!, amount, fee, nonce, overrides: { signature: SIGNATURE } });
    const granted = register ? Math.min(network.grant, left) : 0;
    try {
      applyTransaction(network, transaction, overlay, TRUSTING, granted);
      left -= granted;
      done.push(transaction);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
    }
  }
  return done;
}

/** Whether a grant of the network would leave some units for the transaction at `index`. */
function hadRoom(network: Network, parent: BlockHeader, grants: readonly number[], index: number): boolean {
  const before = grants.slice(0, index).reduce((sum, granted) => sum + granted, parent.supply);
  return network.grant > 0 && before < Number.MAX_SAFE_INTEGER;
}

function rows(state: MemoryState): string[] {
  return state.accounts().map((account) => toHex(encodeStateRow(stateRow(account))));
}

class Trusting extends BlockBuilder {
  override readonly verifier = TRUSTING;
}

function chainOf(
  network: Network,
  plan: readonly { miner: number; acts: readonly Act[] }[],
): { builder: BlockBuilder; blocks: DecodedBlock[] } {
  const builder = new Trusting(network);
  const blocks = [builder.genesis];
  for (const { miner, acts: list } of plan) {
    const parent = blocks.at(-1)!;
    const transactions = transactionsOf(network, list, builder.stateAfter(parent), parent.header.supply);
    blocks.push(builder.next(parent, { miner: PLACES[miner]!, transactions }));
  }
  return { builder, blocks };
}

describe.each(NETWORKS)('executing blocks %s', (_, network) => {
  test('Σ balances = the supply in the header after every block, and the state root is that of the rows', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { builder, blocks } = chainOf(network, plan);
        for (const block of blocks) {
          const state = builder.stateAfter(block);
          expect(state.accounts().reduce((sum, account) => sum + BigInt(account.balance), 0n)).toBe(BigInt(block.header.supply));
          expect(toHex(StateTree.build(state.accounts()).root)).toBe(toHex(block.header.stateRoot));
          for (const account of state.accounts()) expect(account.registration !== null || account.balance > 0).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('disconnecting restores root and rows to the byte, block by block', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { builder, blocks } = chainOf(network, plan);
        const tree = StateTree.build(builder.stateAfter(builder.genesis).accounts());
        let state = builder.stateAfter(builder.genesis);
        const effects = blocks.slice(1).map((block) => {
          const { header: parent } = builder.parentOf(block)!;
          const effect = connectBlock(network, checkBlock(network, block), parent, state, tree, TRUSTING);
          expect(effect.grants.map((granted) => granted > 0)).toEqual(
            block.transactions.map(
              ({ transaction }, i) => transaction.kind === 'registration' && hadRoom(network, parent, effect.grants, i),
            ),
          );
          expect(effect.grants.reduce((sum, granted) => sum + granted, effect.subsidy)).toBe(block.header.supply - parent.supply);
          state = state.with(effect.changes);
          tree.apply(effect.changes);
          expect(rows(state)).toEqual(rows(builder.stateAfter(block)));
          expect(toHex(tree.root)).toBe(toHex(block.header.stateRoot));
          return effect;
        });
        for (const { block, changes } of effects.toReversed()) {
          const parent = builder.parentOf(block)!;
          const undone = disconnectBlock(network, block, parent.header, state, tree);
          expect(undone.changes).toEqual(changes.map(({ address, before, after }) => ({ address, before: after, after: before })));
          state = state.with(undone.changes);
          tree.apply(undone.changes);
          expect(rows(state)).toEqual(rows(builder.stateAfter(parent)));
          expect(toHex(tree.root)).toBe(toHex(parent.header.stateRoot));
        }
        expect(state.accounts()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('apply ∘ undo = identity for each transaction; a refused one changes nothing', () => {
    fc.assert(
      fc.property(plans, fc.array(acts, { minLength: 1, maxLength: 5 }), (plan, more) => {
        const { builder, blocks } = chainOf(network, plan);
        const state = builder.stateAfter(blocks.at(-1)!);
        for (const { register, from, to, amount, fee } of more) {
          const account = ACCOUNTS[from]!;
          const nonce = state.account(account.address)?.nonce ?? 0;
          const transaction = register
            ? registrationOf(network, account, { signature: SIGNATURE })
            : transferOf(network, account, { to: PLACES[to]!, amount, fee, nonce, overrides: { signature: SIGNATURE } });
          const overlay = new StateOverlay(state);
          const granted = register ? Math.min(network.grant, Number.MAX_SAFE_INTEGER - blocks.at(-1)!.header.supply) : 0;
          const before = state.account(account.address)?.balance ?? 0;
          try {
            applyTransaction(network, transaction, overlay, TRUSTING, granted);
            expect(feeOf(transaction.transaction)).toBe(register ? 0 : fee);
            if (register) expect(overlay.account(account.address)!.balance).toBe(before + granted);
            undoTransaction(transaction, overlay, granted);
          } catch (error) {
            expect(error).toBeInstanceOf(RuleError);
          }
          expect(overlay.changes()).toEqual([]);
          expect(overlay.addressOfName(account.name)).toBe(state.addressOfName(account.name));
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('executing', () => {
  test('neither view nor tree is changed by executing', () => {
    const builder = new BlockBuilder(network);
    const [block] = builder.extend(builder.genesis, 1, { miner: ACCOUNTS[0]! });
    const state = builder.stateAfter(block!);
    const tree = StateTree.build(state.accounts());
    const before = [rows(state), toHex(tree.root)];
    executeTransactions(network, block!.header, PLACES[5]!, [registrationOf(network, ACCOUNTS[0]!)], state, tree, builder.verifier);
    expect([rows(state), toHex(tree.root)]).toEqual(before);
  });

  test('undoing a change that was never made is detected', () => {
    const builder = new BlockBuilder(network);
    const [block] = builder.extend(builder.genesis, 1, { miner: ACCOUNTS[0]! });
    const state = builder.stateAfter(block!);
    const broken = expect.objectContaining({ code: 'invariant-broken' });
    const transfer = transferOf(network, ACCOUNTS[0]!, { to: PLACES[4]!, amount: 1, nonce: 0, overrides: { signature: SIGNATURE } });
    const selfTransfer = transferOf(network, ACCOUNTS[0]!, { to: PLACES[0]!, amount: 1, nonce: 0, overrides: { signature: SIGNATURE } });
    const registration = registrationOf(network, ACCOUNTS[0]!, { signature: SIGNATURE });
    for (const transaction of [transfer, selfTransfer, registration]) {
      expect(() => undoTransaction(transaction, new StateOverlay(state), 0)).toThrow(broken);
    }
    const tree = StateTree.build(state.accounts());
    const checked = checkBlock(network, block!);
    expect(() => disconnectBlock(network, checked, block!.header, state, tree)).toThrow(broken);
  });
});
