import { describe, expect, test } from 'vitest';
import { choosePoints, MAX_SAMPLES, sampleCount, type TailWork } from '../../../src/protocol/sample-points.ts';
import { MAX_SAMPLE_POINTS, POINT_BITS, pointWork, sampleParts } from '../../../src/protocol/work-proof.ts';
import { SEALED_HEADER_BYTES } from '../../../src/protocol/block.ts';
import { seededRandom } from '../net/support/test-node.ts';

/** A chain of blocks with equal works, whose tail has 98 headers. */
const evenChain = (blocks: number): TailWork => ({ work: BigInt(blocks), first: { work: BigInt(blocks - 98) } });

/** Points as fractions of the whole chain's work, from so many choices. */
function fractions(shares: TailWork, rounds: number): number[] {
  const random = seededRandom('points');
  const share = Number(shares.first.work) / Number(shares.work);
  return Array.from({ length: rounds }, () => choosePoints(random, shares)!)
    .flat()
    .map((point) => (Number(point) / 2 ** POINT_BITS) * share);
}

describe('the number of samples', () => {
  test('is that of the table in the protocol’s text', () => {
    const counts = [200, 1_000, 10_000, 100_000, 1_000_000].map((blocks) => sampleCount(evenChain(blocks)));
    expect(counts).toEqual([8, 79, 171, 264, 356]);
  });

  test('grows as the tail’s share of the work falls, up to a limit', () => {
    let last = 0;
    for (let total = 2n; ; total *= 2n) {
      const count = sampleCount({ work: total, first: { work: total - 1n } });
      if (count === null) break;
      expect(count).toBeGreaterThanOrEqual(last);
      expect(count).toBeLessThanOrEqual(MAX_SAMPLES);
      last = count;
    }
    expect(last).toBeGreaterThan(MAX_SAMPLES - 40);
    const light = { work: 2n ** 255n + 1n, first: { work: 2n ** 255n } };
    expect(sampleCount(light)).toBeNull();
    expect(choosePoints(seededRandom('none'), light)).toBeNull();
  });

  test('is one where half of the work, or nearly all, lies in the tail', () => {
    for (const below of [1n, 31n, 2n ** 190n, 2n ** 199n]) {
      expect(choosePoints(seededRandom('heavy'), { work: 2n ** 200n, first: { work: below } })).toHaveLength(1);
    }
  });
});

test('points come in ascending order, each a fraction of 64 bits', () => {
  for (const blocks of [150, 1_000, 50_000, 1_000_000]) {
    const points = choosePoints(seededRandom(`order ${blocks}`), evenChain(blocks))!;
    expect(points).toHaveLength(sampleCount(evenChain(blocks))!);
    for (const [index, point] of points.entries()) {
      expect(point >= 0n && point < 2n ** 64n && (index === 0 || point > points[index - 1]!)).toBe(true);
    }
  }
});

describe('a chain of which a part is invented', () => {
  const shares = evenChain(100_000);
  const tail = 98 / 100_000;
  const pool = fractions(shares, 200);
  /** A textbook generator that chooses points from the pool. */
  let state = 1;
  const below = (bound: number): number => (state = (state * 48_271) % 2_147_483_647) % bound;

  /** Measured chance that `count` samples find nothing, where `isInvented` tells which part of the work is invented. */
  function missed(isInvented: (at: number) => boolean, count: number): number {
    const rounds = 20_000;
    let misses = 0;
    for (let round = 0; round < rounds; round++) {
      let found = false;
      for (let left = count; left > 0 && !found; left--) found = isInvented(pool[below(pool.length)]!);
      if (!found) misses++;
    }
    return misses / rounds;
  }

  /** The text's formula for one sample: ln(1 / real) / ln(1 / tail). */
  const chance = (real: number): number => Math.log(real) / Math.log(tail);

  test.each([
    [0, 0.5],
    [0.5, 0.5],
    [0.9, 0.5],
    [0.99, 0.5],
    [0.99, 0.25],
    [0, 0.8],
    [0.9, 0.8],
  ])('after %d of the work, of which %d is real and lies at the end, is found as the formula says', (from, real) => {
    const isInvented = (at: number): boolean => at >= from && at < 1 - real * (1 - from);
    for (const count of [1, 10, 30]) {
      const expected = (1 - chance(real)) ** count;
      // Four standard deviations of the choice, and of the pool.
      expect(Math.abs(missed(isInvented, count) - expected)).toBeLessThan(0.02 + 0.03 * expected);
    }
  });

  test.each([
    [0, 0.5],
    [0.9, 0.5],
    [0.9, 0.8],
  ])('after %d of the work, of which %d is real and lies anywhere, is found at least as often', (from, real) => {
    // The tail is real in any case, so slightly more is invented below.
    const density = ((1 - real) * (1 - from)) / (1 - tail - from);
    const isInvented = (at: number): boolean => at >= from && (at * 7_919) % 1 < density;
    for (const count of [1, 10, 30]) expect(missed(isInvented, count)).toBeLessThan((1 - chance(real)) ** count + 0.02);
  });

  test('passes with a chance of at most 2^-40 if half is invented, whatever the size of the tail', () => {
    for (const blocks of [300, 1_000, 10_000, 1_000_000, 100_000_000]) {
      const perSample = Math.log(0.5) / Math.log(98 / blocks);
      expect(sampleCount(evenChain(blocks))! * Math.log2(1 - perSample)).toBeLessThanOrEqual(-40);
    }
  });
});

test('samples of 1,000,000 blocks have at most 200 KB', () => {
  const blocks = 1_000_000;
  const size = blocks - 98;
  /** Works as in the default network: four bytes for a block. */
  const work = 2n ** 26n;
  const points = choosePoints(seededRandom('size'), evenChain(blocks))!;
  const groups = Array.from({ length: 6 }, (_, group) => points.slice(group * MAX_SAMPLE_POINTS, (group + 1) * MAX_SAMPLE_POINTS));
  const bytes = groups.map((group) => {
    const heights = new Set(group.map((point) => Number(pointWork(point, BigInt(size - 1))) + 1));
    const beside = sampleParts(size, [0, ...heights]).filter(({ isSample }) => !isSample);
    const nodes = beside.map(({ count }) => 32 + 1 + Math.ceil((BigInt(count) * work).toString(16).length / 2));
    return nodes.reduce((sum, length) => sum + length, heights.size * SEALED_HEADER_BYTES);
  });
  expect(bytes.reduce((sum, length) => sum + length)).toBeLessThan(200_000);
});

test('choosing points ends even with a random source that repeats itself', () => {
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
  expect(choosePoints(random, evenChain(1_000))).toHaveLength(1);
});
