import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeAccountProof,
  decodeStateChunk,
  encodeAccountProof,
  encodeStateChunk,
  MAX_CHUNK_ACCOUNTS,
  type TreeEdge,
} from '../../../src/protocol/state-proof.ts';
import { stateRow } from '../../../src/protocol/state-root.ts';
import { concatBytes, fromHex } from '../../../src/util/bytes.ts';
import { accounts, bytesOf } from './support/arbitraries.ts';

const paths: fc.Arbitrary<TreeEdge[]> = fc
  .uniqueArray(fc.record({ bit: fc.nat({ max: 255 }), hash: bytesOf(32) }), { selector: ({ bit }) => bit, maxLength: 40 })
  .map((edges) => edges.sort((a, b) => b.bit - a.bit));

const refusedAs = (code: string): unknown => expect.objectContaining({ code: `encoding-${code}` });
/** A row of an account that is not registered. */
const ROW = fromHex(`${'ab'.repeat(20)}${'00'.repeat(7)}05${'00'.repeat(8)}00`);
const edge = (bit: number): Uint8Array => Uint8Array.of(bit, ...new Uint8Array(32));

describe('account proofs', () => {
  test('decode to what was encoded', () => {
    fc.assert(
      fc.property(accounts, paths, (account, path) => {
        const proof = { row: stateRow(account), path };
        expect(decodeAccountProof(encodeAccountProof(proof))).toEqual(proof);
      }),
    );
    expect(decodeAccountProof(encodeAccountProof({ row: null, path: [] }))).toEqual({ row: null, path: [] });
  });

  test('have the longest possible path', () => {
    const path = Array.from({ length: 256 }, (_, i) => ({ bit: 255 - i, hash: new Uint8Array(32) }));
    const proof = { row: { address: 'ab'.repeat(20), balance: 5, nonce: 0, registration: null }, path };
    expect(decodeAccountProof(encodeAccountProof(proof))).toEqual(proof);
  });

  test.each<[string, string, Uint8Array[]]>([
    ['no bytes', 'truncated', []],
    ['another flag', 'non-canonical', [Uint8Array.of(2)]],
    ['a byte after the end', 'trailing', [Uint8Array.of(0, 0)]],
    ['another flag in the row', 'non-canonical', [Uint8Array.of(1), ROW.with(36, 2), Uint8Array.of(0, 0)]],
    ['a balance that is too large', 'non-canonical', [Uint8Array.of(1), ROW.with(20, 1), Uint8Array.of(0, 0)]],
    ['a name that is too long', 'too-long', [Uint8Array.of(1), ROW.with(36, 1), Uint8Array.of(21), new Uint8Array(99)]],
    ['a path without its bytes', 'truncated', [Uint8Array.of(1), ROW, Uint8Array.of(1, 0), edge(7)]],
    ['a path that is too long', 'too-long', [Uint8Array.of(1), ROW, Uint8Array.of(1, 1), new Uint8Array(257 * 33)]],
    ['bits that rise', 'non-canonical', [Uint8Array.of(1), ROW, Uint8Array.of(0, 2), edge(7), edge(8)]],
    ['the same bit twice', 'non-canonical', [Uint8Array.of(1), ROW, Uint8Array.of(0, 2), edge(7), edge(7)]],
  ])('are refused with %s', (_, code, parts) => {
    expect(() => decodeAccountProof(concatBytes(...parts))).toThrow(refusedAs(code));
  });
});

describe('state chunks', () => {
  test('decode to what was encoded', () => {
    fc.assert(
      fc.property(fc.array(accounts, { maxLength: 5 }), paths, paths, (list, left, right) => {
        const chunk = { accounts: list, left, right };
        expect(decodeStateChunk(encodeStateChunk(chunk))).toEqual(chunk);
      }),
    );
  });

  test.each<[string, string, Uint8Array[]]>([
    ['no bytes', 'truncated', []],
    ['too many accounts', 'too-long', [Uint8Array.of(1, 145), new Uint8Array(401 * 37)]],
    ['a count without accounts', 'truncated', [Uint8Array.of(1, 144), ROW]],
    ['another flag', 'non-canonical', [Uint8Array.of(0, 1), ROW.with(36, 2), new Uint8Array(4)]],
    ['half a modulus', 'truncated', [Uint8Array.of(0, 1), ROW.with(36, 1), Uint8Array.of(2, 97, 98), new Uint8Array(300)]],
    ['bits that rise', 'non-canonical', [Uint8Array.of(0, 1), ROW, Uint8Array.of(0, 0, 0, 2), edge(1), edge(2)]],
    ['a byte after the end', 'trailing', [Uint8Array.of(0, 1), ROW, new Uint8Array(5)]],
  ])('are refused with %s', (_, code, parts) => {
    expect(() => decodeStateChunk(concatBytes(...parts))).toThrow(refusedAs(code));
  });

  test('with the most accounts are shorter than a block of the default size', () => {
    const modulus = new Uint8Array(256);
    const registration = { name: 'a'.repeat(20), signingModulus: modulus, encryptionModulus: modulus };
    const account = { address: 'ab'.repeat(20), balance: 1, nonce: 1, registration };
    const sides = Array.from({ length: 40 }, (_, i) => ({ bit: 40 - i, hash: new Uint8Array(32) }));
    const bytes = encodeStateChunk({ accounts: Array(MAX_CHUNK_ACCOUNTS).fill(account), left: sides, right: sides });
    expect(bytes.length).toBeLessThan(262_144);
  });
});
