import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BUCKET_COUNT,
  bucketHash,
  bucketOf,
  EMPTY_STATE_ROOT,
  encodeAccount,
  findRow,
  mergeRows,
} from '../../../src/protocol/state-root.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { accountBytes, sha256, hex, stateRoot } from '../consensus/support/second-implementation.ts';
import { rowOf } from '../consensus/support/rows.ts';
import { accounts } from './support/arbitraries.ts';

describe('account rows', () => {
  test('agree with the specified format', () => {
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

describe('rows in address order', () => {
  interface Row {
    readonly address: string;
    readonly value: number;
  }

  const tables = fc
    .array(fc.record({ address: fc.nat({ max: 30 }).map(String), value: fc.nat() }), { maxLength: 40 })
    .map((rows) => new Map<string, Row>(rows.map((row) => [row.address, row])));
  const inOrder = (rows: Iterable<Row>): Row[] => [...rows].sort((a, b) => (a.address < b.address ? -1 : 1));

  test('change as a plain map would, removals included, and are found', () => {
    fc.assert(
      fc.property(tables, tables, fc.func(fc.boolean()), (before, given, isRemoval) => {
        const changes = inOrder(given.values()).map((row) => [row.address, isRemoval(row.address) ? undefined : row] as const);
        const rows = inOrder(before.values());
        const merged = mergeRows(rows, changes);
        expect(rows).toEqual(inOrder(before.values()));
        for (const [address, row] of changes) {
          if (row) before.set(address, row);
          else before.delete(address);
        }
        expect(merged).toEqual(inOrder(before.values()));
        for (let address = 0; address <= 30; address++) expect(findRow(merged, String(address))).toBe(before.get(String(address)));
      }),
    );
  });

  test('cost one walk for all changes, and a few looks for one row', () => {
    let looks = 0;
    const counted = (index: number) => ({
      get address() {
        looks++;
        return String(index).padStart(6, '0');
      },
    });
    const rows = Array.from({ length: 20_000 }, (_, i) => counted(3 * i));
    const changes = Array.from({ length: 500 }, (_, i) => [String(90 * i + 1).padStart(6, '0'), counted(90 * i + 1)] as const);
    expect(mergeRows(rows, changes)).toHaveLength(20_500);
    expect(looks).toBeLessThan(2 * (rows.length + changes.length));
    looks = 0;
    findRow(rows, '030000');
    expect(looks).toBeLessThan(20);
  });
});
