import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkKey, logKey } from '../../src/storage/disk/medium.ts';
import { MemoryMedium, MemoryRecords } from '../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { CHUNK_BYTES, PAGE_BYTES, PageFile } from '../../src/storage/disk/page-file.ts';
import { errorCode } from '../../src/util/errors.ts';
import { STRANGE } from './support/strange.ts';

const PAGES = (2 * CHUNK_BYTES) / PAGE_BYTES + 3;
const COMMITS = 6;

type Loose = Record<string, unknown>;
type Store = Map<number, Loose>;

async function written(): Promise<{ records: MemoryRecords; text: string; older: MemoryRecords }> {
  const records = new MemoryRecords();
  const older = new MemoryRecords();
  const disk = await PageDisk.open(new MemoryMedium(records), 'a');
  const file = PageFile.from(new Uint8Array(PAGES * PAGE_BYTES).fill(1));
  for (let height = 0; height <= COMMITS; height++) {
    for (let i = 0; i < 5; i++) file.set(new Uint8Array(200).fill(height + i), ((height * 97 + i * 131) % PAGES) * PAGE_BYTES + 7);
    await disk.save(() => ({ pages: file, height, tip: `block ${height}` }));
    if (height === 3) copy(records, older);
  }
  return { records, older, text: textOf(file) };
}

function copy(from: MemoryRecords, to: MemoryRecords): void {
  to.wipe();
  to.control = structuredClone(from.control);
  for (const store of ['chunks', 'log'] as const) {
    for (const [key, record] of from.stores[store])
      (to.stores[store] as unknown as Store).set(key, structuredClone(record) as unknown as Loose);
  }
}

const textOf = (file: PageFile): string => Buffer.from(file.toBytes()).toString('latin1');
const looseStore = (records: MemoryRecords, store: 'chunks' | 'log'): Store => records.stores[store] as unknown as Store;

const where = fc.constantFrom('control' as const, 'head' as const, 'chunks' as const, 'log' as const);
const alteration = fc.oneof(
  fc.record({ kind: fc.constant('field' as const), where, which: fc.nat(50), field: fc.nat(10), value: fc.constantFrom(...STRANGE) }),
  fc.record({ kind: fc.constant('record' as const), where, which: fc.nat(50), value: fc.constantFrom(...STRANGE) }),
  fc.record({
    kind: fc.constant('byte' as const),
    where: fc.constantFrom('chunks' as const, 'log' as const),
    which: fc.nat(50),
    at: fc.nat(),
  }),
  fc.record({
    kind: fc.constant('cut' as const),
    where: fc.constantFrom('chunks' as const, 'log' as const),
    which: fc.nat(50),
    at: fc.nat(),
  }),
  fc.record({
    kind: fc.constantFrom('lost' as const, 'doubled' as const, 'swapped' as const),
    where,
    which: fc.nat(50),
    other: fc.nat(50),
  }),
  fc.record({ kind: fc.constant('back' as const), where, which: fc.nat(50) }),
);
type Alteration = typeof alteration extends fc.Arbitrary<infer T> ? T : never;

function alter(records: MemoryRecords, older: MemoryRecords, change: Alteration): void {
  if (change.where === 'control' || change.where === 'head') return alterControl(records, older, change);
  const store = looseStore(records, change.where);
  const keys = [...store.keys()];
  if (keys.length === 0) return;
  const key = keys[change.which % keys.length]!;
  const record = store.get(key)!;
  // An earlier alteration may have set the record to null.
  const bytes = (record as Loose | null)?.['bytes'];
  if (change.kind === 'record') store.set(key, change.value as Loose);
  if (change.kind === 'lost') store.delete(key);
  if (change.kind === 'doubled')
    store.set(change.where === 'log' ? logKey(change.other, 0) : chunkKey(1, change.other), structuredClone(record));
  if (change.kind === 'swapped') {
    const second = keys[change.other % keys.length]!;
    store.set(key, store.get(second)!);
    store.set(second, record);
  }
  if (change.kind === 'back') {
    const before = looseStore(older, change.where).get(key);
    if (before) store.set(key, structuredClone(before));
    else store.delete(key);
  }
  if (!(bytes instanceof Uint8Array)) return;
  if (change.kind === 'field')
    store.set(key, { ...record, [Object.keys(record)[change.field % Object.keys(record).length]!]: change.value });
  if (change.kind === 'byte' && bytes.length > 0) {
    store.set(key, { ...record, bytes: bytes.with(change.at % bytes.length, bytes[change.at % bytes.length]! ^ 8) });
  }
  if (change.kind === 'cut') store.set(key, { ...record, bytes: bytes.slice(0, change.at % (bytes.length + 1)) });
}

function alterControl(records: MemoryRecords, older: MemoryRecords, change: Alteration): void {
  const loose = records as unknown as { control: Loose | null };
  if (change.kind === 'lost') loose.control = null;
  else if (change.kind === 'back') records.control = structuredClone(older.control);
  else if ('value' in change && change.kind === 'record') {
    if (change.where === 'control') loose.control = change.value as never;
    else loose.control = { ...loose.control, head: change.value };
  } else if (change.kind === 'field' && loose.control) {
    const of = (change.where === 'control' ? loose.control : loose.control['head']) as Loose | null;
    if (typeof of !== 'object' || of === null) return;
    const next = { ...of, [Object.keys(of)[change.field % Object.keys(of).length] ?? 'x']: change.value };
    loose.control = change.where === 'control' ? next : { ...loose.control, head: next };
  }
}

describe('altered records', () => {
  test('are intact before the alteration', async () => {
    const { records, text } = await written();
    const loaded = await (await PageDisk.open(new MemoryMedium(records), 'b')).load();
    expect(textOf(loaded!.pages) === text).toBe(true);
  });

  test('are detected or harmless; opening ends, and the next save repairs everything', async () => {
    const { records: sound, older, text } = await written();
    await fc.assert(
      fc.asyncProperty(fc.array(alteration, { minLength: 1, maxLength: 3 }), async (changes) => {
        const records = new MemoryRecords();
        copy(sound, records);
        for (const change of changes) alter(records, older, change);
        const disk = await PageDisk.open(new MemoryMedium(records), 'b');
        let loaded: PageFile | null = null;
        let code: string | null = null;
        try {
          loaded = (await disk.load())?.pages ?? null;
        } catch (error) {
          code = errorCode(error);
        }
        // Either the newest state or an error; never an older state, and never an empty disk.
        if (code === null) expect(loaded && textOf(loaded) === text).toBe(true);
        else expect(code).toBe('storage-damaged');
        const remains = await disk.salvage();
        expect(remains === null || remains.size <= 8 * CHUNK_BYTES).toBe(true);
        const fresh = PageFile.from(new Uint8Array(PAGES * PAGE_BYTES).fill(9));
        await disk.save(() => ({ pages: fresh, height: 99, tip: 'mended' }));
        const again = await (await PageDisk.open(new MemoryMedium(records), 'c')).load();
        expect(again && textOf(again.pages) === textOf(fresh)).toBe(true);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  test('a lost head is reported again at the next opening if nothing was saved meanwhile', async () => {
    const { records } = await written();
    records.control = null;
    for (const owner of ['b', 'c']) {
      const disk = await PageDisk.open(new MemoryMedium(records), owner);
      await expect(disk.load()).rejects.toMatchObject({ code: 'storage-damaged' });
    }
  });

  test('a lost head loses no chunk', async () => {
    const { records, text } = await written();
    records.control = null;
    const remains = await (await PageDisk.open(new MemoryMedium(records), 'b')).salvage();
    expect(textOf(remains!).startsWith(text)).toBe(true);
  });

  test('a large number on the disk allocates no memory', async () => {
    const { records } = await written();
    const chunk = looseStore(records, 'chunks').get(chunkKey(1, 0))!;
    looseStore(records, 'chunks').set(chunkKey(1, 2 ** 24 - 1), { ...chunk, index: 2 ** 24 - 1 });
    records.control = null;
    const remains = await (await PageDisk.open(new MemoryMedium(records), 'b')).salvage();
    expect(remains!.size).toBeLessThan(10 * CHUNK_BYTES);
  });
});
