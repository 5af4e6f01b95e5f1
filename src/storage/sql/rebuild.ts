import { txidStart } from './blocks.ts';
import type { Sql } from './database.ts';

/** Rows written between two commits: what SQLite holds of them in its own memory meanwhile stays small. */
const ROWS_A_COMMIT = 5_000;

/** Tables in an order in which every row finds the rows that it refers to. `meta` is written by whoever makes the new database. */
const TABLES = ['accounts', 'blocks', 'transactions', 'side_blocks', 'own_transactions'] as const;

/** How a column is read where its name alone does not do. */
const READ_AS: Readonly<Record<string, string>> = {
  // Version 1 had an index on an expression instead.
  txid_start: 'txid',
  // As bytes, because sql.js reads text with a decoder that swallows a leading U+FEFF.
  memo: 'CAST(memo AS BLOB)',
};

/** How a column is written where the value that was read is not the one to write. */
const WRITTEN_AS: Readonly<Record<string, string>> = { memo: 'CAST(? AS TEXT)' };

/**
 * Brings the rows of a database of an older version into an empty one of the present version. Nothing is checked here that opening does not
 * check; what SQLite cannot read is damage.
 *
 * Version 1 had the same rows in tables that only SQLite from 3.37 on can read. Written again they make a file without gaps, which changing
 * them in place would not.
 * @throws TabchainError `storage-sql`
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
