import { describe, expect, test } from 'vitest';
import { gapOf, lessonsOf, planned, PLANNED, PLANS, powerOfTen } from '../../../src/ui/features/lab/header-plan.ts';
import { naiveDifficulties } from '../../../src/ui/features/lab/naive-rule.ts';

const T = 15_000;
const NOW = 1_000_000_000;

describe('picked header times', () => {
  test.each(PLANS)('of the plan "%s" are seconds that the page can read', (plan) => {
    const gaps = planned(plan, T / 1_000).map(gapOf);
    expect(gaps).toHaveLength(PLANNED);
    expect(gaps.every((gap) => gap !== null)).toBe(true);
  });

  test.each([
    ['15', 15_000],
    [' 0,001 ', 1],
    ['−2', -2_000],
    ['１.5', 1_500],
    ['', null],
    ['x', null],
    ['1e3', null],
    ['0.0001', null],
    ['1234567', null],
  ])('%j are %j milliseconds', (text, gap) => expect(gapOf(text)).toBe(gap));
});

test('a huge factor is the power of ten beside it', () => {
  expect([1e15, 1.28e23, 9e9].map(powerOfTen)).toEqual(['10¹⁵', '10²³', '10¹⁰']);
});

describe('what the answer of the rules shows', () => {
  const blocks = (gaps: readonly number[], difficulties: readonly number[] = []) =>
    gaps.map((gap, i) => ({ gap, time: NOW + gap, difficulty: difficulties[i] ?? 1 }));
  const shown = (next: ReturnType<typeof blocks>, refusedBy: string | null = null) =>
    lessonsOf({ next, refusedBy, mostAheadMs: 2 * T }, T, NOW);

  test.each([
    ['true times', blocks(new Array<number>(8).fill(T)), ['usual']],
    ['times close together', blocks(new Array<number>(8).fill(1)), ['close']],
    ['too few blocks', blocks([1, 1, 1]), []],
    ['a late block whose relief ends with it', blocks([T, T, T], [0.2, 0.9, 0.9]), ['late']],
    ['a difficulty that only drifts', blocks([T, T, T], [1, 1.03, 1.06]), []],
    ['a time far ahead', blocks([3 * T]), ['ahead']],
    ['a time just ahead enough to pass', blocks([2 * T]), []],
  ])('%s', (_what, next, lessons) => expect(shown(next)).toEqual(lessons));

  test('a time before the parent, by the code of the rule', () => {
    expect(shown([], 'time-not-after-parent')).toEqual(['back']);
    expect(shown([], 'bits-wrong')).toEqual([]);
  });
});

describe('the naive rule', () => {
  test('keeps the difficulty at true times, follows each time, and believes every lie', () => {
    expect(naiveDifficulties([T, T, T], T)).toEqual([1, 1, 1]);
    expect(naiveDifficulties([T / 2, T, 2 * T, T], T)).toEqual([1, 2, 2, 1]);
    expect(naiveDifficulties([1, 1, 1], T)).toEqual([1, T, T * T]);
  });

  test('never ends at nothing', () => {
    expect(naiveDifficulties([1e12, T], T)).toEqual([1, 0.001]);
  });
});
