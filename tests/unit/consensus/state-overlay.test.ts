import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateOverlay } from '../../../src/consensus/state-overlay.ts';
import type { AccountState } from '../../../src/protocol/state-root.ts';
import { MemoryState } from '../../scenarios/support/builders.ts';

/** Few addresses, so that changes collide. Each account has one fixed name. */
const ADDRESSES = ['000' + '1'.repeat(37), '000' + '2'.repeat(37), '0001' + 'f'.repeat(36), 'fff' + '0'.repeat(37), 'fff' + '1'.repeat(37)];
const MODULUS = new Uint8Array(256).fill(0xc1);

const states: fc.Arbitrary<AccountState> = fc
  .record({ at: fc.nat({ max: ADDRESSES.length - 1 }), balance: fc.nat({ max: 2 }), nonce: fc.nat({ max: 1 }), registered: fc.boolean() })
  .map(({ at, balance, nonce, registered }) => ({
    address: ADDRESSES[at]!,
    balance,
    nonce: registered ? nonce : 0,
    registration: registered ? { name: `name_${at}`, signingModulus: MODULUS.slice(), encryptionModulus: MODULUS } : null,
  }));

const exists = (account: AccountState): boolean => account.registration !== null || account.balance > 0;

function settled(puts: readonly AccountState[], onto = new Map<string, AccountState>()): Map<string, AccountState> {
  for (const account of puts) {
    if (exists(account)) onto.set(account.address, account);
    else onto.delete(account.address);
  }
  return onto;
}

function view(overlay: StateOverlay): unknown {
  return {
    accounts: ADDRESSES.map((address) => overlay.account(address)),
    names: ADDRESSES.map((_, at) => overlay.addressOfName(`name_${at}`)),
  };
}

describe('state overlay', () => {
  test('reads as a plain map would, over any base and stacked', () => {
    fc.assert(
      fc.property(fc.array(states), fc.array(states), fc.array(states), (before, lower, upper) => {
        const base = new MemoryState(settled(before).values());
        const below = new StateOverlay(base);
        const above = new StateOverlay(below);
        for (const account of lower) below.put(account);
        for (const account of upper) above.put(account);
        const plain = new MemoryState(settled(upper, settled(lower, settled(before))).values());
        expect(view(above)).toEqual(view(new StateOverlay(plain)));
        expect(base.accounts()).toEqual(new MemoryState(settled(before).values()).accounts());
      }),
    );
  });

  test('changes are exactly the differences, each address once, in order', () => {
    fc.assert(
      fc.property(fc.array(states), fc.array(states), (before, puts) => {
        const base = new MemoryState(settled(before).values());
        const overlay = new StateOverlay(base);
        for (const account of puts) overlay.put(account);
        const changes = overlay.changes();
        expect(base.with(changes).accounts()).toEqual(new MemoryState(settled(puts, settled(before)).values()).accounts());
        for (const { address, before: from, after } of changes) {
          expect(from).toEqual(base.account(address));
          expect(after).not.toEqual(from);
        }
        expect(changes.map((change) => change.address)).toEqual([...new Set(changes.map((change) => change.address))].sort());
      }),
    );
  });

  test('an account of equal content is no change', () => {
    const account: AccountState = { address: ADDRESSES[0]!, balance: 1, nonce: 0, registration: null };
    const overlay = new StateOverlay(new MemoryState([account]));
    overlay.put({ ...account, balance: 2 });
    overlay.put({ ...account });
    expect(overlay.changes()).toEqual([]);
  });

  test('the same keys under another name are a change, and the old name is free', () => {
    const registration = { name: 'before', signingModulus: MODULUS, encryptionModulus: MODULUS };
    const account: AccountState = { address: ADDRESSES[0]!, balance: 1, nonce: 0, registration };
    const overlay = new StateOverlay(new MemoryState([account]));
    overlay.put({ ...account, registration: null });
    overlay.put({ ...account, registration: { ...registration, name: 'after' } });
    expect(overlay.changes()).toHaveLength(1);
    expect([overlay.addressOfName('before'), overlay.addressOfName('after')]).toEqual([undefined, ADDRESSES[0]]);
  });

  test('an unregistered account cannot have sent a transfer', () => {
    const overlay = new StateOverlay(new MemoryState());
    const impossible = { address: ADDRESSES[0]!, balance: 1, nonce: 1, registration: null };
    expect(() => overlay.put(impossible)).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });
});
