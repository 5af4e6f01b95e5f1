import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCoins, MAX_SUPPLY, parseCoins } from '../../../src/protocol/amount.ts';

const failsWith = (code: string): unknown => expect.objectContaining({ code });

describe('amounts', () => {
  test('parse and format are inverse over all units', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (units) => {
        const text = formatCoins(units);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,5}[1-9])?$/);
        expect(parseCoins(text)).toBe(units);
      }),
    );
  });

  test.each([
    [0, '0'],
    [1, '0.000001'],
    [-1, '-0.000001'],
    [12_500_000, '12.5'],
    [50_000_000, '50'],
    [100_000_000, '100'],
    [MAX_SUPPLY, '9007199254.740991'],
  ])('%d units are %s coins', (units, text) => {
    expect(formatCoins(units)).toBe(text);
    expect(parseCoins(text)).toBe(units);
  });

  test.each([
    ['.5', 500_000],
    ['5.', 5_000_000],
    [' 1.50 ', 1_500_000],
    ['007', 7_000_000],
    ['1.0000000000', 1_000_000],
    ['-0', 0],
    [0.1, 100_000],
    [1.005, 1_005_000],
    [1e-6, 1],
    [4.35, 4_350_000],
  ])('accepts %j', (given, units) => {
    expect(Object.is(parseCoins(given), units)).toBe(true);
  });

  test.each(['', ' ', '.', '-', '1,5', '1 000', '1e3', '0x10', '+1', '--1', 'NaN', '１', '1.2.3', NaN, Infinity, -Infinity])(
    'refuses %j as no amount',
    (given) => {
      expect(() => parseCoins(given)).toThrow(failsWith('amount-invalid'));
    },
  );

  test.each(['0.0000001', '1.1234567', 1e-7, 0.1 + 0.2])('refuses %j as too precise', (given) => {
    expect(() => parseCoins(given)).toThrow(failsWith('amount-too-precise'));
  });

  test.each(['9007199254.740992', '99999999999999999999', 1e19])('refuses %j as too large', (given) => {
    expect(() => parseCoins(given)).toThrow(failsWith('amount-too-large'));
  });
});
