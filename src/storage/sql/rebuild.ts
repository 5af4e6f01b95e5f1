import { txidStart } from './blocks.ts';
import type { Sql } from './database.ts';

/** Rows written between two commits, so that SQLite's memory for uncommitted pages stays small. */
const ROWS_A_COMMIT = 5_000;

/** Each table comes after the tables that its rows refer to. `prepareSchema` writes `meta`. */
const TABLES = ['accounts', 'blocks', 'transactions', 'side_blocks', 'own_transactions'] as const;

/** Columns that are read by an expression instead of their name. */
const READ_AS: Readonly<Record<string, string>> = {
  // Version 1 had an index on an expression instead.
  txid_start: 'txid',
  // As bytes, because the decoder that sql.js uses for text drops a leading U+FEFF.
  memo: 'CAST(memo AS BLOB)',
};

/** Columns that are written by an expression instead of the value that was read. */
const WRITTEN_AS: Readonly<Record<string, string>> = { memo: 'CAST(? AS TEXT)' };

/**
 * Copies the rows of a database of an older version into an empty database of the present version. Opening that database checks them.
 *
 * Version 1 had the same rows in tables that only SQLite 3.37 and later can read. Unlike a change in place, a copy leaves no gaps in the
 * file.
 * @throws TabchainError `storage-sql` where SQLite cannot read the old database, which means damage
 */
export function rebuild(from: Sql, to: Sql): void {
  for (const table of TABLES) copyTable(from, to, table);
}

function copyTable(from: Sql, to: Sql, table: string): void {
  const columns = to.all('SELECT name FROM pragma_table_info(?) ORDER BY cid', [table]).map(([name]) => name as string);
  const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => WRITTEN_AS[name] ?? '?').join(', ')})`;
  const start = columns.indexOf('txid_start');
  let rows = 0;
  to.run('BEGIN');
  for (const row of from.each(`SELECT ${columns.map((name) => READ_AS[name] ?? name).join(', ')} FROM ${table} ORDER BY 1`)) {
    to.run(insert, start < 0 ? row : row.with(start, txidStart(row[start] as string)));
    if (++rows % ROWS_A_COMMIT === 0) {
      to.run('COMMIT');
      to.run('BEGIN');
    }
  }
  to.run('COMMIT');
}
