import type { SqlValue } from 'sql.js';
import { equalBytes, toHex } from '../util/bytes.ts';
import { errorCode } from '../util/errors.ts';
import { RowError, type CheckedTable } from './row-error.ts';
import type { Row, Sql } from './sql/database.ts';

/** Rows of the replayed database in memory at a time. Of the file, memory holds one row. */
const ROWS_AT_ONCE = 200;
/** Characters of a value in a report. */
const SHOWN_CHARACTERS = 80;

const KEYS: { readonly [T in CheckedTable]: string } = { meta: 'key', accounts: 'id', blocks: 'height', transactions: 'id' };

/** Columns read by an expression, because the decoder that sql.js uses for text drops a leading U+FEFF. */
const READ_AS: Readonly<Record<string, string>> = { memo: 'CAST(memo AS BLOB)' };

/**
 * Compares the rows of a file with the rows that the same blocks gave here, for keys from `from` (inclusive) to `to` (exclusive).
 * @param file the rows of a stranger: may hold any value, and rows without end
 * @param own the rows that this program made
 * @throws RowError at the first row that differs, is missing or is too many
 */
export function compareRows(file: Sql, own: Sql, table: CheckedTable, from: number | string, to: number | string): void {
  const columns = own.all('SELECT name FROM pragma_table_info(?) ORDER BY cid', [table]).map(([name]) => name as string);
  const key = KEYS[table];
  const sql = `SELECT ${key}, ${columns.map((name) => READ_AS[name] ?? name).join(', ')} FROM ${table}
    WHERE ${key} >= ? AND ${key} < ? ORDER BY ${key} LIMIT ${ROWS_AT_ONCE}`;
  for (let start = from; ;) {
    const expected = own.all(sql, [start, to]);
    let count = 0;
    try {
      file.visit(sql, [start, to], (row) => compareRow(table, columns, row, expected[count++]));
    } catch (error) {
      if (errorCode(error) !== 'storage-sql') throw error;
      throw new RowError('file-damaged', table, expected[count]?.[0] ?? start);
    }
    if (count < expected.length) throw new RowError('file-row-missing', table, expected[count]![0]);
    if (count < ROWS_AT_ONCE) return;
    start = (expected.at(-1)![0] as number) + 1;
  }
}

/** Both rows begin with their key. */
function compareRow(table: CheckedTable, columns: readonly string[], row: Row, expected: Row | undefined): void {
  const [key] = row;
  if (!expected || key! < expected[0]!) throw new RowError('file-row-extra', table, key);
  if (key! > expected[0]!) throw new RowError('file-row-missing', table, expected[0]);
  for (const [index, column] of columns.entries()) {
    const [found, wanted] = [row[index + 1]!, expected[index + 1]!];
    if (same(found, wanted)) continue;
    throw new RowError('file-row-differs', table, key, { column, found: shown(found), expected: shown(wanted) });
  }
}

function same(a: SqlValue, b: SqlValue): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? equalBytes(a, b) : a === b;
}

function shown(value: SqlValue): string {
  const text = value instanceof Uint8Array ? toHex(value.subarray(0, SHOWN_CHARACTERS)) : value === null ? 'NULL' : String(value);
  return text.length > SHOWN_CHARACTERS ? text.slice(0, SHOWN_CHARACTERS) + '…' : text;
}
