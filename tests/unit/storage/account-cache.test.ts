import { expect, test } from 'vitest';
import { AccountCache, type AccountRow } from '../../../src/storage/sql/account-cache.ts';

const row = (id: number): AccountRow => ({ id, address: String(id), balance: 1, nonce: 0, registration: null });

test('a cache of accounts keeps what is read, also that an address has no row, and at most its capacity', () => {
  const cache = new AccountCache(10);
  cache.set('1', row(1));
  cache.set('2', null);
  for (let id = 3; id < 100; id++) {
    cache.set(String(id), row(id));
    expect(cache.get('1')).toEqual(row(1));
    expect(cache.get('2')).toBeNull();
  }
  const known = Array.from({ length: 100 }, (_, id) => id).filter((id) => cache.get(String(id)) !== undefined);
  expect(known.length).toBeGreaterThanOrEqual(5);
  expect(known.length).toBeLessThanOrEqual(10);
});

test('a cache of accounts forgets a deleted address', () => {
  const cache = new AccountCache(4);
  for (const id of [1, 2, 3]) cache.set(String(id), row(id));
  for (const id of [1, 2, 3]) cache.delete(String(id));
  expect([1, 2, 3].map((id) => cache.get(String(id)))).toEqual([undefined, undefined, undefined]);
});
