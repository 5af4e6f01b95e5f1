import { readFileSync } from 'node:fs';
import type { Database, SqlJsStatic, SqlValue } from 'sql.js';

/** As version 1 was released; never edited. */
const SCHEMA = readFileSync(new URL('./schema-1.sql', import.meta.url), 'utf8');

/** Tables in an order in which every row finds the rows that it refers to. */
const TABLES = ['meta', 'accounts', 'blocks', 'transactions', 'side_blocks', 'own_transactions'];

/** The rows of a database of the present version in one as version 1 made them. */
export function asFirstVersion(sqlJs: SqlJsStatic, bytes: Uint8Array): Database {
  const present = new sqlJs.Database(bytes);
  const old = new sqlJs.Database();
  old.exec(`${SCHEMA}; PRAGMA user_version = 1`);
  for (const table of TABLES) {
    // Leaves out generated columns.
    const columns = old.exec(`PRAGMA table_info(${table})`)[0]!.values.map(([, name]) => name as string);
    const read = columns.map((name) => (name === 'memo' ? 'CAST(memo AS BLOB)' : name)).join(', ');
    const written = columns.map((name) => (name === 'memo' ? 'CAST(? AS TEXT)' : '?')).join(', ');
    const rows: SqlValue[][] = present.exec(`SELECT ${read} FROM ${table}`)[0]?.values ?? [];
    for (const row of rows) old.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${written})`, row);
  }
  present.close();
  return old;
}
