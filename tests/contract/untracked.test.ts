import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { PageFile } from '../../src/storage/disk/page-file.ts';
import { DatabaseFile } from '../../src/storage/sql/database-file.ts';
import { loadSqlJs } from '../unit/chain/support.ts';
import { FaultyMedium, PLACES } from './support/media.ts';

const ROWS = 5_000;

/** sql.js as a later version might work: it keeps a copy of the file. */
function copying(sqlJs: SqlJsStatic): SqlJsStatic {
  class CopyingDatabase extends sqlJs.Database {
    constructor(data?: ArrayLike<number> | null) {
      super(data instanceof PageFile ? data.toBytes() : (data as Uint8Array | undefined));
    }
  }
  return { ...sqlJs, Database: CopyingDatabase as SqlJsStatic['Database'] };
}

/** If SQLite's page writes cannot be tracked, a comparison produces the same log. */
describe.each(Object.keys(PLACES))('a database whose writes cannot be tracked, %s', (kind) => {
  let sqlJs: SqlJsStatic;
  beforeAll(async () => {
    sqlJs = await loadSqlJs();
  });

  test('is still saved page by page', async () => {
    const place = PLACES[kind]!();
    const medium = new FaultyMedium(place.medium());
    const disk = await PageDisk.open(medium, 'a');
    const reasons: string[] = [];
    const file = new DatabaseFile(copying(sqlJs), null, (reason) => reasons.push(reason));
    file.sql.script('CREATE TABLE t (a, b)');
    file.sql.run(
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO t SELECT i, randomblob(300) FROM n',
      [ROWS],
    );
    await disk.save(() => ({ pages: file.pages(), height: 1, tip: 'one' }));
    file.sql.run('UPDATE t SET a = 0 WHERE a = ?', [ROWS]);
    await disk.save(() => ({ pages: file.pages(), height: 2, tip: 'two' }));
    expect(reasons).toEqual(['sql.js took a copy of the file']);
    const written = medium.batches.at(-1)!.puts;
    expect(written.map(({ store }) => store)).toEqual(['log']);
    expect(written[0]!.record.bytes.length).toBeLessThan(200);
    const stored = await (await PageDisk.open(place.medium(), 'b')).load();
    const again = new DatabaseFile(sqlJs, stored!.pages);
    expect(again.sql.row('SELECT count(*), sum(a) FROM t')).toEqual([ROWS, (ROWS * (ROWS - 1)) / 2]);
    expect(again.sql.row('PRAGMA integrity_check')).toEqual(['ok']);
  });
});
