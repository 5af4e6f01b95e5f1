import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeStateChunk, proveAccount, verifyAccountProof, verifyStateChunk } from '../../../src/consensus/state-proof.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import {
  decodeAccountProof,
  decodeStateChunk,
  encodeAccountProof,
  encodeStateChunk,
  type StateChunk,
  type TreeEdge,
} from '../../../src/protocol/state-proof.ts';
import { EMPTY_STATE_ROOT, stateKey, stateRow, type AccountState } from '../../../src/protocol/state-root.ts';
import { compareBytes } from '../../../src/util/bytes.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { MemoryState } from '../../scenarios/support/builders.ts';
import { TREE_ADDRESSES } from './support/close-keys.ts';

const WRONG = expect.objectContaining({ code: 'state-proof-wrong' });
const FIRST_KEY = new Uint8Array(32);
const LAST_KEY = new Uint8Array(32).fill(0xff);
const OTHER_MODULUS = new Uint8Array(256).fill(0xfe);

function accountOf(address: string): AccountState {
  const tail = Number.parseInt(address.slice(-2), 16);
  const modulus = new Uint8Array(256).fill(tail);
  const registration = tail % 2 === 0 ? { name: `n${address.slice(0, 19)}`, signingModulus: modulus, encryptionModulus: modulus } : null;
  return { address, balance: 1 + tail, nonce: registration ? tail : 0, registration };
}

const states = fc.subarray([...TREE_ADDRESSES], { minLength: 1 }).map((addresses) => {
  const state = new MemoryState(addresses.map(accountOf));
  const inOrder = state.accounts().sort((a, b) => compareBytes(stateKey(a.address), stateKey(b.address)));
  return { state, inOrder, tree: StateTree.build(state.accounts()) };
});
/** Keys of accounts and any other keys. */
const keys = fc.oneof(
  fc.constantFrom(...TREE_ADDRESSES).map(stateKey),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.constantFrom(FIRST_KEY, LAST_KEY),
);

describe('a proof of an account', () => {
  test('gives its row, or shows that there is none', () => {
    fc.assert(
      fc.property(states, ({ state, tree }) => {
        for (const address of TREE_ADDRESSES) {
          const proof = decodeAccountProof(encodeAccountProof(proveAccount(tree, state, address)));
          const account = state.account(address);
          expect(verifyAccountProof(tree.root, address, proof)).toEqual(account ? stateRow(account) : null);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('of an account that exists cannot be replaced by any other proof', () => {
    fc.assert(
      fc.property(states, ({ state, tree, inOrder }) => {
        for (const address of TREE_ADDRESSES) {
          const proof = proveAccount(tree, state, address);
          for (const other of inOrder.filter((account) => account.address !== address && account.address !== proof.row!.address)) {
            expect(() => verifyAccountProof(tree.root, other.address, proof)).toThrow(WRONG);
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  test('fails with another root, row or path', () => {
    fc.assert(
      fc.property(states, fc.constantFrom(...TREE_ADDRESSES), fc.nat(), fc.nat(), ({ state, tree }, address, at, bit) => {
        const bytes = encodeAccountProof(proveAccount(tree, state, address));
        bytes[at % bytes.length]! ^= 1 << (bit % 8);
        const code = errorCodeOf(() => verifyAccountProof(tree.root, address, decodeAccountProof(bytes)));
        expect(code).toMatch(/^(encoding-[a-z-]+|state-proof-wrong)$/);
        expect(() => verifyAccountProof(LAST_KEY, address, proveAccount(tree, state, address))).toThrow(WRONG);
      }),
    );
  });

  test('without accounts', () => {
    const proof = proveAccount(StateTree.build([]), new MemoryState(), TREE_ADDRESSES[0]!);
    expect(encodeAccountProof(proof)).toEqual(Uint8Array.of(0));
    expect(verifyAccountProof(EMPTY_STATE_ROOT, TREE_ADDRESSES[0]!, proof)).toBeNull();
    const { root } = StateTree.build([accountOf(TREE_ADDRESSES[0]!)]);
    expect(() => verifyAccountProof(root, TREE_ADDRESSES[1]!, proof)).toThrow(WRONG);
    const path = [{ bit: 0, hash: FIRST_KEY }];
    expect(() => verifyAccountProof(EMPTY_STATE_ROOT, TREE_ADDRESSES[1]!, { row: null, path })).toThrow(WRONG);
  });
});

describe('a chunk of accounts', () => {
  test('holds the accounts from the one at or before a key, and names the next key', () => {
    fc.assert(
      fc.property(states, keys, fc.integer({ min: 2, max: 9 }), ({ state, tree, inOrder }, from, limit) => {
        const chunk = makeStateChunk(tree, state, from, limit);
        const start = Math.max(
          0,
          inOrder.findLastIndex(({ address }) => compareBytes(stateKey(address), from) <= 0),
        );
        expect(chunk.accounts).toEqual(inOrder.slice(start, start + limit));
        const next = verifyStateChunk(tree.root, from, decodeStateChunk(encodeStateChunk(chunk)));
        expect(next).toEqual(start + limit >= inOrder.length ? null : stateKey(chunk.accounts.at(-1)!.address));
        expect([chunk.left.length === 0, chunk.right.length === 0]).toEqual([start === 0, next === null]);
      }),
    );
  });

  test('after chunk gives every account', () => {
    fc.assert(
      fc.property(states, fc.integer({ min: 2, max: 9 }), ({ state, tree, inOrder }, limit) => {
        const seen = new Map<string, AccountState>();
        for (let from: Uint8Array | null = FIRST_KEY; from;) {
          const chunk = makeStateChunk(tree, state, from, limit);
          for (const account of chunk.accounts) seen.set(account.address, account);
          from = verifyStateChunk(tree.root, from, chunk);
        }
        expect([...seen.values()]).toEqual(inOrder);
      }),
      { numRuns: 30 },
    );
  });

  const mutations: Record<string, (chunk: StateChunk, at: number) => StateChunk> = {
    'an account is left out': (chunk, at) => ({ ...chunk, accounts: chunk.accounts.filter((_, i) => i !== at % chunk.accounts.length) }),
    'an account is added': (chunk, at) => {
      const known = new Set(chunk.accounts.map(({ address }) => address));
      const added = accountOf(TREE_ADDRESSES.filter((address) => !known.has(address))[at % 7]!);
      return { ...chunk, accounts: inOrderOf([...chunk.accounts, added]) };
    },
    'an account occurs twice': (chunk, at) => ({ ...chunk, accounts: inOrderOf([...chunk.accounts, pick(chunk.accounts, at)]) }),
    'two accounts change places': ({ accounts: [first, second, ...rest], ...chunk }) => ({
      ...chunk,
      accounts: [second!, first!, ...rest],
    }),
    'a balance is altered': (chunk, at) => alter(chunk, at, (account) => ({ ...account, balance: account.balance + 1 })),
    'a nonce is altered': (chunk, at) => alter(chunk, at, (account) => ({ ...account, nonce: account.nonce + 1 })),
    'a registration is altered': (chunk, at) =>
      alter(chunk, at, ({ registration, ...account }) => {
        const other = { name: 'other', signingModulus: OTHER_MODULUS, encryptionModulus: OTHER_MODULUS };
        return { ...account, registration: registration ? { ...registration, encryptionModulus: OTHER_MODULUS } : other };
      }),
    'an edge is altered': (chunk, at) =>
      onEdges(chunk, (edges) => edges.map((edge, i) => (i === at % edges.length ? { ...edge, hash: LAST_KEY } : edge))),
    'the bit of an edge is altered': (chunk, at) =>
      onEdges(chunk, (edges) => edges.map((edge, i) => (i === at % edges.length ? { ...edge, bit: (edge.bit + 1) % 256 } : edge))),
    'an edge is left out': (chunk, at) => onEdges(chunk, (edges) => edges.filter((_, i) => i !== at % edges.length)),
    'an edge is added': (chunk, at) => ({ ...chunk, right: [{ bit: 255 - (at % 9), hash: LAST_KEY }, ...chunk.right] }),
    'the edges change sides': ({ accounts, left, right }) => ({ accounts, left: right, right: left }),
    'nothing is left': () => ({ accounts: [], left: [], right: [] }),
  };

  test.each(Object.entries(mutations))('is refused when %s', (_, mutate) => {
    let refused = 0;
    fc.assert(
      fc.property(states, keys, fc.integer({ min: 2, max: 9 }), fc.nat(), ({ state, tree }, from, limit, at) => {
        const chunk = makeStateChunk(tree, state, from, limit);
        fc.pre(chunk.accounts.length > 1 && chunk.left.length + chunk.right.length > 0);
        expect(() => verifyStateChunk(tree.root, from, mutate(chunk, at))).toThrow(WRONG);
        refused++;
      }),
      { numRuns: 40 },
    );
    expect(refused).toBeGreaterThan(10);
  });

  test('is refused with any byte altered', () => {
    fc.assert(
      fc.property(states, keys, fc.nat(), fc.nat({ max: 7 }), ({ state, tree }, from, at, bit) => {
        const bytes = encodeStateChunk(makeStateChunk(tree, state, from, 3));
        bytes[at % bytes.length]! ^= 1 << bit;
        const code = errorCodeOf(() => verifyStateChunk(tree.root, from, decodeStateChunk(bytes)));
        expect(code).toMatch(/^(encoding-[a-z-]+|state-proof-wrong)$/);
      }),
    );
  });

  test('is refused for a key that it does not reach', () => {
    fc.assert(
      fc.property(states, keys, keys, ({ state, tree, inOrder }, asked, answered) => {
        const chunk = makeStateChunk(tree, state, answered, 2);
        const [first, last] = [chunk.accounts[0]!, chunk.accounts.at(-1)!];
        const begins = first === inOrder[0] || compareBytes(stateKey(first.address), asked) <= 0;
        const reaches = last === inOrder.at(-1) || compareBytes(stateKey(last.address), asked) > 0;
        const verify = (): unknown => verifyStateChunk(tree.root, asked, chunk);
        if (begins && reaches) verify();
        else expect(verify).toThrow(WRONG);
      }),
    );
  });

  test('without accounts', () => {
    const chunk = makeStateChunk(StateTree.build([]), new MemoryState(), FIRST_KEY);
    expect(chunk).toEqual({ accounts: [], left: [], right: [] });
    expect(verifyStateChunk(EMPTY_STATE_ROOT, FIRST_KEY, chunk)).toBeNull();
    expect(() => verifyStateChunk(EMPTY_STATE_ROOT, FIRST_KEY, { ...chunk, left: [{ bit: 0, hash: LAST_KEY }] })).toThrow(WRONG);
  });

  test.each([0, 1, 401])('cannot be made of %d accounts', (limit) => {
    const account = accountOf(TREE_ADDRESSES[0]!);
    const make = (): unknown => makeStateChunk(StateTree.build([account]), new MemoryState([account]), FIRST_KEY, limit);
    expect(make).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });

  test('cannot be made of other accounts than those of the tree', () => {
    const make = (): unknown => makeStateChunk(StateTree.build([accountOf(TREE_ADDRESSES[0]!)]), new MemoryState(), FIRST_KEY);
    expect(make).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });
});

function errorCodeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return errorCode(error);
  }
}

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length]!;

function inOrderOf(accounts: readonly AccountState[]): AccountState[] {
  return accounts.toSorted((a, b) => compareBytes(stateKey(a.address), stateKey(b.address)));
}

function alter(chunk: StateChunk, at: number, change: (account: AccountState) => AccountState): StateChunk {
  return { ...chunk, accounts: chunk.accounts.map((account, i) => (i === at % chunk.accounts.length ? change(account) : account)) };
}

/** Changes the edges of a side that has some. */
function onEdges(chunk: StateChunk, change: (edges: readonly TreeEdge[]) => TreeEdge[]): StateChunk {
  return chunk.left.length > 0 ? { ...chunk, left: change(chunk.left) } : { ...chunk, right: change(chunk.right) };
}
