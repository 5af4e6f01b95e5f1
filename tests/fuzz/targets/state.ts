import { makeStateChunk, proveAccount, verifyAccountProof, verifyStateChunk } from '../../../src/consensus/state-proof.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import {
  decodeAccountProof,
  decodeStateChunk,
  encodeAccountProof,
  encodeStateChunk,
  type AccountProof,
  type StateChunk,
} from '../../../src/protocol/state-proof.ts';
import { stateKey, stateRow, type AccountState } from '../../../src/protocol/state-root.ts';
import { compareBytes } from '../../../src/util/bytes.ts';
import { MemoryState } from '../../scenarios/support/builders.ts';
import { withinMemory } from '../support/memory.ts';
import { must, mustEqual, orRefused, type FuzzTarget } from '../support/target.ts';

const ENCODING = /^encoding-(truncated|trailing|too-long|non-canonical)$/;
const WRONG = /^state-proof-wrong$/;

/** A decoded proof has a copy of each hash and modulus. */
const TIMES_INPUT = 8;

const ACCOUNTS: readonly AccountState[] = Array.from({ length: 9 }, (_, i) => {
  const modulus = new Uint8Array(256).fill(i);
  const registration = i % 3 === 0 ? { name: `name_${i}`, signingModulus: modulus, encryptionModulus: modulus } : null;
  return { address: i.toString(16).padStart(40, '0'), balance: 1 + i, nonce: registration ? i : 0, registration };
});
const STATE = new MemoryState(ACCOUNTS);
const TREE = StateTree.build(ACCOUNTS);
const IN_ORDER = ACCOUNTS.toSorted((a, b) => compareBytes(stateKey(a.address), stateKey(b.address)));
const ABSENT = 'ee'.repeat(20);
const ADDRESSES = [...ACCOUNTS.slice(0, 4).map(({ address }) => address), ABSENT];
const FROM = [new Uint8Array(32), new Uint8Array(32).fill(0x70), new Uint8Array(32).fill(0xff)];

/** The decoded value in a list, or an empty list where the input is refused. */
function decoded<T>(input: Uint8Array, decode: (bytes: Uint8Array) => T, encode: (value: T) => Uint8Array): T[] {
  const values: T[] = [];
  withinMemory(input, TIMES_INPUT, () => {
    const value = orRefused(ENCODING, () => decode(input));
    if (value === null) return;
    mustEqual(encode(value), input, 'A value has two encodings.');
    values.push(value);
  });
  return values;
}

/** What a proof shows about any address must be so. */
function checkProof(proof: AccountProof): void {
  for (const address of ADDRESSES) {
    const verified = orRefused(WRONG, () => ({ row: verifyAccountProof(TREE.root, address, proof) }));
    if (!verified) continue;
    const account = STATE.account(address);
    const truth = account ? stateRow(account) : null;
    must(JSON.stringify(verified.row) === JSON.stringify(truth), 'A proof shows something that is not so.');
  }
}

const accountProof: FuzzTarget = {
  name: 'account-proof',
  about: 'decodeAccountProof: refused, or the only encoding; verifyAccountProof: refused, or the true row',
  maxBytes: 1_100,
  seeds: () => [...ADDRESSES.map((address) => encodeAccountProof(proveAccount(TREE, STATE, address))), Uint8Array.of(0)],
  prepare: () => (input) => {
    decoded(input, decodeAccountProof, encodeAccountProof).forEach(checkProof);
  },
};

/** Accounts of an accepted chunk must be those of the state, in the order of their keys and without a gap. */
function checkChunk(chunk: StateChunk): void {
  for (const from of FROM) {
    if (!orRefused(WRONG, () => ({ next: verifyStateChunk(TREE.root, from, chunk) }))) continue;
    const start = IN_ORDER.findIndex(({ address }) => address === chunk.accounts[0]?.address);
    const truth = IN_ORDER.slice(start, start + chunk.accounts.length);
    must(JSON.stringify(chunk.accounts) === JSON.stringify(truth), 'A false chunk was accepted.');
  }
}

const stateChunk: FuzzTarget = {
  name: 'state-chunk',
  about: 'decodeStateChunk: refused, or the only encoding; verifyStateChunk: refused, or accounts of the state',
  maxBytes: 6_000,
  seeds: () => FROM.flatMap((from) => [2, 4, 9].map((limit) => encodeStateChunk(makeStateChunk(TREE, STATE, from, limit)))),
  prepare: () => (input) => {
    decoded(input, decodeStateChunk, encodeStateChunk).forEach(checkChunk);
  },
};

export const STATE_TARGETS: readonly FuzzTarget[] = [accountProof, stateChunk];
