import { expect, test } from 'vitest';
import { assert, errorCode, fromWireError, TabchainError, toWireError } from '../../../src/util/errors.ts';
import { randomBelow } from '../../../src/util/ports.ts';

test('an error keeps code, message and details across a thread boundary', () => {
  const error = new TabchainError('name-taken', 'Taken.', { name: 'alex' });
  const copy = fromWireError(structuredClone(toWireError(error)));
  expect(copy).toBeInstanceOf(TabchainError);
  expect(copy).toMatchObject({ code: 'name-taken', message: 'Taken.', details: { name: 'alex' } });
});

test('anything else becomes internal', () => {
  expect(toWireError(new RangeError('x'))).toEqual({ code: 'internal', message: 'x', details: {} });
  expect(toWireError('y')).toEqual({ code: 'internal', message: 'y', details: {} });
  expect(errorCode(null)).toBe('internal');
});

test('a broken invariant throws', () => {
  expect(() => assert(0, 'zero')).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  expect(() => assert(1, 'one')).not.toThrow();
});

test('randomBelow draws again when a value would favour small results', () => {
  // 3 does not divide 2^32, so the value 2^32 - 1 is left over.
  const draws = [0xff, 0x04];
  const random = { bytes: (length: number) => new Uint8Array(length).fill(draws.shift()!) };
  expect(randomBelow(random, 3)).toBe(0x04040404 % 3);
  expect(draws).toEqual([]);
});
