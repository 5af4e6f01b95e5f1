import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asert, BURST_BLOCKS, expectedBits, headerContext } from '../../../src/consensus/difficulty.ts';
import { sealHeader, type SealedHeader } from '../../../src/protocol/block.ts';
import { createNetwork } from '../../../src/protocol/network.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';
import vectors from '../../vectors/aserti3-2d.json' with { type: 'json' };

const network = createNetwork();
const T = network.blockTimeMs;
const LIMIT = expandBits(network.powLimitBits);

function headerAt(timeMs: number, bits: number, height = 0): SealedHeader {
  return sealHeader({ ...network.genesis.header, height, timeMs, bits }, new Uint8Array(20));
}

/** Target of a block `gapMs` after a parent with `bits` that took `solveMs`. */
function next(bits: number, solveMs: number, gapMs: number): number {
  const start = network.genesisTimeMs;
  const context = { parent: headerAt(start + solveMs, bits), grandparent: headerAt(start, bits), burstAncestor: null };
  return expectedBits(network, context, start + solveMs + gapMs);
}

/** Target after a parent at `height`, where the eight blocks up to the parent took `eightMs` and the last of them took `solveMs`. */
function afterEight(height: number, bits: number, eightMs: number, solveMs: number, gapMs = 1): number {
  const parentMs = network.genesisTimeMs + 1_000 * T;
  const at = (below: number): SealedHeader => {
    const agoMs = below === height ? 0 : below === height - 1 ? solveMs : eightMs;
    return headerAt(parentMs - agoMs, bits, below);
  };
  return expectedBits(network, headerContext(at(height), at), parentMs + gapMs);
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

  test('a slower parent never raises the difficulty', () => {
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

  test('the time of genesis is ignored: the first block keeps its target, eased only by the gap', () => {
    const parent = network.genesis;
    const after = (genesis: SealedHeader, gapMs: number): number =>
      expectedBits(network, { parent: genesis, grandparent: null, burstAncestor: null }, network.genesisTimeMs + gapMs);
    expect(after(parent, 1)).toBe(network.startBits);
    const hard = headerAt(network.genesisTimeMs, compactBits(LIMIT >> 40n));
    expect(after(hard, T)).toBe(hard.header.bits);
    expect(expandBits(after(hard, 8 * T))).toBe(expandBits(hard.header.bits) << 1n);
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

describe('a burst', () => {
  const bits = compactBits(LIMIT >> 40n);
  const half = compactBits(expandBits(bits) >> 1n);
  const middling = fc.bigInt({ min: 1n << 60n, max: LIMIT }).map(compactBits);
  const anyHeight = fc.integer({ min: BURST_BLOCKS + 1, max: 0xffffffff });
  const anyGap = fc.integer({ min: 1, max: 30 * T });

  test.each([
    ['eight blocks in T less a millisecond', T - 1, half],
    ['eight blocks in T', T, next(bits, 1, 1)],
  ])('%s', (_, eightMs, expected) => {
    expect(afterEight(100, bits, eightMs, 1)).toBe(expected);
  });

  test.each([
    [8, 'genesis, whose time says nothing', next(bits, 1, 1)],
    [9, 'the first block', half],
  ])('after a parent of height %d the eighth below is %s', (height, _, expected) => {
    expect(afterEight(height, bits, 8, 1)).toBe(expected);
  });

  test('never asks for a height that does not exist', () => {
    for (let height = 0; height <= 2 * BURST_BLOCKS; height++) {
      const asked: number[] = [];
      const parent = headerAt(network.genesisTimeMs, bits, height);
      const context = headerContext(parent, (below) => {
        asked.push(below);
        return headerAt(network.genesisTimeMs, bits, below);
      });
      expect(asked.every((below) => below >= 0 && below < height)).toBe(true);
      expect(context.grandparent?.header.height ?? null).toBe(height === 0 ? null : height - 1);
      expect(context.burstAncestor?.header.height ?? null).toBe(height <= 8 ? null : height - 8);
    }
  });

  test('halves the target exactly when eight blocks took less than T, and the gap still eases', () => {
    const eight = fc.oneof(fc.integer({ min: 8, max: 3 * T }), fc.constantFrom(T - 1, T));
    fc.assert(
      fc.property(middling, anyHeight, eight, anyGap, (parentBits, height, eightMs, gapMs) => {
        const calm = next(parentBits, 1, gapMs);
        const got = afterEight(height, parentBits, eightMs, 1, gapMs);
        const doublings = gapMs < 8 * T ? 0n : 1n + BigInt(Math.floor((gapMs - 8 * T) / (2 * T)));
        const eased = (expandBits(parentBits) >> 1n) << doublings;
        expect(got).toBe(eightMs < T ? compactBits(eased < LIMIT ? eased : LIMIT) : calm);
      }),
    );
  });

  test('never raises the target, and no target falls below 1', () => {
    fc.assert(
      fc.property(middling, fc.integer({ min: 1, max: T - 8 }), anyGap, (parentBits, solveMs, gapMs) => {
        const burst = expandBits(afterEight(100, parentBits, T - 1, solveMs, gapMs));
        expect(burst).toBeLessThanOrEqual(expandBits(next(parentBits, solveMs, gapMs)));
      }),
    );
    expect(afterEight(100, 0x01010000, 8, 1)).toBe(0x01010000);
    expect(afterEight(100, 0x01010000, 8, 1, 8 * T)).toBe(0x01020000);
  });
});
