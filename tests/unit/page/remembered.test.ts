import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { SavedMarks } from '../../../src/page/saved-marks.ts';
import type { MiningOptions } from '../../../src/api/api.ts';
import { SessionMemory } from '../../../src/page/session-memory.ts';
import { readMiningChoice, type MiningChoice } from '../../../src/ui/state/preferences.svelte.ts';
import { preferencesIn } from '../../../src/ui/state/stored-preferences.ts';
import { MemoryStorage } from '../util/support/memory-storage.ts';

const THREADS = 8;
const junk = fc.oneof(
  fc.string(),
  fc.json(),
  fc.json().map((mining) => `{"v":1,"mining":${mining}}`),
  fc.array(fc.double(), { maxLength: 6 }).map((numbers) => numbers.join('/')),
  fc.constantFrom('0.5/0.5', '1.5/50.5/1', '1e999/NaN/x', '99999/101', '-1/-1', '//', 'x'.repeat(100_000)),
);

describe('preferences stored in a browser, read from any text', () => {
  let storage: MemoryStorage;
  beforeEach(() => {
    storage = new MemoryStorage();
    vi.stubGlobal('sessionStorage', storage);
    return () => vi.unstubAllGlobals();
  });

  const chosen = (key: string, text: string): MiningChoice => {
    storage.clear();
    storage.setItem(key, text);
    return readMiningChoice(preferencesIn(() => storage).read()['mining'], THREADS);
  };
  const mining = (key: string, text: string): MiningOptions | null => {
    storage.clear();
    storage.setItem(key, text);
    return new SessionMemory('n').getMining();
  };

  test('include mining settings that the node accepts', () => {
    fc.assert(
      fc.property(fc.constantFrom('tabchain.preferences', 'tabchain.mining'), junk, (key, text) => {
        const { threads, throttle } = chosen(key, text);
        expect(Number.isInteger(threads) && threads >= 1 && threads <= THREADS).toBe(true);
        expect(Number.isInteger(throttle) && throttle >= 1 && throttle <= 100).toBe(true);
      }),
    );
    const choice = { threads: 3, throttle: 40, gpu: true, easeOnBattery: false, easeWhenHidden: true };
    expect(chosen('tabchain.preferences', JSON.stringify({ v: 1, mining: choice }))).toEqual(choice);
    expect(chosen('tabchain.mining', '3/40/1/0/1')).toEqual(choice);
    expect(chosen('tabchain.mining', '2.5/40')).toMatchObject({ threads: 4, throttle: 40 });
  });

  test('are the preferences of a page from before there was one record', () => {
    for (const [name, text] of [
      ['language', 'zh-Hant'],
      ['theme', 'dark'],
      ['path', '/class'],
    ]) {
      storage.setItem(`tabchain.${name}`, text!);
    }
    const before = preferencesIn(() => storage).read();
    expect(before).toMatchObject({ language: 'zh-Hant', theme: 'dark', knownPath: '/class' });
    expect(readMiningChoice(before['mining'], THREADS)).toEqual(readMiningChoice(undefined, THREADS));
    expect([...storage.items.keys()]).toEqual(['tabchain.preferences']);
  });

  test('is how a tab was mining, or nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom('tabchain:n:tab', 'tabchain:n:mining'), junk, (key, text) => {
        const options = mining(key, text) ?? {};
        for (const [name, value] of Object.entries(options)) expect(typeof value).toBe(name.startsWith('thr') ? 'number' : 'boolean');
      }),
    );
    const loose = '{"threads":2,"gpu":"yes","throttle":[5],"easeOnBattery":false,"more":1}';
    const options = { threads: 2, easeOnBattery: false };
    expect(mining('tabchain:n:tab', `{"v":1,"mining":${loose}}`)).toEqual(options);
    expect(mining('tabchain:n:mining', loose)).toEqual(options);
    expect(mining('tabchain:n:tab', '{"v":1,"mining":[1]}')).toBeNull();
    expect(mining('tabchain:n:mining', '[1]')).toBeNull();
  });

  test('is the account that a tab had open, and how it was mining, each by itself', () => {
    storage.setItem('tabchain:n:open', 'tab1alex');
    const memory = new SessionMemory('n');
    expect(memory.get()).toBe('tab1alex');
    memory.setMining({ threads: 2 });
    expect(new SessionMemory('m').get()).toBeNull();
    expect(new SessionMemory('n').get()).toBe('tab1alex');
    memory.set(null);
    expect(memory.get()).toBeNull();
    expect(memory.getMining()).toEqual({ threads: 2 });
    memory.setMining(null);
    expect(memory.getMining()).toBeNull();
  });
});

describe('the mark of the last save', () => {
  const address = 'tab1alex';
  const mark = { sequence: 7, height: 3, tip: 'ab'.repeat(32) };
  let storage: MemoryStorage;
  beforeEach(() => {
    storage = new MemoryStorage();
    vi.stubGlobal('localStorage', storage);
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
    expect(storage.length).toBe(0);
  });

  test('is empty if something else is stored, or storage is forbidden', () => {
    const marks = new SavedMarks('n'.repeat(64));
    marks.set(address, mark);
    const [key] = [...storage.items.keys()];
    const altered = fc.oneof(
      junk,
      fc.record({ sequence: fc.anything(), height: fc.anything(), tip: fc.anything() }).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(altered, (text) => {
        storage.items.set(key!, text);
        const found = marks.get(address);
        expect(found === null || (Number.isSafeInteger(found.sequence) && found.sequence >= 0 && found.tip.length === 64)).toBe(true);
      }),
    );
    storage.items.set(key!, JSON.stringify(mark));
    expect(marks.get(address), 'a mark from before versions').toEqual(mark);
    vi.stubGlobal('localStorage', undefined);
    expect(marks.get(address)).toBeNull();
    marks.set(address, mark);
  });
});
