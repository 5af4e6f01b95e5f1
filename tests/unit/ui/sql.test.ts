import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mendSql } from '../../../src/ui/features/database/sql.ts';

describe('mendSql', () => {
  it.each([
    ['SELECT name，balance FROM accounts；', 'SELECT name,balance FROM accounts;'],
    ['SELECT * FROM accounts WHERE name = ‘alex’', "SELECT * FROM accounts WHERE name = 'alex'"],
    ['SELECT “name” FROM accounts', 'SELECT "name" FROM accounts'],
    ['SELECT ’it is ok’', "SELECT 'it is ok'"],
    ["SELECT ‘it's’", "SELECT 'it''s'"],
    ['SELECT 「王，小明」', "SELECT '王，小明'"],
    ['ＳＥＬＥＣＴ　ｃｏｕｎｔ（＊）　ＦＲＯＭ　ｂｌｏｃｋｓ', 'SELECT count(*) FROM blocks'],
    ['SELECT a、b FROM t WHERE a≥１', 'SELECT a,b FROM t WHERE a>=1'],
    ['SELECT 1\u00a0+\u00a02', 'SELECT 1 + 2'],
    ['—— note', '-- note'],
  ])('%s', (given, sql) => {
    expect(mendSql(given).sql).toBe(sql);
  });

  it.each([
    "SELECT '你好，世界；「」‘’“”'",
    'SELECT "欄，位" FROM t',
    'SELECT `欄，位`, [欄，位] FROM t',
    'SELECT 1 -- 註解，與「引號」\n, 2',
    'SELECT /* 註解，（） */ 1',
    "SELECT 'it''s，fine', 1",
    "SELECT '，never closed",
    'SELECT 餘額 FROM 帳戶',
    '',
  ])('%s stays as it is', (sql) => {
    expect(mendSql(sql)).toEqual({ sql, replaced: [] });
  });

  it('names what it replaced', () => {
    expect(mendSql('SELECT ‘a’，‘b’；').replaced).toEqual([
      ['‘', "'"],
      ['’', "'"],
      ['，', ','],
      ['；', ';'],
    ]);
  });

  it('corrects everything at once, and leaves ASCII alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab ，；‘’“”「」（）\'"`[]-/*\n1') }), (text) => {
        const { sql } = mendSql(text);
        expect(mendSql(sql).sql).toBe(sql);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => text !== text.replace(/[^ -~\n\t]/g, '') || mendSql(text).sql === text));
  });
});
