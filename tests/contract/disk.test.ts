import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/storage/disk/disk.ts';
import { MAX_PART_BYTES } from '../../src/storage/disk/delta.ts';
import {
  chunkKey,
  LAST_KEY,
  logKey,
  type Batch,
  type ChunkRecord,
  type Control,
  type Head,
  type LogRecord,
  type Medium,
} from '../../src/storage/disk/medium.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { CHUNK_BYTES, PAGE_BYTES, PageFile } from '../../src/storage/disk/page-file.ts';
import { TabchainError } from '../../src/util/errors.ts';
import { FaultyMedium, PLACES, storedChunks, storedControl, storedLog, type Place } from './support/media.ts';

const CHUNK_PAGES = CHUNK_BYTES / PAGE_BYTES;

/** Pseudorandom bytes, so that a byte in the wrong place shows. */
function bytesOf(length: number, seed: number): Uint8Array {
  // A loop, because the files have millions of bytes: `Uint8Array.from` with a function is many times slower.
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed * 2_654_435_761 + 1; i < length; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A file to which tests write as SQLite does. */
function fileOf(pages: number, seed = 1): PageFile {
  return PageFile.from(bytesOf(pages * PAGE_BYTES, seed));
}

const write = (file: PageFile, page: number, seed: number, length = PAGE_BYTES, offset = 0): void =>
  file.set(bytesOf(length, seed), page * PAGE_BYTES + offset);

/** The file as text, because deep equality of large arrays is slow in the test library. */
const text = (file: PageFile | undefined): string => Buffer.from(file?.toBytes() ?? []).toString('latin1');

const snapshot =
  (pages: PageFile, height: number): (() => Snapshot) =>
  () => ({ pages, height, tip: `block ${height}` });

const logOf = (batch: Batch): LogRecord[] => batch.puts.flatMap((put) => (put.store === 'log' ? [put.record] : []));
const chunksOf = (batch: Batch): number[] => batch.puts.flatMap((put) => (put.store === 'chunks' ? [put.record.index] : []));

describe.each(Object.keys(PLACES))('a disk %s', (kind) => {
  let place: Place;
  let spy: FaultyMedium;
  beforeEach(() => {
    place = PLACES[kind]!();
    spy = new FaultyMedium(place.medium());
  });

  /** The state that another tab would load. */
  const stored = async (owner = 'heir'): Promise<{ height: number; text: string } | null> => {
    const loaded = await (await PageDisk.open(place.medium(), owner)).load();
    return loaded && { height: loaded.height, text: text(loaded.pages) };
  };

  test('is empty at first', async () => {
    const disk = await PageDisk.open(spy, 'a');
    expect(await disk.load()).toBeNull();
    expect(disk.persisted()).toBeNull();
  });

  test.each([1, CHUNK_PAGES - 1, CHUNK_PAGES, 3 * CHUNK_PAGES + 5, 18 * CHUNK_PAGES])('gives back a file of %i pages', async (pages) => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(pages);
    const saved = await disk.save(snapshot(file, 3));
    expect(saved).toMatchObject({ height: 3, tip: 'block 3', bytes: pages * PAGE_BYTES });
    const again = await PageDisk.open(place.medium(), 'b');
    const loaded = await again.load();
    expect(loaded).toMatchObject({ height: 3, tip: 'block 3' });
    expect(text(loaded!.pages)).toBe(text(file));
    expect(again.persisted()).toEqual(saved);
  });

  test('a save is one transaction that writes what changed, in records of less than 64 KiB, whatever the size of the file', async () => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(3 * CHUNK_PAGES);
    await disk.save(snapshot(file, 1));
    const before = spy.batches.length;
    write(file, 5, 2, 100, 50);
    write(file, 600, 3, 8, 4_000);
    await disk.save(snapshot(file, 2));
    expect(spy.batches.length).toBe(before + 1);
    expect(chunksOf(spy.batches.at(-1)!)).toEqual([]);
    const [record] = logOf(spy.batches.at(-1)!);
    expect(record!.bytes.length).toBeGreaterThan(100);
    expect(record!.bytes.length).toBeLessThan(150);
    for (let page = 0; page < 100; page++) write(file, 7 * page, page);
    await disk.save(snapshot(file, 3));
    const parts = logOf(spy.batches.at(-1)!);
    expect(parts.length).toBeGreaterThan(5);
    for (const part of parts) expect(part.bytes.length).toBeLessThanOrEqual(MAX_PART_BYTES);
    expect(MAX_PART_BYTES).toBeLessThan(64 * 1024 - 1024);
    expect(await stored()).toEqual({ height: 3, text: text(file) });
  });

  test('continues from the loaded state', async () => {
    await (await PageDisk.open(place.medium(), 'a')).save(snapshot(fileOf(300), 1));
    const disk = await PageDisk.open(spy, 'b');
    const { pages } = (await disk.load())!;
    write(pages, 299, 9);
    write(pages, 300, 10);
    await disk.save(snapshot(pages, 2));
    expect(chunksOf(spy.batches.at(-1)!)).toEqual([]);
    expect(await stored()).toEqual({ height: 2, text: text(pages) });
  });

  test('stores new chunks when a file grows', async () => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(CHUNK_PAGES - 1);
    await disk.save(snapshot(file, 1));
    for (let page = CHUNK_PAGES - 1; page < 2 * CHUNK_PAGES + 3; page++) write(file, page, page);
    await disk.save(snapshot(file, 2));
    expect(chunksOf(spy.batches.at(-1)!)).toEqual([1, 2]);
    expect(await stored()).toEqual({ height: 2, text: text(file) });
  });

  test('writes the whole of a different file', async () => {
    const disk = await PageDisk.open(spy, 'a');
    await disk.save(snapshot(fileOf(3 * CHUNK_PAGES), 1));
    const other = fileOf(CHUNK_PAGES + 1, 7);
    await disk.save(snapshot(other, 2));
    expect(await stored()).toEqual({ height: 2, text: text(other) });
    expect(await storedChunks(place.medium())).toHaveLength(2);
  });

  test('a save includes changes made while a large file is being written', async () => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(34 * CHUNK_PAGES);
    let height = 1;
    const pages = [0, 5_000, 34 * CHUNK_PAGES - 1, 34 * CHUNK_PAGES];
    // Blocks arrive between the chunks, and the last block undoes the changes of the others.
    spy.meanwhile = () => {
      height++;
      for (const page of pages) write(file, page, height < 3 ? height : 1);
    };
    write(file, 5_000, 1);
    const saved = await disk.save(() => snapshot(file, height)());
    expect(spy.batches.length).toBe(4);
    expect(saved.height).toBe(3);
    const { height: storedHeight, text: storedText } = (await stored())!;
    expect(storedHeight).toBe(3);
    for (const page of pages) write(file, page, 1);
    expect(storedText === text(file)).toBe(true);
  });

  test('acknowledges nothing before it is durable', async () => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(4);
    await disk.save(snapshot(file, 1));
    let open!: () => void;
    spy.gate = new Promise((resolve) => (open = resolve));
    write(file, 1, 5);
    const saving = disk.save(snapshot(file, 2));
    await new Promise((resolve) => setImmediate(resolve));
    expect(disk.persisted()).toMatchObject({ height: 1 });
    expect((await storedControl(place.medium())).head).toMatchObject({ height: 1 });
    open();
    await saving;
    expect(disk.persisted()).toMatchObject({ height: 2 });
  });

  test('refuses writes of a former owner and changes nothing', async () => {
    const old = await PageDisk.open(place.medium(), 'a');
    const file = fileOf(3);
    await old.save(snapshot(file, 1));
    const kept = text(file);
    const heir = await PageDisk.open(place.medium(), 'b');
    write(file, 0, 7);
    await expect(old.save(snapshot(file, 2))).rejects.toMatchObject({ code: 'storage-not-owner' });
    await expect((await PageDisk.open(place.medium(), 'b')).load()).resolves.toMatchObject({ height: 1 });
    const loaded = await heir.load();
    expect(text(loaded!.pages)).toBe(kept);
    await heir.save(snapshot(loaded!.pages, 3));
    await expect(old.save(snapshot(file, 4))).rejects.toMatchObject({ code: 'storage-not-owner' });
  });

  test.each(['refused', 'answer-lost'] as const)('after a write that was %s, the next save makes up for it', async (fault) => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(2 * CHUNK_PAGES);
    await disk.save(snapshot(file, 1));
    const first = text(file);
    write(file, 3, 8);
    spy.fault = fault;
    await expect(disk.save(snapshot(file, 2))).rejects.toMatchObject({ code: expect.stringMatching(/^storage-f/) });
    spy.fault = null;
    expect(disk.persisted()).toMatchObject({ height: 1 });
    expect(await stored('a')).toEqual(fault === 'refused' ? { height: 1, text: first } : { height: 2, text: text(file) });
    // Restores page 3 and goes on: a comparison with the failed state would miss this change.
    file.set(PageFile.from(Buffer.from(first, 'latin1')).page(3), 3 * PAGE_BYTES);
    write(file, 400, 4);
    await disk.save(snapshot(file, 3));
    expect(await stored()).toEqual({ height: 3, text: text(file) });
  });

  test('writes everything again after a wipe', async () => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(3 * CHUNK_PAGES);
    await disk.save(snapshot(file, 1));
    const { sequence } = disk.persisted()!;
    await place.wipe();
    const saved = await disk.save(snapshot(file, 2));
    expect(saved.sequence).toBeGreaterThan(sequence);
    expect(await stored()).toEqual({ height: 2, text: text(file) });
  });

  test('the log stays bounded, and no save writes everything', async () => {
    const disk = await PageDisk.open(spy, 'a');
    const chunks = 12;
    const file = fileOf(chunks * CHUNK_PAGES);
    await disk.save(snapshot(file, 0));
    let imaged = 0;
    for (let height = 1; height <= 160; height++) {
      for (let i = 0; i < 25; i++) write(file, (height * 37 + i * 61) % (chunks * CHUNK_PAGES), height + i);
      await disk.save(snapshot(file, height));
      const count = chunksOf(spy.batches.at(-1)!).length;
      expect(count).toBeLessThanOrEqual(5);
      imaged += count;
    }
    expect(imaged).toBeGreaterThan(chunks);
    const log = await storedLog(place.medium());
    const bytes = log.reduce((sum, record) => sum + record.bytes.length, 0);
    expect(bytes).toBeLessThan((0.25 * chunks + 2) * CHUNK_BYTES);
    expect(await storedChunks(place.medium())).toHaveLength(chunks);
    expect(await stored()).toEqual({ height: 160, text: text(file) });
  });

  type Damage = (medium: Medium, stale: ChunkRecord) => Promise<Partial<Batch>>;
  const firstLog = async (medium: Medium): Promise<LogRecord> => (await storedLog(medium))[0]!;
  const secondChunk = async (medium: Medium): Promise<ChunkRecord> => (await storedChunks(medium))[1]!;
  const putChunk = (record: ChunkRecord): Partial<Batch> => ({
    puts: [{ store: 'chunks', key: chunkKey(record.generation, record.index), record }],
  });
  const putLog = (record: LogRecord): Partial<Batch> => ({ puts: [{ store: 'log', key: logKey(record.sequence, record.part), record }] });
  const damages: Record<string, Damage> = {
    'an altered byte in a chunk': async (medium) => {
      const chunk = await secondChunk(medium);
      return putChunk({ ...chunk, bytes: chunk.bytes.with(5, chunk.bytes[5]! ^ 1) });
    },
    'a cut chunk': async (medium) => {
      const chunk = await secondChunk(medium);
      return putChunk({ ...chunk, bytes: chunk.bytes.slice(1) });
    },
    'a lost chunk': async (medium) => {
      const { generation } = await secondChunk(medium);
      return { deletes: [{ store: 'chunks', from: chunkKey(generation, 1), to: chunkKey(generation, 2) }] };
    },
    'an older chunk': async (_, stale) => putChunk(stale),
    'an altered byte in the log': async (medium) => {
      const record = await firstLog(medium);
      return putLog({ ...record, bytes: record.bytes.with(9, record.bytes[9]! ^ 1) });
    },
    'a lost part of the log': async (medium) => {
      const { sequence } = await firstLog(medium);
      return { deletes: [{ store: 'log', from: logKey(sequence + 1, 0), to: logKey(sequence + 1, 1) }] };
    },
    'a lost end of the log': async () => ({ deletes: [{ store: 'log', from: logKey(5, 0), to: LAST_KEY }] }),
    'a height that was not saved': async (medium) => {
      const control = await storedControl(medium);
      const head: Head = { ...control.head!, height: 9 };
      return { control: { ...control, head } };
    },
    'a lost head': async (medium) => {
      const control = await storedControl(medium);
      return { control: { ...control, head: { ...control.head!, size: 3 * CHUNK_BYTES + PAGE_BYTES } } };
    },
  };

  test.each(Object.keys(damages))('finds %s, and the next save repairs it', async (damage) => {
    const disk = await PageDisk.open(spy, 'a');
    const file = fileOf(3 * CHUNK_PAGES);
    await disk.save(snapshot(file, 0));
    const stale = await secondChunk(place.medium());
    for (let height = 1; height <= 40; height++) {
      for (let i = 0; i < 12; i++) write(file, (height * 31 + i * 67) % (3 * CHUNK_PAGES), height + i);
      await disk.save(snapshot(file, height));
    }
    const batch = await damages[damage]!(place.medium(), stale);
    await place.medium().update((control) => ({ control: control as Control, puts: [], deletes: [], ...batch }));
    const again = await PageDisk.open(place.medium(), 'b');
    await expect(again.load()).rejects.toMatchObject({ code: 'storage-damaged' });
    await again.save(snapshot(file, 99));
    expect(await stored()).toEqual({ height: 99, text: text(file) });
  });

  type Action =
    readonly ['write', page: number, seed: number, length: number] | readonly ['save' | 'refused' | 'answer-lost' | 'reopen' | 'wipe'];
  const action: fc.Arbitrary<Action> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constant('write' as const), fc.nat(2 * CHUNK_PAGES), fc.nat(50), fc.integer({ min: 1, max: PAGE_BYTES })),
    },
    { weight: 4, arbitrary: fc.constant(['save'] as const) },
    { weight: 1, arbitrary: fc.constantFrom(['refused'] as const, ['answer-lost'] as const, ['reopen'] as const, ['wipe'] as const) },
  );

  test('acknowledged states survive any sequence of faults', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), async (actions) => {
        const place = PLACES[kind]!();
        let medium = new FaultyMedium(place.medium());
        let disk = await PageDisk.open(medium, 'a');
        let file = fileOf(3);
        let height = 0;
        /** States that loading may return: the last acknowledged one, or those whose answer was lost. */
        let allowed: (string | null)[] = [null];
        const reopen = async (owner: string): Promise<void> => {
          medium = new FaultyMedium(place.medium());
          disk = await PageDisk.open(medium, owner);
          const loaded = await disk.load();
          const found = loaded && `${loaded.height} ${text(loaded.pages)}`;
          expect(allowed.includes(found)).toBe(true);
          allowed = [found];
          if (loaded) file = loaded.pages;
        };
        for (const [what, page = 0, seed = 0, length = 0] of actions) {
          if (what === 'write')
            write(file, Math.min(page, file.size / PAGE_BYTES), seed, PAGE_BYTES === length ? length : Math.min(length, PAGE_BYTES - 8), 0);
          else if (what === 'reopen') await reopen(`owner ${height++}`);
          else if (what === 'wipe') {
            await place.wipe();
            allowed = [null];
          } else {
            const state = `${++height} ${text(file)}`;
            medium.fault = what === 'save' ? null : what;
            const outcome = await disk.save(snapshot(file, height)).catch((error: TabchainError) => error);
            if (!(outcome instanceof TabchainError)) allowed = [state];
            else if (what === 'answer-lost') allowed.push(state);
          }
          if (file.size % PAGE_BYTES !== 0) write(file, Math.floor(file.size / PAGE_BYTES), 1, 1, PAGE_BYTES - 1);
        }
        await reopen('last');
      }),
      { numRuns: kind === 'in memory' ? 60 : 15 },
    );
  });
});
