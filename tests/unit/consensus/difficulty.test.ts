import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asert, CONTEXT_HEADERS, expectedBits } from '../../../src/consensus/difficulty.ts';
import { sealHeader, type SealedHeader } from '../../../src/protocol/block.ts';
import { createNetwork } from '../../../src/protocol/network.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';
import vectors from '../../vectors/aserti3-2d.json' with { type: 'json' };

const network = createNetwork();
const T = network.blockTimeMs;
const LIMIT = expandBits(network.powLimitBits);
/** A height from which on the half-life is 24 T. */
const MATURE = 100;

function headerAt(height: number, timeMs: number, bits: number): SealedHeader {
  return sealHeader({ ...network.genesis.header, height, timeMs, bits }, new Uint8Array(20));
}

/** A chain whose blocks follow the rule, on top of one given block (and that block's parent, T before). */
class Line {
  readonly headers: SealedHeader[];
  /** Heights that the rule asked for since {@link next} was called. */
  asked: number[] = [];

  constructor(bits: number, height = MATURE) {
    const startMs = network.genesisTimeMs + 1_000_000 * T;
    this.headers = [headerAt(height, startMs, bits)];
    if (height > 0) this.headers.unshift(headerAt(height - 1, startMs - T, bits));
  }

  /** Compact target of a block `gapMs` after the tip. */
  next(gapMs: number): number {
    const tip = this.headers.at(-1)!;
    const at = (height: number): SealedHeader => {
      this.asked.push(height);
      const header = this.headers.at(height - tip.header.height - 1);
      if (height < 0 || height >= tip.header.height || !header) throw new RangeError(`asked for height ${height}`);
      return header;
    };
    this.asked = [];
    return expectedBits(network, { parent: tip, at }, tip.header.timeMs + gapMs);
  }

  /** Adds blocks with these gaps. */
  add(...gaps: number[]): this {
    for (const gapMs of gaps) {
      const { height, timeMs } = this.headers.at(-1)!.header;
      this.headers.push(headerAt(height + 1, timeMs + gapMs, this.next(gapMs)));
    }
    return this;
  }

  /** Target of a block that comes at once. */
  get target(): bigint {
    return expandBits(this.next(1));
  }
}

const log2 = (target: bigint): number => Math.log2(Number(target));
const eased = (bits: number, doublings: number): number => compactBits(expandBits(bits) << BigInt(doublings));

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

const middling = fc.bigInt({ min: 1n << 60n, max: LIMIT >> 16n }).map(compactBits);
const solve = fc.oneof(fc.integer({ min: 1, max: 3 * T }), fc.integer({ min: 1, max: 30 * T }));

describe('the base', () => {
  test('a block on time keeps the target', () => {
    fc.assert(
      fc.property(middling, fc.nat({ max: 200 }), (bits, height) => {
        expect(new Line(bits, height).add(T).next(T)).toBe(bits);
      }),
    );
  });

  test('follows 2^((d - T) / 24 T) within 0.02 %, the solve time counting for 20 T at most', () => {
    fc.assert(
      fc.property(middling, solve, (bits, solveMs) => {
        const ratio = Number(new Line(bits).add(solveMs).target) / Number(expandBits(bits));
        const exact = 2 ** ((Math.min(solveMs, 20 * T) - T) / (24 * T));
        expect(Math.abs(ratio / exact - 1)).toBeLessThan(0.0002);
      }),
    );
  });

  test('a slower parent never raises the difficulty', () => {
    fc.assert(
      fc.property(middling, solve, solve, (bits, solveMs, more) => {
        // Easing of the parent shifts its compact target, which may round the base down by one part in 2^15.
        const [quick, slow] = [new Line(bits).add(solveMs).target, new Line(bits).add(solveMs + more).target];
        expect(slow + (slow >> 15n)).toBeGreaterThanOrEqual(quick);
      }),
    );
  });

  test('no header times raise the difficulty by more than 2^(1/24) a block, whatever came before', () => {
    fc.assert(
      fc.property(middling, fc.array(solve, { minLength: 1, maxLength: 40 }), (bits, gaps) => {
        const line = new Line(bits);
        let before = line.target;
        for (const gapMs of gaps) {
          const after = line.add(gapMs).target;
          expect(log2(after)).toBeGreaterThan(log2(before) - 1 / 24 - 0.0002);
          before = after;
        }
      }),
    );
  });

  test('the order of the solve times does not matter: so no order earns more blocks', () => {
    const gaps = fc.array(solve, { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(middling, gaps, fc.nat(), (bits, inOrder, seed) => {
        const shuffled = inOrder.map((gap, i) => ({ gap, key: Math.imul(seed + i, 2_654_435_761) >>> 0 })).sort((a, b) => a.key - b.key);
        const expected = log2(expandBits(bits)) + inOrder.reduce((sum, gap) => sum + (Math.min(gap, 20 * T) - T) / (24 * T), 0);
        // Where the base meets the limit, solve time is lost.
        fc.pre(expected < log2(LIMIT) - 1 && log2(expandBits(bits)) + inOrder.length < log2(LIMIT) - 1);
        for (const order of [inOrder, shuffled.map(({ gap }) => gap)]) {
          expect(Math.abs(log2(new Line(bits).add(...order).target) - expected)).toBeLessThan(0.005);
        }
      }),
    );
  });

  test.each([
    [2, 5],
    [31, 5],
    [32, 24],
    [0xfffffffe, 24],
  ])('after a parent at height %d the half-life is %d T', (height, halfLife) => {
    const bits = compactBits(LIMIT >> 40n);
    const line = new Line(bits, height - 1).add(7 * T);
    expect(log2(line.target) - log2(expandBits(bits))).toBeCloseTo(6 / halfLife, 3);
  });

  test('the time of genesis is ignored: first and second block have the target of genesis', () => {
    const bits = compactBits(LIMIT >> 8n);
    for (const firstMs of [1, T, 7 * T, 8 * T, 1_000_000 * T]) {
      const line = new Line(bits, 0);
      expect(line.next(1)).toBe(bits);
      expect(line.add(firstMs).next(1)).toBe(bits);
    }
  });

  test('no target falls below 1', () => {
    expect(new Line(0x01010000).add(1, 1, 1).next(1)).toBe(0x01010000);
    expect(new Line(0x01010000).add(9 * T, 1).next(8 * T)).toBe(0x01020000);
  });

  test('every expected target is canonical and within the limit', () => {
    const anyGaps = fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { maxLength: 5 });
    const anyBits = fc.bigInt({ min: 1n, max: LIMIT }).map(compactBits);
    fc.assert(
      fc.property(anyBits, fc.nat({ max: 120 }), anyGaps, fc.integer({ min: 1, max: 2 ** 45 }), (bits, height, gaps, gapMs) => {
        const target = expandBits(new Line(bits, height).add(...gaps).next(gapMs));
        expect(target).toBeGreaterThanOrEqual(1n);
        expect(target).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });
});

describe('easing', () => {
  const bits = compactBits(LIMIT >> 40n);

  test.each([
    [1, 0],
    [8 * T - 1, 0],
    [8 * T, 1],
    [9 * T - 1, 1],
    [9 * T, 2],
    [10 * T, 3],
    [38 * T, 31],
  ])('a block %d ms after its parent has the target doubled %d times', (gapMs, doublings) => {
    expect(new Line(bits).next(gapMs)).toBe(eased(bits, doublings));
  });

  test('the limit ends easing, however long the gap', () => {
    for (const gapMs of [1_000 * T, 2 ** 48, Number.MAX_SAFE_INTEGER - network.genesisTimeMs - 2_000_000 * T]) {
      expect(new Line(0x01010000).next(gapMs)).toBe(network.powLimitBits);
    }
    expect(new Line(network.powLimitBits).add(6 * T).next(T)).toBe(network.powLimitBits);
  });

  test('is not carried on: the next base knows only that the solve took long', () => {
    fc.assert(
      fc.property(middling, fc.integer({ min: 8 * T, max: 100 * T }), (start, gapMs) => {
        const line = new Line(start).add(gapMs);
        const doublings = (Math.min(gapMs, 20 * T) - T) / (24 * T);
        expect(Math.abs(log2(line.target) - log2(expandBits(start)) - doublings)).toBeLessThan(0.0002);
      }),
    );
  });

  test('that the limit cut off is not carried on either, however many blocks in a row', () => {
    const line = new Line(bits);
    for (let i = 1; i <= 32; i++) {
      line.add(60 * T);
      expect(line.headers.at(-1)!.header.bits).toBe(network.powLimitBits);
      expect(log2(line.target)).toBeCloseTo(log2(expandBits(bits)) + (i * 19) / 24, 2);
    }
    // Past 32 such blocks in a row the rule looks no further, and takes the limit as the base.
    expect(line.add(60 * T).next(1)).toBe(network.powLimitBits);
  });

  test('at the limit without a long wait, the base is the limit', () => {
    const line = new Line(compactBits(LIMIT >> 1n)).add(20 * T, 20 * T, 1);
    expect(line.headers.at(-1)!.header.bits).toBe(network.powLimitBits);
    expect(line.next(1)).toBe(new Line(network.powLimitBits).add(1).next(1));
  });

  test('asks for existing headers among the newest only', () => {
    const long = fc.constantFrom(1, T, 60 * T, 60 * T, 60 * T);
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.array(long, { maxLength: 50 }), (height, gaps) => {
        const line = new Line(bits, height).add(...gaps);
        line.next(T);
        expect(line.asked.every((asked) => asked >= Math.max(0, height - 1) && asked > height + gaps.length - CONTEXT_HEADERS)).toBe(true);
      }),
    );
    const most = new Line(bits).add(...Array.from({ length: 40 }, () => 60 * T));
    most.next(T);
    expect(Math.min(...most.asked)).toBe(MATURE + 40 - CONTEXT_HEADERS + 1);
  });
});
