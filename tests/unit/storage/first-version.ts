import { readFileSync } from 'node:fs';
import type { Database, SqlJsStatic, SqlValue } from 'sql.js';

/** The schema as released in version 1; never edit the file. */
const SCHEMA = readFileSync(new URL('./schema-1.sql', import.meta.url), 'utf8');

/** Tables in an order such that rows come after the rows that they refer to. */
const TABLES = ['meta', 'accounts', 'blocks', 'transactions', 'side_blocks', 'own_transactions'];

/** Copies the rows of a database of the current version into a database of version 1. */
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
