import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectedPoints, observedPoints, pointsOf, roundTicks } from '../../../src/ui/features/explorer/chart-model.ts';
import {
  fittingIn,
  gapText,
  gapWidth,
  heightOf,
  isHectic,
  scaleOf,
  shadeOf,
  sideOf,
} from '../../../src/ui/features/explorer/strip-model.ts';
import { histogram } from '../../../src/node/views/series.ts';

const point = (height: number, hashrate: number) => ({
  height,
  hashrate,
  time: 1_000 * height,
  difficulty: 2 * height,
  supply: '50.5',
  fees: '0.003',
});

describe('a chart', () => {
  const series = { blocks: 3, points: [point(1, 0), point(2, 7), point(3, 8)], intervals: histogram([1, 2], 1) };

  test('shows the values of the points; the hash rate begins with the second', () => {
    expect(pointsOf('difficulty', series)).toEqual([1, 2, 3].map((x) => ({ x, y: 2 * x })));
    expect(pointsOf('hashrate', series)).toEqual([
      { x: 2, y: 7 },
      { x: 3, y: 8 },
    ]);
    expect(pointsOf('fees', series)[0]).toEqual({ x: 1, y: 3_000 });
    expect(pointsOf('supply', series)[0]).toEqual({ x: 1, y: 50.5 });
  });

  test('expects as many times between blocks as were observed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 1 }),
        fc.integer({ min: 1, max: 60 }),
        (seconds, mean) => {
          const intervals = histogram(seconds, mean);
          const expected = expectedPoints(intervals, mean).slice(1);
          expect(expected.reduce((sum, { y }) => sum + y, 0)).toBeCloseTo(seconds.length, 6);
          expect(
            observedPoints(intervals)
              .slice(1)
              .reduce((sum, { y }) => sum + y, 0),
          ).toBe(seconds.length);
          expect(expectedPoints(intervals, mean)).toHaveLength(observedPoints(intervals).length);
          // Both end where the axis ends.
          expect(observedPoints(intervals).at(-1)!.x).toBeCloseTo(5 * mean, 6);
        },
      ),
    );
  });

  test('follows the exponential where times have no memory', () => {
    // The quantiles of the exponential.
    const seconds = Array.from({ length: 1_000 }, (_, i) => -15 * Math.log(1 - (i + 0.5) / 1_000));
    const intervals = histogram(seconds, 15);
    for (const [i, { y }] of expectedPoints(intervals, 15).slice(1).entries()) expect(Math.abs(y - intervals.counts[i]!)).toBeLessThan(2);
  });

  test('has few round marks, all inside', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }), (from, length) => {
        const ticks = roundTicks(from, from + length);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.every((x) => x >= from && x <= from + length)).toBe(true);
      }),
    );
    expect(roundTicks(1, 100)).toEqual([20, 40, 60, 80, 100]);
    expect(roundTicks(5, 5)).toEqual([5]);
  });
});

describe('the strip', () => {
  const square = (amount: string, fee = '0.001') => ({ txid: amount, kind: 'transfer' as const, bytes: 322, amount, fee });

  test('draws more bytes higher, and more coins larger, within bounds', () => {
    fc.assert(
      fc.property(fc.nat(4_000_000), fc.nat(4_000_000), (a, b) => {
        const scale = Math.max(1_200, a, b);
        expect(a <= b ? heightOf(a, scale) <= heightOf(b, scale) : true).toBe(true);
        expect(heightOf(a, scale)).toBeLessThanOrEqual(136);
        expect(sideOf(square(String(a)))).toBeLessThanOrEqual(17);
        expect(a <= b ? sideOf(square(String(a))) <= sideOf(square(String(b))) : true).toBe(true);
        expect(gapWidth(a)).toBeLessThanOrEqual(64);
      }),
    );
    expect(sideOf({ kind: 'registration', amount: '0' })).toBe(12);
    expect(gapWidth(null)).toBe(gapWidth(-3));
  });

  test('draws as many squares as fit, more in a higher tab', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 7, max: 17 }), { maxLength: 48 }), fc.integer({ min: 74, max: 136 }), (sides, height) => {
        const count = fittingIn(height, sides);
        expect(count).toBeLessThanOrEqual(sides.length);
        expect(count).toBeGreaterThanOrEqual(Math.min(4, sides.length));
        expect(fittingIn(136, sides)).toBeGreaterThanOrEqual(count);
      }),
    );
    expect(fittingIn(74, Array<number>(48).fill(7))).toBe(20);
    expect(fittingIn(136, Array<number>(48).fill(7))).toBe(48);
  });

  test('draws higher fees for each byte darker', () => {
    expect(shadeOf(square('1', '0'))).toBe(30);
    expect(shadeOf(square('1', '0.001'))).toBeLessThan(shadeOf(square('1', '0.005')));
    expect(shadeOf(square('1', '50'))).toBe(100);
  });

  test('scales by the largest block, or by a usual size', () => {
    expect(scaleOf({ blocks: [], waiting: [{ transactions: 0, bytes: 200, squares: [] }] })).toBe(1_200);
    expect(scaleOf({ blocks: [], waiting: [{ transactions: 9, bytes: 90_000, squares: [] }] })).toBe(90_000);
  });

  test('writes seconds, and stands still while blocks come too fast to be read', () => {
    expect([gapText(0.04), gapText(9.94), gapText(9.96), gapText(120.4)]).toEqual(['0.0', '9.9', '10', '120']);
    const every = (ms: number) => Array.from({ length: 5 }, (_, i) => ({ time: -i * ms }));
    expect([isHectic(every(1_000)), isHectic(every(300)), isHectic([])]).toEqual([false, true, false]);
  });
});
