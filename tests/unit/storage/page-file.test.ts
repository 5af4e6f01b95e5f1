import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { checksum32 } from '../../../src/storage/disk/checksum.ts';
import { applyDelta, encodeDelta, MAX_PART_BYTES } from '../../../src/storage/disk/delta.ts';
import { CHUNK_BYTES, PAGE_BYTES, PageFile } from '../../../src/storage/disk/page-file.ts';
import { DatabaseFile } from '../../../src/storage/sql/database-file.ts';
import { utf8 } from '../../../src/util/bytes.ts';
import { loadSqlJs } from '../chain/support.ts';

/** Bytes as text, because deep equality of large arrays is slow in the test library. */
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('the checksum', () => {
  test.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('of "%s" equals XXH32', (input, sum) => {
    expect(checksum32(utf8(input))).toBe(sum);
  });

  test('depends on the seed, and not on the offset of the bytes', () => {
    const bytes = utf8('xx Nobody inspects the spammish repetition').subarray(3);
    expect(checksum32(bytes)).toBe(0xe2293b2f);
    expect(checksum32(bytes, 1)).not.toBe(0xe2293b2f);
  });
});

/** Random writes: page, offset and bytes. */
const writes = fc.array(fc.record({ page: fc.nat(300), offset: fc.nat(4_000), bytes: fc.uint8Array({ minLength: 1, maxLength: 96 }) }), {
  maxLength: 40,
});

/** Writes as SQLite does, which writes a new page as a whole. */
function put(file: PageFile, { page, offset, bytes }: { page: number; offset: number; bytes: Uint8Array }): void {
  const at = Math.min(page, file.size / PAGE_BYTES);
  const whole = new Uint8Array(PAGE_BYTES);
  whole.set(file.page(at));
  whole.set(bytes, offset);
  file.set(whole, at * PAGE_BYTES);
}

describe('a snapshot', () => {
  test('is the file at one moment, whatever is written while the snapshot is read', () => {
    fc.assert(
      fc.property(writes, writes, fc.array(fc.nat(3)), (first, second, order) => {
        const file = PageFile.from(new Uint8Array(600 * PAGE_BYTES).fill(1));
        for (const write of first) put(file, write);
        const snapshot = file.snapshot();
        const expected = file.toBytes();
        const parts: Uint8Array[] = [];
        const pending = [...second];
        for (const turns of order) {
          for (const write of pending.splice(0, turns)) put(file, { ...write, page: 2 * write.page });
          const part = snapshot.next();
          if (part) parts.push(part);
        }
        for (const write of pending) put(file, write);
        for (let part = snapshot.next(); part; part = snapshot.next()) parts.push(part);
        expect(text(Buffer.concat(parts))).toBe(text(expected));
        expect(snapshot.size).toBe(expected.length);
      }),
    );
  });

  test('costs nothing and returns nothing once given up', () => {
    const file = PageFile.from(new Uint8Array(600 * PAGE_BYTES));
    const snapshot = file.snapshot();
    snapshot.close();
    put(file, { page: 1, offset: 0, bytes: utf8('later') });
    expect(snapshot.next()).toBeNull();
  });
});

describe('a delta', () => {
  test('holds the changes since the pages were taken, also over several rounds', () => {
    fc.assert(
      fc.property(writes, writes, writes, (first, second, third) => {
        const file = PageFile.from(new Uint8Array(250 * PAGE_BYTES).fill(1));
        for (const write of first) put(file, write);
        file.takeDirty();
        const before = file.toBytes();
        for (const write of second) put(file, write);
        const taken = file.takeDirty();
        for (const write of third) put(file, write);
        // The delta was not saved, so the next delta starts from the state of the copy.
        file.giveBack(taken);
        const grown = new Uint8Array(file.size);
        grown.set(before);
        const copy = PageFile.from(grown);
        for (const part of encodeDelta(file, file.takeDirty())) {
          expect(part.length).toBeLessThanOrEqual(MAX_PART_BYTES);
          applyDelta(copy, part, () => true);
        }
        expect(text(copy.toBytes())).toBe(text(file.toBytes()));
      }),
    );
  });

  test('is as small as the change', () => {
    const file = PageFile.from(new Uint8Array(10 * PAGE_BYTES));
    put(file, { page: 3, offset: 100, bytes: utf8('changed') });
    put(file, { page: 4, offset: 100, bytes: new Uint8Array(8) });
    const [part, ...others] = encodeDelta(file, file.takeDirty());
    expect(part!.length).toBe(6 + 4 + 7);
    expect(others).toEqual([]);
    expect(file.takeDirty().size).toBe(0);
  });

  test('leaves out pages on request', () => {
    const file = PageFile.from(new Uint8Array(2 * PAGE_BYTES));
    for (const page of [0, 1]) put(file, { page, offset: 0, bytes: Uint8Array.of(9) });
    const copy = PageFile.from(new Uint8Array(2 * PAGE_BYTES));
    for (const part of encodeDelta(file, file.takeDirty())) applyDelta(copy, part, (page) => page === 1);
    expect([copy.page(0)[0], copy.page(1)[0]]).toEqual([0, 9]);
  });
});

describe('under sql.js', () => {
  let sqlJs: SqlJsStatic;
  beforeAll(async () => {
    sqlJs = await loadSqlJs();
  });

  const SETUP = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA cache_spill = OFF; CREATE TABLE t (a, b);';
  const fill = (file: DatabaseFile, rows: number): void =>
    file.sql.run(
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO t SELECT i, randomblob(300) FROM n',
      [rows],
    );

  /** Results of reading the file's bytes with plain sql.js. */
  function read(file: PageFile): unknown[] {
    const database = new sqlJs.Database(file.toBytes());
    const [check, count] = database.exec('PRAGMA integrity_check; SELECT count(*), sum(a) FROM t');
    database.close();
    return [check!.values[0]![0], ...count!.values[0]!];
  }

  test('the file holds what SQLite wrote, in chunks, and knows the written pages', () => {
    const reasons: string[] = [];
    const file = new DatabaseFile(sqlJs, null, (reason) => reasons.push(reason));
    file.sql.script(SETUP);
    fill(file, 12_000);
    const pages = file.pages();
    expect(pages.size).toBeGreaterThan(3 * CHUNK_BYTES);
    expect(pages.takeDirty().size).toBe(pages.size / PAGE_BYTES);
    expect(read(pages)).toEqual(['ok', 12_000, 72_006_000]);
    file.sql.run('UPDATE t SET a = 0 WHERE rowid = 12000');
    // The row's page, and the first page, which counts changes.
    expect(file.pages().takeDirty().size).toBeLessThanOrEqual(2);
    expect(read(pages)).toEqual(['ok', 12_000, 71_994_000]);
    expect(reasons).toEqual([]);
  });

  test('a rolled back transaction writes nothing', () => {
    const file = new DatabaseFile(sqlJs, null);
    file.sql.script(SETUP);
    fill(file, 10);
    const pages = file.pages();
    pages.takeDirty();
    file.sql.run('BEGIN');
    fill(file, 5_000);
    file.sql.run('ROLLBACK');
    const runs = [...pages.takeDirty()].filter(([page, before]) => text(before) !== text(pages.page(page)));
    expect(runs).toEqual([]);
    expect(read(file.pages())).toEqual(['ok', 10, 55]);
  });

  test('a closed database’s file is opened again without a copy', () => {
    const first = new DatabaseFile(sqlJs, null);
    first.sql.script(SETUP);
    fill(first, 10);
    const pages = first.pages();
    first.close();
    const second = new DatabaseFile(sqlJs, pages);
    second.sql.script('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA cache_spill = OFF;');
    fill(second, 5);
    expect(second.pages()).toBe(pages);
    expect(read(pages)).toEqual(['ok', 15, 70]);
  });

  test('when sql.js takes a copy, this is reported, and the file follows by comparison', () => {
    class CopyingDatabase extends sqlJs.Database {
      constructor(data?: ArrayLike<number> | null) {
        super(data instanceof PageFile ? new Uint8Array(data.length) : (data as Uint8Array | undefined));
      }
    }
    const reasons: string[] = [];
    const file = new DatabaseFile({ ...sqlJs, Database: CopyingDatabase as SqlJsStatic['Database'] }, null, (reason) =>
      reasons.push(reason),
    );
    file.sql.script(SETUP);
    fill(file, 5_000);
    expect(reasons).toEqual(['sql.js took a copy of the file']);
    expect(read(file.pages())).toEqual(['ok', 5_000, 12_502_500]);
    file.pages().takeDirty();
    file.sql.run('UPDATE t SET a = 0 WHERE rowid = 5000');
    expect(file.pages().takeDirty().size).toBeLessThanOrEqual(2);
    expect(read(file.pages())).toEqual(['ok', 5_000, 12_497_500]);
  });

  test.each<[string, (file: DatabaseFile) => void]>([
    ['the file is cut', (file) => file.sql.script('DELETE FROM t WHERE rowid > 10; VACUUM; INSERT INTO t SELECT 1, randomblob(9000)')],
    ['a commit does not arrive', loseCommit],
  ])('when %s, this is reported, and the file follows by comparison', (_, spoil) => {
    const reasons: string[] = [];
    const file = new DatabaseFile(sqlJs, null, (reason) => reasons.push(reason));
    file.sql.script(SETUP);
    fill(file, 1_000);
    file.pages();
    spoil(file);
    const pages = file.pages();
    expect(reasons).toHaveLength(1);
    fill(file, 20);
    expect(read(file.pages())[0]).toBe('ok');
    const rows = file.sql.row('SELECT count(*), sum(a) FROM t')!;
    expect(read(pages)).toEqual(['ok', ...rows]);
  });

  /** Loses writes, as if the file system had replaced the array by its own. */
  function loseCommit(file: DatabaseFile): void {
    const pages = file.pages();
    const set = pages.set.bind(pages);
    Object.assign(pages, { set: () => undefined, writes: pages.writes });
    file.sql.run('UPDATE t SET a = 7 WHERE rowid = 1');
    Object.assign(pages, { set });
  }
});
