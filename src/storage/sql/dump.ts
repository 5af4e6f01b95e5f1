import type { Sql } from './database.ts';

/**
 * What must be equal in two databases that hold the same chain: all rows of the active chain and its accounts, keys included,
 * for ids too are a function of the chain. Side blocks, own transactions and caches are this tab's business and left out.
 */
const TABLES = ['accounts', 'blocks', 'transactions'] as const;

/**
 * The canonical dump: one line a row, columns by name, blobs as hexadecimal. Equal texts mean equal chains and accounts.
 * O(database): for tests and for auditing, not for a running node.
 */
export function canonicalDump(sql: Sql): string {
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
