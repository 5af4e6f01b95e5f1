import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asert, expectedBits } from '../../../src/consensus/difficulty.ts';
import { sealHeader, type SealedHeader } from '../../../src/protocol/block.ts';
import { createNetwork } from '../../../src/protocol/network.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';
import vectors from '../../vectors/aserti3-2d.json' with { type: 'json' };

const network = createNetwork();
const T = network.blockTimeMs;
const LIMIT = expandBits(network.powLimitBits);

function headerAt(timeMs: number, bits: number): SealedHeader {
  return sealHeader({ ...network.genesis.header, timeMs, bits }, new Uint8Array(20));
}

/** Target of a block `gapMs` after a parent with `bits` that took `solveMs`. */
function next(bits: number, solveMs: number, gapMs: number): number {
  const start = network.genesisTimeMs;
  return expectedBits(network, headerAt(start + solveMs, bits), headerAt(start, bits), start + solveMs + gapMs);
}

describe('public aserti3-2d vectors', () => {
  test.each(vectors.runs)('$description', ({ anchorHeight, anchorParentTime, anchorBits, steps }) => {
    const target = expandBits(Number.parseInt(anchorBits, 16));
    const limit = expandBits(Number.parseInt(vectors.limitBits, 16));
    const [spacing, halfLife] = [BigInt(vectors.spacing), BigInt(vectors.halfLife)];
    let heightDiff = 0n;
    let timeDiff = 0n;
    const wrong: string[] = [];
    for (const step of steps.split(' ')) {
      const [height, time, bits] = step.split(',') as [string, string, string];
      heightDiff += BigInt(height);
      timeDiff += BigInt(time);
      const got = compactBits(asert({ target, timeDiff, heightDiff, spacing, halfLife, limit })).toString(16).padStart(8, '0');
      if (got !== bits)
        wrong.push(`height ${BigInt(anchorHeight) + heightDiff}, time ${BigInt(anchorParentTime) + timeDiff}: ${got}, not ${bits}`);
    }
    expect(wrong).toEqual([]);
  });

  test('no exponent is too large to compute', () => {
    const input = { target: 1n << 200n, heightDiff: 0n, spacing: 600n, halfLife: 172_800n, limit: 1n << 224n };
    expect(asert({ ...input, timeDiff: 1n << 80n })).toBe(1n << 224n);
    expect(asert({ ...input, timeDiff: -(1n << 80n) })).toBe(1n);
  });
});

describe('relative ASERT', () => {
  const middling = fc.bigInt({ min: 1n << 60n, max: LIMIT >> 8n }).map(compactBits);

  test('a block on time keeps the target', () => {
    fc.assert(
      fc.property(middling, (bits) => {
        expect(next(bits, T, T)).toBe(bits);
      }),
    );
  });

  test('follows 2^((d - T) / 10 T) within 0.02 %, the solve time counting for 6 T at most', () => {
    fc.assert(
      fc.property(middling, fc.integer({ min: 1, max: 20 * T }), (bits, solveMs) => {
        const ratio = Number(expandBits(next(bits, solveMs, T))) / Number(expandBits(bits));
        const exact = 2 ** ((Math.min(solveMs, 6 * T) - T) / (10 * T));
        expect(Math.abs(ratio / exact - 1)).toBeLessThan(0.0002);
      }),
    );
  });

  test('a slower parent never makes it harder', () => {
    fc.assert(
      fc.property(middling, fc.integer({ min: 1, max: 10 * T }), fc.nat({ max: 10 * T }), (bits, solveMs, more) => {
        expect(expandBits(next(bits, solveMs + more, T))).toBeGreaterThanOrEqual(expandBits(next(bits, solveMs, T)));
      }),
    );
  });

  test.each([
    [1, 0],
    [8 * T - 1, 0],
    [8 * T, 1],
    [10 * T - 1, 1],
    [10 * T, 2],
    [12 * T, 3],
    [38 * T, 16],
  ])('a block %d ms after its parent has the target doubled %d times', (gapMs, doublings) => {
    const bits = compactBits(LIMIT >> 40n);
    expect(expandBits(next(bits, T, gapMs))).toBe(expandBits(bits) << BigInt(doublings));
  });

  test('the limit ends easing and slow growth, however long the gap', () => {
    for (const gapMs of [1_000 * T, 2 ** 48, Number.MAX_SAFE_INTEGER - network.genesisTimeMs - T]) {
      expect(next(0x01010000, T, gapMs)).toBe(network.powLimitBits);
    }
    expect(next(network.powLimitBits, 6 * T, T)).toBe(network.powLimitBits);
  });

  test('no target falls below 1', () => {
    expect(next(0x01010000, 1, T)).toBe(0x01010000);
  });

  test("genesis' time says nothing: the first block keeps its target, eased by the gap alone", () => {
    const parent = network.genesis;
    expect(expectedBits(network, parent, null, network.genesisTimeMs + 1)).toBe(network.powLimitBits);
    const hard = headerAt(network.genesisTimeMs, compactBits(LIMIT >> 40n));
    expect(expectedBits(network, hard, null, network.genesisTimeMs + T)).toBe(hard.header.bits);
    expect(expandBits(expectedBits(network, hard, null, network.genesisTimeMs + 8 * T))).toBe(expandBits(hard.header.bits) << 1n);
  });

  test('every expected target is canonical and within the limit', () => {
    const anyTime = fc.integer({ min: 1, max: 2 ** 45 });
    const anyBits = fc.bigInt({ min: 1n, max: LIMIT }).map(compactBits);
    fc.assert(
      fc.property(anyBits, anyTime, anyTime, (bits, solveMs, gapMs) => {
        const target = expandBits(next(bits, solveMs, gapMs));
        expect(target).toBeGreaterThanOrEqual(1n);
        expect(target).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });
});
