import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EMPTY_STATE_ROOT,
  encodeStateRow,
  firstDifference,
  innerHash,
  KEY_BITS,
  keyBit,
  leafHash,
  stateKey,
  stateRow,
} from '../../../src/protocol/state-root.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { accountBytes, sha256, hex, stateRoot } from '../consensus/support/second-implementation.ts';
import { rowOf } from '../consensus/support/rows.ts';
import { accounts, addresses, bytesOf } from './support/arbitraries.ts';

describe('account rows', () => {
  test('agree with the specified format', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        expect(toHex(encodeStateRow(stateRow(account)))).toBe(accountBytes(rowOf(account)).toString('hex'));
      }),
    );
  });
});

describe('hashes of the state tree', () => {
  test('agree with the specified format', () => {
    const hashes = bytesOf(32);
    fc.assert(
      fc.property(accounts, addresses, fc.nat({ max: 255 }), hashes, hashes, (account, address, bit, left, right) => {
        expect(toHex(stateKey(address))).toBe(sha256(hex(address)).toString('hex'));
        expect(toHex(leafHash(stateRow(account)))).toBe(sha256(hex('00'), accountBytes(rowOf(account))).toString('hex'));
        expect(toHex(innerHash(bit, left, right))).toBe(sha256(hex('01'), Uint8Array.of(bit), left, right).toString('hex'));
      }),
    );
    expect(toHex(EMPTY_STATE_ROOT)).toBe(stateRoot([]));
  });

  test('count the bits of keys from the most significant', () => {
    const digits = (key: Uint8Array): string => [...key].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    fc.assert(
      fc.property(bytesOf(32), fc.nat({ max: KEY_BITS - 1 }), bytesOf(5), (key, bit, before) => {
        const all = new Uint8Array([...before, ...key]);
        expect(keyBit(key, bit)).toBe(Number(digits(key)[bit]));
        expect(keyBit(all, bit, before.length)).toBe(Number(digits(key)[bit]));
        const other = key.slice();
        other[bit >>> 3]! ^= 0x80 >>> (bit & 7);
        other.set(before, Math.min((bit >>> 3) + 1, 27));
        const expected = [...digits(key)].findIndex((digit, i) => digit !== digits(other)[i]);
        expect(firstDifference(key, other)).toBe(expected);
        expect(firstDifference(all, other, before.length)).toBe(expected);
      }),
    );
    expect(firstDifference(new Uint8Array(32), new Uint8Array(32))).toBe(KEY_BITS);
  });
});
