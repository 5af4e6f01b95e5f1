import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { StoredRecord } from '../../../src/util/stored-record.ts';
import { MemoryStorage } from './support/memory-storage.ts';

const KEY = 'record';

describe('a stored record', () => {
  let storage: MemoryStorage;
  let record: StoredRecord;

  beforeEach(() => {
    storage = new MemoryStorage();
    record = new StoredRecord(() => storage, KEY);
  });

  const stored = (): unknown => JSON.parse(storage.getItem(KEY)!);

  test('keeps its fields with its version, and leaves those that another tab has set', () => {
    record.change({ theme: 'dark' });
    new StoredRecord(() => storage, KEY).change({ language: 'en', theme: 'light' });
    expect(record.read()).toEqual({ theme: 'light', language: 'en' });
    expect(stored()).toEqual({ v: 1, theme: 'light', language: 'en' });
    record.remove();
    expect(record.read()).toEqual({});
    expect(storage.length).toBe(0);
  });

  test('reads a record from before versions', () => {
    storage.setItem(KEY, '{"height":3}');
    expect(record.read()).toEqual({ height: 3 });
  });

  test.each(['', 'null', '[1]', '"x"', '{"v":', '{"v":"1"}', '{"v":null,"theme":"dark"}', `{"theme":"${'x'.repeat(200_000)}"}`])(
    'is empty if %.20s is stored, and can be written again',
    (text) => {
      storage.setItem(KEY, text);
      expect(record.read()).toEqual({});
      record.change({ theme: 'dark' });
      expect(stored()).toEqual({ v: 1, theme: 'dark' });
    },
  );

  test('of a newer version is left as it is', () => {
    const newer = '{"v":2,"colours":["dark"]}';
    storage.setItem(KEY, newer);
    expect(record.read()).toEqual({});
    record.change({ theme: 'dark' });
    expect(storage.getItem(KEY)).toBe(newer);
  });

  test('never throws, whatever is stored', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        storage.setItem(KEY, text);
        expect(record.read()).toBeTypeOf('object');
        record.change({ theme: 'dark' });
      }),
    );
  });

  test('works without a storage that is full or forbidden', () => {
    record.change({ theme: 'dark' });
    storage.broken = true;
    record.change({ theme: 'light' });
    record.remove();
    expect(record.read()).toEqual({ theme: 'dark' });
    const forbidden = new StoredRecord(() => {
      throw new DOMException('denied', 'SecurityError');
    }, KEY);
    forbidden.change({ theme: 'dark' });
    forbidden.remove();
    expect(forbidden.read()).toEqual({});
  });

  test('does not grow beyond the size that it reads', () => {
    record.change({ theme: 'dark' });
    record.change({ language: 'x'.repeat(200_000) });
    expect(record.read()).toEqual({ theme: 'dark' });
    storage.setItem(KEY, `{"junk":"${'x'.repeat(131_000)}"}`);
    record.change({ theme: 'dark', language: 'en', more: 'x'.repeat(100) });
    expect(record.read()).toEqual({ theme: 'dark', language: 'en', more: 'x'.repeat(100) });
  });

  describe('that was several keys before', () => {
    const keys = ['a', 'b'];
    const merged = (): StoredRecord => new StoredRecord(() => storage, KEY, { keys, fieldsOf: ([a, b]) => ({ a, b }) });

    test('takes them over once', () => {
      storage.setItem('a', '1');
      expect(merged().read()).toEqual({ a: '1', b: null });
      expect([...storage.items.keys()]).toEqual([KEY]);
      storage.setItem('a', '2');
      expect(merged().read()).toEqual({ a: '1', b: null });
    });

    test('takes them over before the first change, too', () => {
      storage.setItem('a', '1');
      merged().change({ b: '2' });
      expect(stored()).toEqual({ v: 1, a: '1', b: '2' });
    });

    test('leaves them if the storage is full', () => {
      storage.setItem('a', '1');
      storage.broken = true;
      expect(merged().read()).toEqual({ a: '1', b: null });
      storage.broken = false;
      expect(storage.getItem('a')).toBe('1');
      expect(merged().read()).toEqual({ a: '1', b: null });
      expect([...storage.items.keys()]).toEqual([KEY]);
    });

    test('is empty if there were none', () => {
      expect(merged().read()).toEqual({});
      expect(storage.length).toBe(0);
    });
  });
});
