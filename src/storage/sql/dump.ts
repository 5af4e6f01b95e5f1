import { TabchainError } from '../../util/errors.ts';
import { hasBase } from './base-rows.ts';
import type { Sql } from './database.ts';

/**
 * The tables that must be equal in two databases of the same chain, including their ids, because the chain determines the ids.
 * Side blocks and own transactions differ between tabs.
 */
const TABLES = ['accounts', 'blocks', 'transactions'] as const;

/**
 * The canonical dump: one line for each row, with blobs as hexadecimal. Equal texts mean equal chains and accounts.
 * O(database): for tests and for auditing, not for a running node.
 * @throws TabchainError `file-recent-only` for a recent chain, whose rows depend on where it begins
 */
export function canonicalDump(sql: Sql): string {
  if (hasBase(sql)) throw new TabchainError('file-recent-only', 'A recent chain has no canonical dump.');
  const lines: string[] = [];
  for (const table of TABLES) {
    const key = table === 'blocks' ? 'height' : 'id';
    const columns = sql.all('SELECT name FROM pragma_table_info(?) ORDER BY cid', [table]).map(([name]) => name as string);
    const values = columns.map((name) => `quote(${name})`).join(` || ' ' || `);
    lines.push(`${table}: ${columns.join(' ')}`);
    for (const [line] of sql.all(`SELECT ${values} FROM ${table} ORDER BY ${key}`)) lines.push(line as string);
  }
  return lines.join('\n');
}
