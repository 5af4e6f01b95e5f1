import { expect, it } from 'vitest';
import { BoundedSet } from '../../../src/net/bounded.ts';

it('forgets the oldest members and never grows beyond its capacity', () => {
  const set = new BoundedSet(3);
  for (const member of ['a', 'b', 'c', 'a', 'd']) set.add(member);
  expect(set.size).toBe(3);
  expect([...set]).toEqual(['c', 'a', 'd']);
  for (let i = 0; i < 1_000; i++) set.add(String(i));
  expect(set.size).toBe(3);
  expect(set.has('999')).toBe(true);
  set.delete('999');
  expect(set.has('999')).toBe(false);
});
