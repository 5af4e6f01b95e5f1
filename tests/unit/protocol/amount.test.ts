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
    // A single comma that can only be a decimal point is read as one.
    ['0,5', 500_000],
    ['1,5', 1_500_000],
    ['0,01', 10_000],
    [',5', 500_000],
    ['0,500', 500_000],
    ['1234,567', 1_234_567_000],
    ['12,123456', 12_123_456],
    // Commas that can only separate thousands, as the page itself writes them.
    ['1,250.75', 1_250_750_000],
    ['1,234,567', 1_234_567_000_000],
    // As East Asian input methods type digits.
    ['１２．５', 12_500_000],
    ['１，５', 1_500_000],
    ['1。5', 1_500_000],
    ['\u200b5\u200e', 5_000_000],
    ['\u30005\u00a0', 5_000_000],
    ['−0', 0],
  ])('accepts %j', (given, units) => {
    expect(Object.is(parseCoins(given), units)).toBe(true);
  });

  test.each([
    '',
    ' ',
    '.',
    '-',
    '1 000',
    '1 5',
    '1\u200b5',
    '1.000,50',
    '1,23,456',
    '12,34,567',
    '1,2345.6',
    '5,',
    ',',
    '1,2,3',
    '1.234.567',
    '1’000',
    '5²',
    '①',
    '½',
    '٥',
    '５%',
    '\u202e51',
    '1\n5',
    '1、5',
    '1;5',
    '1_000',
    '5 coins',
    '1e3',
    '0x10',
    '+1',
    '--1',
    'NaN',
    '1.2.3',
    NaN,
    Infinity,
    -Infinity,
  ])('refuses %j as no amount', (given) => {
    expect(() => parseCoins(given)).toThrow(failsWith('amount-invalid'));
  });

  test.each([
    ['1,234', '1.234', '1234'],
    ['１，０００', '1.000', '1000'],
    ['-12,500', '-12.500', '-12500'],
  ])('refuses %j, which may mean %s or %s, and names both', (given, decimal, whole) => {
    expect(() => parseCoins(given)).toThrow(expect.objectContaining({ code: 'amount-ambiguous', details: { decimal, whole } }));
  });

  test('no separator ever multiplies', () => {
    const digits = (length: number): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: length });
    fc.assert(
      fc.property(digits(5), fc.constantFrom(',', '，', '.', '．', '。'), digits(6), (whole, separator, fraction) => {
        let units: number;
        try {
          units = parseCoins(whole + separator + fraction);
        } catch (error) {
          expect(error).toMatchObject({ code: 'amount-ambiguous' });
          expect(fraction).toHaveLength(3);
          return;
        }
        expect(units).toBe(Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0')));
      }),
    );
  });

  test.each(['0.0000001', '0,0000001', '1,1234567', '1.1234567', 1e-7, 0.1 + 0.2])('refuses %j as too precise', (given) => {
    expect(() => parseCoins(given)).toThrow(failsWith('amount-too-precise'));
  });

  test.each(['9007199254.740992', '99999999999999999999', 1e19])('refuses %j as too large', (given) => {
    expect(() => parseCoins(given)).toThrow(failsWith('amount-too-large'));
  });
});
