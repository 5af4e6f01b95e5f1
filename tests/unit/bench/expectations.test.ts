import { describe, expect, it } from 'vitest';
import { expectedBands, judge } from '../../bench/framework/expectations.ts';

describe('the expectations of a benchmark run', () => {
  const bands = {
    'import/rate': { min: 10, reason: 'a floor' },
    'import/gone': { min: 1, reason: 'renamed' },
    'open/ratio': { min: 0.5, max: 2, reason: 'both' },
  };

  it('names each figure outside its band, also one that is not a number', () => {
    expect(judge({ 'import/rate': 10, 'open/ratio': 2 }, bands, []).broken).toEqual([]);
    const { broken } = judge({ 'import/rate': 9, 'open/ratio': NaN }, bands, []);
    expect(broken).toEqual(['import/rate is 9, expected 10 to …: a floor', 'open/ratio is NaN, expected 0.5 to 2: both']);
  });

  it('lists figures without a band, and bands without a figure if their benchmark ran', () => {
    const verdict = judge({ 'import/rate': 11, 'import/new': 1 }, bands, ['import']);
    expect(verdict).toEqual({ broken: [], unbound: ['import/new'], missing: ['import/gone'] });
  });

  it('gives each band bounds in order and a reason', () => {
    const all = Object.entries(expectedBands());
    expect(all.length).toBeGreaterThan(10);
    for (const [name, { min, max, reason }] of all) {
      expect(name).toMatch(/^[a-z]+\/\w+$/);
      expect(min ?? max).toBeTypeOf('number');
      expect(min ?? 0).toBeLessThanOrEqual(max ?? Infinity);
      expect(reason.length).toBeGreaterThan(3);
    }
  });
});
