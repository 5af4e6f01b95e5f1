import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test } from 'vitest';
import { CHUNK_BYTES, ChunkDisk, type Snapshot } from '../../src/storage/disk.ts';
import { deleteDatabase, IndexedDbMedium, listDatabases } from '../../src/storage/medium-indexeddb.ts';
import { MemoryMedium, MemoryRecords } from '../../src/storage/medium-memory.ts';
import type { Batch, Control, Medium } from '../../src/storage/medium.ts';
import { TabchainError } from '../../src/util/errors.ts';

/** Bytes that differ from each other, so that a chunk in the wrong place shows. */
function image(size: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 0xff);
}

/** Deep equality of large arrays is slow in the test library. */
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64');

const snapshot =
  (bytes: Uint8Array, height: number): (() => Snapshot) =>
  () => ({ bytes, height, tip: `block ${height}` });

/** Passes calls on and remembers what was written; can hold an update back, fail it, or alter what was stored. */
class Spy implements Medium {
  readonly inner: Medium;
  readonly batches: Batch[] = [];
  gate: Promise<void> = Promise.resolve();
  failure: TabchainError | null = null;

  constructor(inner: Medium) {
    this.inner = inner;
  }

  read(): ReturnType<Medium['read']> {
    return this.inner.read();
  }

  async update(decide: (control: Control | null) => Batch): Promise<Batch> {
    await this.gate;
    const batch = await this.inner.update((control) => {
      const decided = decide(control);
      if (this.failure) throw this.failure;
      return decided;
    });
    this.batches.push(batch);
    return batch;
  }

  close(): void {
    this.inner.close();
  }
}

const NAME = 'tabchain test';

interface Place {
  medium(): Medium;
  wipe(): Promise<void>;
}

const places: Record<string, () => Place> = {
  'in memory': () => {
    let records = new MemoryRecords();
    const indirect = (): Medium => {
      const made = (): Medium => new MemoryMedium(records);
      return { read: () => made().read(), update: (decide) => made().update(decide), close: () => undefined };
    };
    return {
      medium: () => indirect(),
      wipe: async () => {
        records = new MemoryRecords();
      },
    };
  },
  'in IndexedDB': () => {
    const factory = new IDBFactory();
    return { medium: () => new IndexedDbMedium(factory, NAME), wipe: () => deleteDatabase(factory, NAME) };
  },
};

describe.each(Object.keys(places))('a disk %s', (kind) => {
  let place: Place;
  let spy: Spy;
  beforeEach(() => {
    place = places[kind]!();
    spy = new Spy(place.medium());
  });

  /** Height and bytes as another tab would load them. */
  const stored = async (owner = 'heir'): Promise<string> => {
    const loaded = await (await ChunkDisk.open(place.medium(), owner)).load();
    return `${loaded!.height} ${text(loaded!.bytes)}`;
  };

  test('is empty at first', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    expect(await disk.load()).toBeNull();
    expect(disk.persisted()).toBeNull();
  });

  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 3 * CHUNK_BYTES + 5])('gives back a file of %i bytes', async (size) => {
    const disk = await ChunkDisk.open(spy, 'a');
    const bytes = image(size);
    expect(await disk.save(snapshot(bytes, 3))).toEqual({ height: 3, tip: 'block 3', bytes: size, sequence: 1 });
    const again = await ChunkDisk.open(place.medium(), 'b');
    const loaded = await again.load();
    expect(loaded).toMatchObject({ height: 3, tip: 'block 3' });
    expect(text(loaded?.bytes)).toBe(text(bytes));
    expect(again.persisted()).toEqual({ height: 3, tip: 'block 3', bytes: size, sequence: 1 });
  });

  test('writes only what changed, in records of less than 64 KiB', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    const first = image(5 * CHUNK_BYTES);
    await disk.save(snapshot(first, 1));
    const second = Uint8Array.from(first);
    second[2 * CHUNK_BYTES] = second[2 * CHUNK_BYTES]! ^ 1;
    await disk.save(snapshot(second, 2));
    const written = spy.batches.map(({ chunks }) => chunks.map(([index]) => index));
    expect(written).toEqual([[], [0, 1, 2, 3, 4], [2]]);
    for (const { chunks } of spy.batches) for (const [, { bytes }] of chunks) expect(bytes.buffer.byteLength).toBeLessThan(64 * 1024);
    expect(await stored()).toBe(`2 ${text(second)}`);
  });

  test('goes on from what it loaded', async () => {
    const bytes = image(3 * CHUNK_BYTES);
    await (await ChunkDisk.open(place.medium(), 'a')).save(snapshot(bytes, 1));
    const disk = await ChunkDisk.open(spy, 'b');
    await disk.load();
    const longer = image(3 * CHUNK_BYTES + 10);
    expect(await disk.save(snapshot(longer, 2))).toMatchObject({ sequence: 2 });
    expect(spy.batches.at(-1)!.chunks.map(([index]) => index)).toEqual([3]);
  });

  test('forgets the end of a file that became shorter', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    await disk.save(snapshot(image(4 * CHUNK_BYTES), 1));
    await disk.save(snapshot(image(CHUNK_BYTES + 1), 2));
    expect((await place.medium().read()).chunks.size).toBe(2);
    expect(await stored()).toBe(`2 ${text(image(CHUNK_BYTES + 1))}`);
  });

  test('merges what comes while a save is under way into one', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    let open!: () => void;
    spy.gate = new Promise((resolve) => (open = resolve));
    const taken: number[] = [];
    const save = (height: number): Promise<unknown> =>
      disk.save(() => {
        taken.push(height);
        return snapshot(image(10, height), height)();
      });
    const first = save(1);
    await new Promise((resolve) => setImmediate(resolve));
    const later = [save(2), save(3), save(4)];
    open();
    expect(await first).toMatchObject({ height: 1, sequence: 1 });
    expect(await Promise.all(later)).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ height: 4, sequence: 2 })));
    expect(taken).toEqual([1, 4]);
  });

  test('acknowledges nothing before it is durable', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    await disk.save(snapshot(image(10), 1));
    let open!: () => void;
    spy.gate = new Promise((resolve) => (open = resolve));
    const saving = disk.save(snapshot(image(20), 2));
    await new Promise((resolve) => setImmediate(resolve));
    expect(disk.persisted()).toMatchObject({ height: 1 });
    expect((await place.medium().read()).control!.head).toMatchObject({ height: 1 });
    open();
    await saving;
    expect(disk.persisted()).toMatchObject({ height: 2 });
  });

  test('refuses a former owner, and changes nothing for it', async () => {
    const old = await ChunkDisk.open(place.medium(), 'a');
    await old.save(snapshot(image(10), 1));
    const heir = await ChunkDisk.open(place.medium(), 'b');
    await expect(old.save(snapshot(image(20), 2))).rejects.toMatchObject({ code: 'storage-not-owner' });
    expect(await heir.load()).toMatchObject({ height: 1, bytes: image(10) });
    expect(await heir.save(snapshot(image(30), 3))).toMatchObject({ sequence: 2 });
  });

  test('a failed save leaves what was there, and the next one makes up for it', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    await disk.save(snapshot(image(2 * CHUNK_BYTES, 1), 1));
    spy.failure = new TabchainError('storage-full', 'No space.');
    await expect(disk.save(snapshot(image(2 * CHUNK_BYTES, 2), 2))).rejects.toMatchObject({ code: 'storage-full' });
    expect(disk.persisted()).toMatchObject({ height: 1 });
    expect(await stored('a')).toBe(`1 ${text(image(2 * CHUNK_BYTES, 1))}`);
    spy.failure = null;
    await disk.save(snapshot(image(2 * CHUNK_BYTES, 3), 3));
    expect(await stored('a')).toBe(`3 ${text(image(2 * CHUNK_BYTES, 3))}`);
  });

  test('writes everything anew after a wipe', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    await disk.save(snapshot(image(3 * CHUNK_BYTES), 1));
    await place.wipe();
    await disk.save(snapshot(image(3 * CHUNK_BYTES), 1));
    expect(spy.batches.at(-1)!.chunks).toHaveLength(3);
    expect(await stored()).toBe(`1 ${text(image(3 * CHUNK_BYTES))}`);
  });

  const damages: Record<
    string,
    (records: Control, chunk: Uint8Array) => Partial<{ control: Control; chunk: Uint8Array; deleted: number[] }>
  > = {
    'an altered byte': (_, chunk) => ({ chunk: chunk.with(5, chunk[5]! ^ 1) }),
    'a cut chunk': (_, chunk) => ({ chunk: chunk.slice(1) }),
    'a lost chunk': () => ({ deleted: [1] }),
    'a height that was not saved': (control) => ({ control: { ...control, head: { ...control.head!, height: 9 } } }),
  };

  test.each(Object.keys(damages))('finds %s, and the next save mends it', async (damage) => {
    const disk = await ChunkDisk.open(spy, 'a');
    const bytes = image(3 * CHUNK_BYTES);
    await disk.save(snapshot(bytes, 1));
    const { control, chunks } = await place.medium().read();
    const { checksum, bytes: chunk } = chunks.get(1)!;
    const altered = damages[damage]!(control!, chunk);
    await place.medium().update(() => ({
      control: altered.control ?? control!,
      chunks: altered.chunk ? [[1, { bytes: altered.chunk, checksum }]] : [],
      deleted: altered.deleted ?? [],
    }));
    const again = await ChunkDisk.open(place.medium(), 'b');
    await expect(again.load()).rejects.toMatchObject({ code: 'storage-damaged' });
    await again.save(snapshot(bytes, 1));
    expect(await stored()).toBe(`1 ${text(bytes)}`);
  });

  test('finds a chunk of an older save', async () => {
    const disk = await ChunkDisk.open(spy, 'a');
    await disk.save(snapshot(image(2 * CHUNK_BYTES, 1), 1));
    const stale = (await place.medium().read()).chunks.get(1)!;
    await disk.save(snapshot(image(2 * CHUNK_BYTES, 2), 2));
    await place.medium().update((control) => ({ control: control!, chunks: [[1, stale]], deleted: [] }));
    await expect((await ChunkDisk.open(place.medium(), 'b')).load()).rejects.toMatchObject({ code: 'storage-damaged' });
  });
});

describe('IndexedDB', () => {
  test('databases can be listed and deleted while they are open', async () => {
    const factory = new IDBFactory();
    const disk = await ChunkDisk.open(new IndexedDbMedium(factory, NAME), 'a');
    await disk.save(snapshot(image(10), 1));
    expect(await listDatabases(factory)).toEqual([NAME]);
    await deleteDatabase(factory, NAME);
    expect(await listDatabases(factory)).toEqual([]);
    await deleteDatabase(factory, NAME);
  });

  test('a closed disk says so', async () => {
    const disk = await ChunkDisk.open(new IndexedDbMedium(new IDBFactory(), NAME), 'a');
    disk.close();
    await expect(disk.save(snapshot(image(10), 1))).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('a browser without storage says so', async () => {
    const refusing = { open: () => fail('SecurityError') } as unknown as IDBFactory;
    await expect(ChunkDisk.open(new IndexedDbMedium(refusing, NAME), 'a')).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('a full disk says so, and the disk works on when there is room', async () => {
    const factory = new IDBFactory();
    const medium = new IndexedDbMedium(factory, NAME);
    const disk = await ChunkDisk.open(medium, 'a');
    await disk.save(snapshot(image(10), 1));
    const update = medium.update((control) => {
      // What put() throws when the browser knows at once that there is no room.
      expect(control).not.toBeNull();
      return fail('QuotaExceededError');
    });
    await expect(update).rejects.toMatchObject({ code: 'storage-full' });
    expect(await disk.save(snapshot(image(11), 2))).toMatchObject({ height: 2 });
  });
});

function fail(name: string): never {
  throw new DOMException('refused by the test', name);
}
