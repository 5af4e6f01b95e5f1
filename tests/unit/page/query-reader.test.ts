import initSqlJs, { type Database } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bound,
  boundForeign,
  CUT_CELL_LENGTH,
  MAX_COLUMNS,
  MAX_RESULT_LENGTH,
  MAX_ROWS,
  readQuery,
} from '../../../src/page/query-reader.ts';

const code = (name: string) => expect.objectContaining({ code: name });
const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';

describe('a question to the console', () => {
  let db: Database;
  const ask = (sql: string, params: Parameters<typeof readQuery>[2] = null) => readQuery(db, sql, params);

  beforeAll(async () => {
    db = new (await initSqlJs()).Database();
    db.run('CREATE TABLE accounts(name TEXT, balance INTEGER, mark BLOB)');
    db.run("INSERT INTO accounts VALUES ('alex', 3, x'0aff'), ('ming', 9007199254740993, NULL), (NULL, 1, NULL)");
    bound(db);
  });

  test.each([
    [
      'SELECT name, balance FROM accounts ORDER BY balance DESC',
      [
        ['ming', '9007199254740993'],
        ['alex', 3],
        [null, 1],
      ],
    ],
    ['SELECT mark FROM accounts LIMIT 1', [['0aff']]],
    ['SELECT 1 AS a, 2 AS a;', [[1, 2]]],
    [
      'VALUES (1, 2), (3, 4)',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['WITH x(a) AS (SELECT 7) SELECT a FROM x -- the end', [[7]]],
    ['-- first\n/* then */ SELECT 1.5; -- last', [[1.5]]],
    ['SELECT name FROM accounts UNION ALL SELECT 2 ORDER BY 1 LIMIT 2 OFFSET 1', [[2], ['alex']]],
    [
      'SELECT count(*), sum(balance) FROM accounts WHERE balance < 5 GROUP BY name IS NULL',
      [
        [1, 3],
        [1, 1],
      ],
    ],
  ])('%s', (sql, rows) => {
    expect(ask(sql)).toMatchObject({ rows, truncated: false, cut: [] });
  });

  test('keeps the names of columns, and accepts parameters', () => {
    expect(ask('SELECT name AS who, 1, name FROM accounts WHERE name = :n', { n: 'alex' })).toMatchObject({
      columns: ['who', '1', 'name'],
      rows: [['alex', 1, 'alex']],
    });
    expect(ask('SELECT ?', [null]).rows).toEqual([[null]]);
    expect(ask('PRAGMA table_info(accounts)').rows).toHaveLength(3);
    expect(ask('EXPLAIN QUERY PLAN SELECT * FROM accounts').rows).toHaveLength(1);
  });

  test('computes each value once', () => {
    const [row] = ask('SELECT a, a FROM (SELECT random() AS a LIMIT 1)').rows;
    expect(row![0]).toBe(row![1]);
    expect(ask(`${ENDLESS} SELECT count(*) FROM (SELECT hex(randomblob(2)) FROM n LIMIT 9)`).rows).toEqual([[9]]);
  });

  test.each([
    'SELECT hex(zeroblob(200000000))',
    'SELECT zeroblob(900000000)',
    "SELECT printf('%.*c', 500000000, 'x')",
    "SELECT replace(hex(zeroblob(10000)), '0', hex(zeroblob(10000)))",
    `${ENDLESS} SELECT group_concat(hex(zeroblob(1000000))) FROM (SELECT i FROM n LIMIT 200)`,
    `${ENDLESS} SELECT randomblob(1000) FROM (SELECT i FROM n LIMIT 200000) ORDER BY 1`,
  ])('%s is refused, and the next question is answered', (sql) => {
    expect(() => ask(sql)).toThrow(code('query-too-large'));
    expect(ask('SELECT 1').rows).toEqual([[1]]);
  });

  test('a long value is truncated, and reported as truncated', () => {
    const { rows, cut } = ask("SELECT 1, hex(zeroblob(2000000)), printf('%.*c', 1048576, 'x'), NULL, zeroblob(1048577)");
    expect(cut).toEqual([
      { row: 0, column: 1, bytes: 4_000_000 },
      { row: 0, column: 4, bytes: 1_048_577 },
    ]);
    expect(rows[0]!.map((cell) => (typeof cell === 'string' ? cell.length : cell))).toEqual([
      1,
      CUT_CELL_LENGTH,
      1 << 20,
      null,
      CUT_CELL_LENGTH * 2,
    ]);
  });

  test('an endless answer stops at the limit of rows or of length', () => {
    expect(ask(`${ENDLESS} SELECT i FROM n`)).toMatchObject({ truncated: true, rows: { length: MAX_ROWS } });
    const { rows, truncated } = ask(`${ENDLESS} SELECT randomblob(100000) FROM n LIMIT 9999`);
    expect(truncated).toBe(true);
    expect(rows.length).toBe(Math.floor(MAX_RESULT_LENGTH / 200_000) + 1);
  });

  test('too many columns are counted, not read', () => {
    const columns = (n: number): string => `SELECT ${Array.from({ length: n }, (_, i) => i).join()}`;
    expect(ask(columns(MAX_COLUMNS)).rows[0]).toHaveLength(MAX_COLUMNS);
    expect(() => ask(columns(2_000))).toThrow(
      expect.objectContaining({ code: 'query-too-large', details: { columns: 2_000, maximum: MAX_COLUMNS } }),
    );
  });

  test.each([
    'UPDATE accounts SET balance = 1',
    'DELETE FROM accounts RETURNING name',
    'WITH x(a) AS (SELECT 1) DELETE FROM accounts',
    'WITH x(a) AS (SELECT 1) INSERT INTO accounts(name) SELECT a FROM x RETURNING name',
    "ATTACH ':memory:' AS other",
    "VACUUM INTO 'copy'",
    'CREATE TEMP TABLE t(a)',
    'BEGIN',
    'PRAGMA query_only = OFF',
    'PRAGMA query_only(0)',
    'PRAGMA main.hard_heap_limit = 0',
    'PRAGMA temp_store(1)',
    '/* only looking */ DROP TABLE accounts',
  ])('%s is refused', (sql) => {
    expect(() => ask(sql)).toThrow(code('query-write'));
    expect(ask('SELECT count(*) FROM accounts').rows).toEqual([[3]]);
  });

  test.each([
    ['', { own: 'empty' }],
    [' ; -- nothing', { own: 'empty' }],
    ['SELECT 1; SELECT 2', { own: 'several' }],
    ['SELEKT 1', { sqlite: expect.stringContaining('SELEKT') }],
    ['SELECT name，balance FROM accounts', { sqlite: expect.stringContaining('no such column') }],
    ['SELECT 1) UNION (SELECT 2', { sqlite: expect.stringContaining(')') }],
  ])('%s is refused with its reason', (sql, details) => {
    expect(() => ask(sql)).toThrow(expect.objectContaining({ code: 'query-failed', details }));
  });
});

describe('a file from somebody else', () => {
  const opened = async (bytes: Uint8Array): Promise<Database> => {
    const db = new (await initSqlJs()).Database(bytes);
    boundForeign(db);
    return db;
  };

  async function made(script: string): Promise<Uint8Array> {
    const db = new (await initSqlJs()).Database();
    db.run(script);
    return db.export();
  }

  test('is read, with odd names, and cannot be changed', async () => {
    const db = await opened(
      await made(`CREATE TABLE "odd ""name" (x TEXT); INSERT INTO "odd ""name" VALUES ('a');
        CREATE TRIGGER t AFTER INSERT ON "odd ""name" BEGIN DELETE FROM "odd ""name"; END; CREATE VIEW gone AS SELECT * FROM nowhere;`),
    );
    expect(readQuery(db, 'SELECT * FROM "odd ""name"', null).rows).toEqual([['a']]);
    expect(() => readQuery(db, 'SELECT * FROM gone', null)).toThrow(code('query-failed'));
    expect(() => readQuery(db, `INSERT INTO "odd ""name" VALUES ('b')`, null)).toThrow(code('query-write'));
    expect(() => readQuery(db, "ATTACH 'x' AS y", null)).toThrow(code('query-write'));
    expect(() => readQuery(db, 'SELECT hex(zeroblob(200000000))', null)).toThrow(code('query-too-large'));
    db.close();
  });

  test('of junk behind the first bytes, cut in the middle, or altered, gives an error', async () => {
    const junk = new Uint8Array(1 << 20).fill(7);
    junk.set(new TextEncoder().encode('SQLite format 3\0'));
    await expect(opened(junk)).rejects.toThrow(code('file-damaged'));
    const whole = await made(`CREATE TABLE a (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO a SELECT hex(randomblob(20)) FROM n`);
    await expect(opened(whole.slice(0, whole.length >> 1))).rejects.toThrow(code('file-damaged'));
    // Junk in a page beyond the first is met when the page is read.
    const db = await opened(whole.fill(9, whole.length >> 1, (whole.length >> 1) + 4_096));
    expect(() => readQuery(db, 'SELECT max(x) FROM a', null)).toThrow(code('query-failed'));
    db.close();
  });

  test('may have been in WAL mode', async () => {
    const bytes = await made('CREATE TABLE a (x); INSERT INTO a VALUES (1)');
    // File format versions 2, for reading and writing, mean WAL.
    bytes.set([2, 2], 18);
    const db = await opened(bytes);
    expect(readQuery(db, 'SELECT x FROM a', null).rows).toEqual([[1]]);
    db.close();
  });

  test('has no names of columns that fill the page', async () => {
    const db = await opened(await made(`CREATE TABLE a ("${'n'.repeat(5_000)}"); INSERT INTO a VALUES (1)`));
    expect(readQuery(db, 'SELECT * FROM a', null).columns).toEqual(['n'.repeat(200)]);
    db.close();
  });
});
