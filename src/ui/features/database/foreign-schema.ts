import type { QueryResult } from '../../../api/api.ts';
import type { Relation } from './words.ts';

/** More tables of a file are not listed. */
const MAX_RELATIONS = 100;
const MAX_COLUMNS = 100;
const MAX_NAME = 80;

type Ask = (sql: string, params?: readonly string[]) => Promise<Pick<QueryResult, 'rows'>>;

/** The tables and views of somebody else's file. Nothing in it is trusted: names are cut, and a view that SQLite refuses has no columns. */
export async function foreignSchema(ask: Ask): Promise<Relation[]> {
  const { rows } = await ask(`SELECT substr(name, 1, ${MAX_NAME}), type FROM sqlite_schema
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY type, name LIMIT ${MAX_RELATIONS}`);
  const relations: Relation[] = [];
  for (const [name, type] of rows) {
    const kind = type === 'view' ? 'view' : 'table';
    relations.push({ name: String(name), kind, meaning: '', columns: await columnsOf(ask, String(name)) });
  }
  return relations;
}

async function columnsOf(ask: Ask, relation: string): Promise<Relation['columns']> {
  const sql = `SELECT substr(name, 1, ${MAX_NAME}), substr(type, 1, ${MAX_NAME}) FROM pragma_table_info(?) LIMIT ${MAX_COLUMNS}`;
  const { rows } = await ask(sql, [relation]).catch(() => ({ rows: [] }));
  return rows.map(([name, type]) => ({ name: String(name), type: String(type ?? ''), meaning: '' }));
}

/** The same tables, with the explanations of `known` for those of the same names. */
export function explainedBy(relations: readonly Relation[], known: readonly Relation[]): Relation[] {
  return relations.map((relation) => {
    const own = known.find(({ name }) => name === relation.name);
    const columns = relation.columns.map((column) => ({
      ...column,
      meaning: own?.columns.find(({ name }) => name === column.name)?.meaning ?? '',
    }));
    return { ...relation, meaning: own?.meaning ?? '', columns };
  });
}
