import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compactBits, expandBits, workOfTarget, workOfBits } from '../../../src/protocol/target.ts';

const targets = fc.integer({ min: 1, max: 256 }).chain((bits) => fc.bigInt({ min: 1n, max: (1n << BigInt(bits)) - 1n }));

describe('compact targets', () => {
  test.each([
    [0x01010000, 1n],
    [0x01120000, 0x12n],
    [0x02008000, 0x80n],
    [0x02123400, 0x1234n],
    [0x03123456, 0x123456n],
    [0x04123456, 0x12345600n],
    [0x05009234, 0x92340000n],
    [0x1d00ffff, 0xffffn << 208n],
    [0x2100ffff, 0xffffn << 240n],
  ])('%x as in Bitcoin', (bits, target) => {
    expect(expandBits(bits)).toBe(target);
    expect(compactBits(target)).toBe(bits);
  });

  test('rounding down loses less than 1/32768 and is stable', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const bits = compactBits(target);
        const rounded = expandBits(bits);
        expect(rounded).toBeLessThanOrEqual(target);
        expect((target - rounded) * 32_768n).toBeLessThan(target);
        expect(compactBits(rounded)).toBe(bits);
      }),
    );
  });

  test('order is kept', () => {
    fc.assert(
      fc.property(targets, targets, (a, b) => {
        if (a <= b) expect(expandBits(compactBits(a))).toBeLessThanOrEqual(expandBits(compactBits(b)));
      }),
    );
  });

  test('a compact form either is the canonical one of its target or is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
        let target: bigint;
        try {
          target = expandBits(bits);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bits-non-canonical' });
          return;
        }
        expect(compactBits(target)).toBe(bits);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['zero', 0],
    ['zero mantissa', 0x1d000000],
    ['sign bit', 0x04923456],
    ['mantissa with room', 0x1d0000ff],
    ['bits below the unit', 0x01120001],
    ['2^256', 0x21010000],
    ['far past 2^256', 0xff7fffff],
    ['no integer', 0x1d00ffff + 0.5],
    ['past 32 bits', 0x1d00ffff + 2 ** 32],
    ['negative', 0x1d00ffff - 2 ** 32],
  ])('refuses: %s', (_, bits) => {
    expect(() => expandBits(bits)).toThrow(expect.objectContaining({ code: 'bits-non-canonical' }));
  });

  test('work is the expected number of hashes', () => {
    expect(workOfTarget((1n << 256n) - 1n)).toBe(1n);
    expect(workOfTarget((1n << 255n) - 1n)).toBe(2n);
    expect(workOfBits(0x1d00ffff)).toBe(0x100010001n);
    expect(workOfTarget(1n)).toBe(1n << 255n);
  });
});
