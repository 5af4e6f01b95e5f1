import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Database, SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { registrationOf, BlockBuilder, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { writeBase } from '../../../src/storage/sql/base-rows.ts';
import { baseAt, feed, loadSqlJs, openNode } from '../chain/support.ts';

/** A network with amounts beyond 32 bits. */
const network = testNetwork({ subsidy: 2 ** 40 });
const alex = testAccount('alex');
const ming = testAccount('ming');
const schema = readFileSync(new URL('../../../src/storage/sql/schema.sql', import.meta.url), 'utf8');

/** SQLite 3.8.7, in a version of sql.js without types. */
interface OldSqlJs {
  Database: new (bytes: Uint8Array) => Pick<Database, 'exec' | 'close'>;
}

let sqlJs: SqlJsStatic;
let exported: Uint8Array;

beforeAll(async () => {
  sqlJs = await loadSqlJs();
  const builder = new BlockBuilder(network);
  const first = builder.next(builder.genesis, {
    miner: alex,
    transactions: [registrationOf(network, alex), registrationOf(network, ming)],
  });
  const payment = transferOf(network, alex, { to: ming, amount: 2 ** 39 + 1, fee: 400, nonce: 0, memo: '茶' });
  const last = builder.next(first, { miner: ming, transactions: [payment] });
  const node = await openNode(sqlJs, network);
  await feed(node, [first, last, ...builder.extend(first, 1, { miner: ming })]);
  await node.mempool.accept(transferOf(network, ming, { to: alex, amount: 1, fee: 1_000, nonce: 0 }), true);
  // No file has rows in all tables; this one does.
  writeBase(node.store.sql, baseAt(builder, last));
  exported = node.store.export();
});

/** The schema's statements without comments. */
const statements = schema.replace(/--.*$/gm, '');

/** All functions and words that the schema uses before a parenthesis; SQLite 3.8.0 has each of them. */
const OLD_FUNCTIONS = ['coalesce', 'count', 'datetime', 'max', 'min', 'nullif', 'sum', 'typeof'];
const OLD_WORDS = ['CHECK', 'FROM', 'IN', 'REFERENCES accounts', 'SELECT'];

/** Newer syntax, with the version that introduced it. */
const NEWER: readonly (readonly [string, RegExp])[] = [
  ['WITHOUT ROWID (3.8.2)', /WITHOUT\s+ROWID/i],
  ['WITH (3.8.3)', /^\s*WITH\b|\bAS\s*\(\s*WITH\b|\bRECURSIVE\b/im],
  ['an index on an expression (3.9)', /CREATE\s+(UNIQUE\s+)?INDEX[^(]*\([^)]*\(/i],
  ['a row value (3.15)', /\)\s*(=|<|>)\s*\(\s*\w+\s*,/],
  ['TRUE and FALSE (3.23)', /\b(TRUE|FALSE)\b/i],
  ['ON CONFLICT DO (3.24)', /ON\s+CONFLICT\s*(\(|DO)/i],
  ['a window (3.25)', /\bOVER\b|\bFILTER\s*\(/i],
  ['NULLS FIRST (3.30)', /\bNULLS\s+(FIRST|LAST)\b/i],
  ['a generated column (3.31)', /GENERATED\s+ALWAYS|\)\s*(VIRTUAL|STORED)\b/i],
  ['RETURNING (3.35)', /\bRETURNING\b/i],
  ['MATERIALIZED (3.35)', /\bMATERIALIZED\b/i],
  ['STRICT (3.37)', /\bSTRICT\b/i],
  ['-> (3.38)', /->/],
  ['IS DISTINCT FROM (3.39)', /IS\s+(NOT\s+)?DISTINCT\s+FROM/i],
  ['a right or full join (3.39)', /\b(RIGHT|FULL)\s+(OUTER\s+)?JOIN\b/i],
];

describe('an exported file', () => {
  test.each(NEWER)('does without %s', (_, syntax) => {
    expect(statements).not.toMatch(syntax);
  });

  test('calls no function that SQLite 3.8.0 lacks', () => {
    const called = new Set([...statements.matchAll(/([a-z_]+)\s*\(/g)].map(([, name]) => name!));
    const tables = [...statements.matchAll(/(?:TABLE|INDEX|ON|REFERENCES) (\w+)/g)].map(([, name]) => name!);
    expect([...called].filter((name) => !tables.includes(name)).sort()).toEqual(OLD_FUNCTIONS);
    const words = new Set([...statements.matchAll(/\b([A-Z]+)\s*\(/g)].map(([, word]) => word!));
    expect([...words].filter((word) => !OLD_WORDS.includes(word))).toEqual([]);
  });

  test('opens in SQLite 3.8, and every table and view has the same rows there', () => {
    // Required, not imported: searching 3 MB of code for exports takes longer than running it.
    const { Database: OldDatabase } = createRequire(import.meta.url)('sql.js-old') as OldSqlJs;
    const old = new OldDatabase(exported);
    const present = new sqlJs.Database(exported);
    const ask = (sql: string): unknown => {
      const [was, is] = [old.exec(sql), present.exec(sql)];
      expect(was).toEqual(is);
      return was[0]?.values;
    };
    expect(old.exec('SELECT sqlite_version()')[0]!.values[0]![0]).toMatch(/^3\.8\./);
    expect(ask('PRAGMA integrity_check')).toEqual([['ok']]);
    const names = ask(`SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name`) as string[][];
    expect(names.length).toBe(14);
    const empty = names.filter(([name]) => ((ask(`SELECT * FROM ${name}`) ?? []) as unknown[]).length === 0);
    expect(empty).toEqual([]);
    old.close();
    present.close();
  });
});

describe('a column', () => {
  const TABLES = ['meta', 'accounts', 'blocks', 'transactions', 'side_blocks', 'own_transactions', 'earlier_headers', 'earlier_history'];

  test('takes no value of another type, in any table', () => {
    const database = new sqlJs.Database(exported);
    database.run('PRAGMA foreign_keys = OFF');
    const taken: string[] = [];
    for (const table of TABLES) {
      const columns = database.exec(`PRAGMA table_info(${table})`)[0]!.values;
      for (const [, name, type, , , key] of columns) {
        // An INTEGER PRIMARY KEY is the rowid, which takes no other type anyway.
        if (type === 'INTEGER' && key === 1) continue;
        const wrong =
          type === 'BLOB' ? [`'text'`, '7', '1.5'] : type === 'TEXT' ? [`x'00'`] : [`'text'`, `x'00'`, ...(type === 'REAL' ? [] : ['1.5'])];
        for (const value of wrong) {
          try {
            database.run(`UPDATE ${table} SET ${name} = ${value}`);
            taken.push(`${table}.${name} = ${value}`);
          } catch {
            // Expected.
          }
        }
      }
    }
    expect(taken).toEqual([]);
    database.close();
  });

  test('derived from another cannot disagree with it', () => {
    const database = new sqlJs.Database(exported);
    for (const change of ['height = height + 1', 'position = position + 1', `kind = 'gift'`, 'recipient = NULL']) {
      expect(() => database.run(`UPDATE transactions SET ${change} WHERE recipient IS NOT NULL`)).toThrow(/CHECK constraint/);
    }
    database.close();
  });
});
