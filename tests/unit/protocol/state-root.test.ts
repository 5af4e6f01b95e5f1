import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUCKET_COUNT, bucketHash, bucketOf, EMPTY_STATE_ROOT, encodeAccount } from '../../../src/protocol/state-root.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { accountBytes, sha256, hex, stateRoot } from '../consensus/support/second-implementation.ts';
import { rowOf } from '../consensus/support/rows.ts';
import { accounts } from './support/arbitraries.ts';

describe('account rows', () => {
  test('agree with the written format', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        expect(toHex(encodeAccount(account))).toBe(accountBytes(rowOf(account)).toString('hex'));
      }),
    );
  });

  test('a bucket hash is the Merkle leaf over its rows', () => {
    fc.assert(
      fc.property(fc.array(accounts, { maxLength: 4 }), (rows) => {
        expect(toHex(bucketHash(rows))).toBe(sha256(hex('00'), ...rows.map((row) => accountBytes(rowOf(row)))).toString('hex'));
      }),
    );
  });

  test('the bucket is the first twelve bits of the address', () => {
    expect(bucketOf('00'.repeat(20))).toBe(0);
    expect(bucketOf('abc' + '0'.repeat(37))).toBe(0xabc);
    expect(bucketOf('f'.repeat(40))).toBe(BUCKET_COUNT - 1);
  });

  test('the root without accounts', () => {
    expect(toHex(EMPTY_STATE_ROOT)).toBe(stateRoot([]));
  });
});
