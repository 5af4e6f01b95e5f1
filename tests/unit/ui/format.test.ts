import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFormats, groupCoins, scaled, shorten, utf8Length } from '../../../src/ui/kit/format.ts';

describe('groupCoins', () => {
  it.each([
    ['0', '0'],
    ['999.5', '999.5'],
    ['1250.75', '1,250.75'],
    ['9007199254.740991', '9,007,199,254.740991'],
    ['-1250.010001', '−1,250.010001'],
    ['+80', '+80'],
    ['not a number', 'not a number'],
  ])('%s → %s', (coins, shown) => {
    expect(groupCoins(coins)).toBe(shown);
  });

  it('loses no digit of any amount', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 53n), fc.integer({ min: 0, max: 999_999 }), (whole, units) => {
        const coins = units === 0 ? `${whole}` : `${whole}.${String(units).padStart(6, '0').replace(/0+$/, '')}`;
        expect(groupCoins(coins).replaceAll(',', '')).toBe(coins);
      }),
    );
  });
});

describe('scaled', () => {
  it.each([
    [0, '0', ''],
    [5.25, '5.3', ''],
    [999, '999', ''],
    [999.7, '1.00', 'k'],
    [13_600_000, '13.6', 'M'],
    [165_000, '165', 'k'],
    [9.996e9, '10.0', 'G'],
    [1e30, '1000000000000', 'E'],
  ])('%s → %s %s', (value, text, prefix) => {
    expect(scaled(value)).toEqual({ value: text, prefix });
  });
});

describe('formats', () => {
  const en = createFormats('en');
  const zh = createFormats('zh-Hant');
  const ja = createFormats('ja');

  it('shows durations in the largest sensible unit', () => {
    expect(en.duration(0.2)).toBe('1 second');
    expect(en.duration(43)).toBe('43 seconds');
    expect(en.duration(59.6)).toBe('1 minute');
    expect(en.duration(7_300)).toBe('2 hours');
    expect(zh.duration(43)).toContain('43');
    expect(zh.duration(43)).toContain('秒');
    expect(ja.duration(43)).toBe('43 秒');
  });

  it('never shows an event in the future, whatever the clocks', () => {
    expect(en.ago(10_000, 0)).toBe(en.ago(0, 0));
    expect(en.ago(0, 120_000)).toContain('2 min');
    expect(zh.ago(0, 120_000)).toContain('2 分鐘前');
    expect(ja.ago(0, 120_000)).toBe('2 分前');
  });

  it('shows work beyond 2^53', () => {
    expect(en.bigCount('123456789012345678901')).toBe('123 E');
    expect(en.bytes(262_144)).toBe('262 kB');
    expect(en.hashrate(13_600_000)).toEqual({ value: '13.6', unit: 'MH/s' });
  });
});

it('shorten keeps both ends', () => {
  expect(shorten('tab1q9x3kd0pmvh4t7f3k')).toBe('tab1q9x3…7f3k');
  expect(shorten('short')).toBe('short');
});

it('utf8Length counts as the protocol does', () => {
  expect([utf8Length('abc'), utf8Length('é'), utf8Length('午餐'), utf8Length('🍱')]).toEqual([3, 2, 6, 4]);
});
