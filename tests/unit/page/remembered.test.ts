import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { SavedMarks } from '../../../src/page/saved-marks.ts';
import { readMiningOptions } from '../../../src/page/session-memory.ts';
import { readMiningChoice } from '../../../src/ui/state/preferences.svelte.ts';

const THREADS = 8;
const junk = fc.oneof(
  fc.string(),
  fc.json(),
  fc.array(fc.double(), { maxLength: 6 }).map((numbers) => numbers.join('/')),
  fc.constantFrom('0.5/0.5', '1.5/50.5/1', '1e999/NaN/x', '99999/101', '-1/-1', '//', 'x'.repeat(100_000)),
);

describe('what a browser remembers, read back from any text', () => {
  test('is a choice of mining that the node takes', () => {
    fc.assert(
      fc.property(junk, (text) => {
        const { threads, throttle } = readMiningChoice(text, THREADS);
        expect(Number.isInteger(threads) && threads >= 1 && threads <= THREADS).toBe(true);
        expect(Number.isInteger(throttle) && throttle >= 1 && throttle <= 100).toBe(true);
      }),
    );
    expect(readMiningChoice('3/40/1/0/1', THREADS)).toEqual({
      threads: 3,
      throttle: 40,
      gpu: true,
      easeOnBattery: false,
      easeWhenHidden: true,
    });
    expect(readMiningChoice('2.5/40', THREADS)).toMatchObject({ threads: 4, throttle: 40 });
  });

  test('is how a tab was mining, or nothing', () => {
    fc.assert(
      fc.property(junk, (text) => {
        const options = readMiningOptions(text) ?? {};
        for (const [key, value] of Object.entries(options)) expect(typeof value).toBe(key.startsWith('thr') ? 'number' : 'boolean');
      }),
    );
    expect(readMiningOptions('{"threads":2,"gpu":"yes","throttle":[5],"easeOnBattery":false,"more":1}')).toEqual({
      threads: 2,
      easeOnBattery: false,
    });
    expect(readMiningOptions('[1]')).toBeNull();
  });
});

describe('what was saved last', () => {
  const address = 'tab1alex';
  const mark = { sequence: 7, height: 3, tip: 'ab'.repeat(32) };
  let items: Map<string, string>;
  beforeEach(() => {
    items = new Map();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    });
    return () => vi.unstubAllGlobals();
  });

  test('is kept for each account and network, and forgotten with it', () => {
    const marks = new SavedMarks('n'.repeat(64));
    marks.set(address, mark);
    expect(marks.get(address)).toEqual(mark);
    expect(marks.get('tab1ming')).toBeNull();
    expect(new SavedMarks('m'.repeat(64)).get(address)).toBeNull();
    marks.set(address, null);
    expect(marks.get(address)).toBeNull();
    expect(items.size).toBe(0);
  });

  test('is nothing where something else is stored, or storage is forbidden', () => {
    const marks = new SavedMarks('n'.repeat(64));
    marks.set(address, mark);
    const [key] = [...items.keys()];
    const altered = fc.oneof(
      junk,
      fc.record({ sequence: fc.anything(), height: fc.anything(), tip: fc.anything() }).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(altered, (text) => {
        items.set(key!, text);
        const found = marks.get(address);
        expect(found === null || (Number.isSafeInteger(found.sequence) && found.sequence >= 0 && found.tip.length === 64)).toBe(true);
      }),
    );
    vi.stubGlobal('localStorage', undefined);
    expect(marks.get(address)).toBeNull();
    marks.set(address, mark);
  });
});
