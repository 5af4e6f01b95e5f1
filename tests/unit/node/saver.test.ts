import { beforeEach, describe, expect, test } from 'vitest';
import { Saver } from '../../../src/node/saver.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { PAGE_BYTES, PageFile } from '../../../src/storage/disk/page-file.ts';
import type { ErrorCode } from '../../../src/util/error-codes.ts';
import { FaultyMedium } from '../../contract/support/media.ts';
import { settle, VirtualTime } from '../net/support/virtual-time.ts';

class CountingMedium extends FaultyMedium {
  attempts = 0;

  override update(...given: Parameters<FaultyMedium['update']>): Promise<void> {
    this.attempts++;
    return super.update(...given);
  }
}

/** A database of one page on a disk in memory, whose chain the test extends. */
class Bench {
  readonly time = new VirtualTime(0);
  readonly records = new MemoryRecords();
  readonly medium = new CountingMedium(new MemoryMedium(this.records));
  readonly savedHeights: number[] = [];
  readonly problems: string[] = [];
  onChange: () => void = () => undefined;
  height = 0;
  readonly #pages = PageFile.from(new Uint8Array(PAGE_BYTES));
  saver!: Saver;

  async open(): Promise<void> {
    this.saver = this.#saver(await PageDisk.open(this.medium, 'first'));
    this.saver.changed();
    await this.saver.flush();
    this.savedHeights.length = 0;
  }

  guest(openError: ErrorCode | null = null): Saver {
    return this.#saver(null, openError);
  }

  #saver(disk: PageDisk | null, openError: ErrorCode | null = null): Saver {
    const source = { pages: () => this.#pages, tip: () => ({ height: this.height, id: `block ${this.height}` }) };
    const ports = {
      timers: this.time,
      log: () => undefined,
      onChange: () => this.onChange(),
      onSaved: ({ height }: { height: number }) => this.savedHeights.push(height),
      onProblem: (code: ErrorCode) => this.problems.push(code),
    };
    return new Saver(disk, source, ports, openError);
  }

  /** Connects a block, which changes the database. */
  grow(): void {
    this.height++;
    this.#pages.set(Uint8Array.of(this.height), this.height);
    this.saver.changed();
  }

  refuse(code = 'storage-full'): void {
    Object.assign(this.medium, { fault: 'refused', code });
  }

  /** Lets the disk accept writes without answering. @returns a function that lets it answer */
  silence(): () => void {
    let answer = (): void => undefined;
    this.medium.gate = new Promise((resolve) => (answer = resolve));
    return answer;
  }
}

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.open();
});

describe('a saver', () => {
  test('counts a height as persisted only when the disk has acknowledged it', async () => {
    const answer = bench.silence();
    bench.grow();
    await settle();
    expect(bench.saver.state()).toMatchObject({ height: 0, tip: 'block 0', error: null });
    answer();
    await bench.saver.flush();
    expect(bench.saver.state()).toEqual({ height: 1, tip: 'block 1', bytes: PAGE_BYTES, error: null, memoryOnly: false });
  });

  test('writes all changes that gathered during a write in one more write', async () => {
    const answer = bench.silence();
    for (let block = 0; block < 5; block++) {
      bench.grow();
      await settle();
    }
    expect(bench.savedHeights).toEqual([]);
    answer();
    await bench.time.advance(0);
    // A write includes all changes up to the moment when the disk starts it.
    expect(bench.savedHeights).toEqual([5, 5]);
  });

  test('writes a change that comes at the very end of a write', async () => {
    bench.onChange = () => {
      bench.onChange = () => undefined;
      queueMicrotask(() => bench.grow());
    };
    bench.grow();
    await settle();
    await settle();
    expect(bench.savedHeights).toEqual([1, 2]);
  });

  test('counts the loaded state as persisted', () => {
    const saver = bench.guest();
    saver.loaded({ height: 9, id: 'block 9' }, 77);
    expect(saver.state()).toMatchObject({ height: 9, tip: 'block 9', bytes: 77 });
  });

  test.each([null, 'storage-unavailable'] as const)('stores nothing without a disk, and reports why (%s)', async (error) => {
    const saver = bench.guest(error);
    saver.changed();
    await saver.flush();
    await saver.close();
    expect(saver.state()).toEqual({ height: -1, tip: null, bytes: 0, error, memoryOnly: true });
    expect(bench.savedHeights).toEqual([]);
  });

  test('writes nothing while held, then all changes', async () => {
    bench.saver.hold();
    bench.grow();
    await bench.saver.flush();
    expect(bench.savedHeights).toEqual([]);
    bench.saver.release();
    await bench.saver.flush();
    expect(bench.saver.state().height).toBe(1);
  });
});

describe('a disk that refuses', () => {
  test('is reported once, retried less and less often, and written to as soon as there is space', async () => {
    bench.refuse();
    bench.grow();
    await settle();
    expect(bench.saver.state()).toMatchObject({ height: 0, error: 'storage-full' });
    bench.medium.attempts = 0;
    // Retries after 1, 2, 4, 8, 16 and 32 seconds, then every 60 seconds.
    await bench.time.advance(63_000);
    expect(bench.medium.attempts).toBe(6);
    await bench.time.advance(600_000);
    expect(bench.medium.attempts).toBe(16);
    expect(bench.problems).toEqual(['storage-full']);
    bench.medium.fault = null;
    await bench.time.advance(60_000);
    expect(bench.saver.state()).toMatchObject({ height: 1, error: null });
    bench.refuse();
    bench.grow();
    await settle();
    expect(bench.problems).toEqual(['storage-full', 'storage-full']);
    bench.medium.fault = null;
    await bench.time.advance(1_000);
    expect(bench.saver.state()).toMatchObject({ height: 2, error: null });
  });

  test('is reported again when it gives another reason', async () => {
    for (const code of ['storage-full', 'storage-failed', 'storage-failed', 'storage-silent']) {
      bench.refuse(code);
      bench.grow();
      await settle();
    }
    expect(bench.problems).toEqual(['storage-full', 'storage-failed', 'storage-silent']);
  });

  test('is not retried more often when blocks arrive meanwhile', async () => {
    bench.refuse();
    for (let block = 0; block < 20; block++) {
      bench.grow();
      await settle();
    }
    bench.medium.fault = null;
    await bench.time.advance(600_000);
    expect(bench.savedHeights).toEqual([20]);
  });

  test('is not retried once another owner has the database', async () => {
    await PageDisk.open(new MemoryMedium(bench.records), 'second');
    bench.grow();
    await settle();
    await bench.time.advance(600_000);
    expect(bench.saver.state()).toMatchObject({ height: 0, error: 'storage-not-owner' });
    expect(bench.problems).toEqual(['storage-not-owner']);
    expect(bench.records.control).toMatchObject({ owner: 'second', head: { height: 0 } });
  });
});

describe('on close', () => {
  test('pending changes are written, and nothing afterwards', async () => {
    bench.grow();
    await bench.saver.close();
    expect(bench.savedHeights.at(-1)).toBe(1);
    bench.grow();
    await bench.saver.flush();
    expect(bench.savedHeights.at(-1)).toBe(1);
    await expect(bench.medium.control()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('nothing is written if nothing has changed', async () => {
    await bench.saver.close();
    expect(bench.savedHeights).toEqual([]);
  });

  test('closing waits for a write under way', async () => {
    const answer = bench.silence();
    bench.grow();
    const closed = bench.saver.close();
    await settle();
    answer();
    await closed;
    expect(bench.saver.state().height).toBe(1);
  });

  test('a disk that refuses is closed, and not retried', async () => {
    bench.refuse();
    bench.grow();
    await bench.saver.close();
    bench.medium.fault = null;
    await bench.time.advance(600_000);
    expect(bench.savedHeights).toEqual([]);
    expect(bench.saver.state()).toMatchObject({ height: 0, error: 'storage-full' });
  });
});
