import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FastChain, type Knobs } from '../../bench/difficulty/fast-chain.ts';
import { raise, STRATEGIES } from '../../bench/difficulty/raise.ts';
import { bitsOf, CANDIDATES, EASIEST, OUR_KNOBS, ours, T, type Block } from '../../bench/difficulty/rules.ts';
import { Prng } from '../../sim/engine/prng.ts';

describe('the fast model', () => {
  /** Gaps in milliseconds, long and short, as miners with false times would write them. */
  const gaps = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 3 * T }), fc.integer({ min: 1, max: 30 * T }), fc.constantFrom(1, T, 8 * T - 1, 8 * T, 60 * T)),
    { maxLength: 120 },
  );
  const start = fc.record({ height: fc.constantFrom(0, 5, 90, 1_000), doublings: fc.integer({ min: 0, max: 20 }) });

  test('gives the difficulties of the product’s rule on any chain, within 0.5 %', () => {
    fc.assert(
      fc.property(start, gaps, ({ height, doublings }, steps) => {
        const easiest = Math.log2(EASIEST);
        const fast = new FastChain(OUR_KNOBS, easiest, height, easiest + doublings);
        let tip: Block = { height, timeMs: 0, difficulty: 0, base: 0, bits: bitsOf(EASIEST * 2 ** doublings), parent: null };
        if (height > 0) tip = { ...tip, parent: { ...tip, height: height - 1, timeMs: -T } };
        for (const gapMs of steps) {
          const next = ours.next(tip, tip.timeMs + gapMs);
          expect(Math.abs(Math.log2(next.difficulty) - fast.difficulty(gapMs / T))).toBeLessThan(0.007);
          tip = { ...next, height: tip.height + 1, timeMs: tip.timeMs + gapMs, parent: tip };
          fast.add(gapMs / T);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the attack', () => {
  const oneMillisecond = STRATEGIES.filter(({ name }) => name === '1 ms');
  const fixed: Knobs = { halfLife: Infinity, maxSolve: 20, easeAfter: Infinity, easeEvery: 1, carries: false };

  test('at a fixed difficulty succeeds as often as the closed form says (Rosenfeld 2014, a strict majority of work)', () => {
    const { patient, soon } = raise(fixed, oneMillisecond[0]!, 20_000, 0.45, new Prng('closed form'));
    const [at6, at20, at100] = patient;
    expect(Math.abs(at6!.share - 0.0891)).toBeLessThan(at6!.margin);
    expect(Math.abs(at20!.share - 0.0051)).toBeLessThan(at20!.margin);
    expect(at100!.share).toBeLessThan(1e-7);
    expect(Math.abs(soon[1]!.share - 0.000_575)).toBeLessThan(soon[1]!.margin);
    expect(at20!.margin).toBeLessThan(0.0005);
  });

  test('importance sampling gives the plain frequency', () => {
    const plain = raise(OUR_KNOBS, oneMillisecond[0]!, 10_000, 0.3, new Prng('plain'));
    const drawn = raise(OUR_KNOBS, oneMillisecond[0]!, 10_000, 0.45, new Prng('drawn'));
    for (const kind of ['soon', 'patient'] as const) {
      for (const depth of [0, 1]) {
        const [a, b] = [plain[kind][depth]!, drawn[kind][depth]!];
        expect(Math.abs(a.share - b.share)).toBeLessThan(a.margin + b.margin);
      }
    }
  });

  test('rewrites a hundred blocks under the rule of version 1, and not under the present rule', () => {
    const share = (knobs: Knobs): number => raise(knobs, oneMillisecond[0]!, 2_000, 0.3, new Prng('raise')).soon[2]!.share;
    expect(share(CANDIDATES[0]!.knobs)).toBeGreaterThan(0.05);
    expect(share(OUR_KNOBS)).toBe(0);
  });
});
