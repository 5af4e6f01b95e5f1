import type { RelationInfo } from '../../../api/api.ts';
import { isQuoted, withoutQuoted } from './sql.ts';

export interface Column {
  readonly name: string;
  /** The declared type; empty where there is none. */
  readonly type: string;
  /** In the reader's language; empty where nobody has explained the column. */
  readonly meaning: string;
}

export interface Relation {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly meaning: string;
  readonly columns: readonly Column[];
}

/**
 * The schema with its explanations in the reader's language.
 * @param meanings by "table" and "table.column"; null where the English explanations serve
 */
export function schemaIn(meanings: Readonly<Record<string, string>> | null, relations: readonly RelationInfo[]): Relation[] {
  const own = (key: string, english: string): string => meanings?.[key] ?? english;
  return relations.map(({ name, kind, meaning, columns }) => ({
    name,
    kind,
    meaning: own(name, meaning),
    columns: columns.map((column) => ({ name: column.name, type: column.type, meaning: own(column.key, column.meaning) })),
  }));
}

/** A word that fits where somebody types. */
export interface Word {
  readonly text: string;
  readonly kind: 'relation' | 'column' | 'keyword';
  /** The declared type, or the relations that have the column; empty for a keyword. */
  readonly detail: string;
  readonly meaning: string;
}

/** Keywords and functions of questions, as SQLite knows them. */
const SPOKEN =
  `SELECT FROM WHERE AND OR NOT IN IS NULL LIKE BETWEEN EXISTS AS DISTINCT JOIN LEFT ON USING ORDER BY GROUP HAVING LIMIT OFFSET
ASC DESC CASE WHEN THEN ELSE END UNION ALL EXCEPT INTERSECT WITH RECURSIVE OVER PARTITION ROWS PRECEDING FOLLOWING CURRENT ROW CAST VALUES
EXPLAIN QUERY PLAN count sum avg min max round abs coalesce nullif length lower upper substr replace trim instr printf hex datetime date
strftime lag lead row_number rank dense_rank ntile first_value last_value group_concat`
    .split(/\s+/)
    .map((text): Word => ({ text, kind: 'keyword', detail: '', meaning: '' }));

/** More relations in the detail of a column would only push the words aside. */
const MAX_NAMED = 3;

/** Words behind a relation that are not another name of the relation. */
const KEYWORDS =
  /^(?:on|using|where|join|left|right|full|inner|outer|cross|natural|group|order|having|limit|union|except|intersect|window|set|not|indexed)$/;

/** The relations that a statement names, each also by the other names that the statement gives it. */
function named(schema: readonly Relation[], sql: string): Map<string, Relation> {
  const relations = new Map(schema.map((relation) => [relation.name.toLowerCase(), relation]));
  const found = new Map<string, Relation>();
  const tokens =
    withoutQuoted(sql)
      .toLowerCase()
      .match(/\w+|[^\s\w]/g) ?? [];
  tokens.forEach((token, i) => {
    const relation = relations.get(token);
    if (!relation || tokens[i + 1] === '.' || tokens[i - 1] === '.') return;
    found.set(token, relation);
    const other = tokens[i + 1] === 'as' ? tokens[i + 2] : tokens[i + 1];
    const isSource = /^(?:from|join|,)$/.test(tokens[i - 1] ?? '');
    if (isSource && other !== undefined && /^\w/.test(other) && !KEYWORDS.test(other)) found.set(other, relation);
  });
  return found;
}

/** Words for the position `at` of a statement, and where the word that is being typed begins; null inside texts and comments. */
export function wordsAt(schema: readonly Relation[], sql: string, at: number): { from: number; words: Word[] } | null {
  if (isQuoted(sql, at)) return null;
  const { 1: qualifier, 2: typed = '' } = /(?:\b(\w+)\s*\.\s*)?(\w*)$/.exec(sql.slice(0, at)) ?? [];
  const from = at - typed.length;
  const relations = named(schema, sql);
  if (qualifier !== undefined) {
    const relation = relations.get(qualifier.toLowerCase()) ?? schema.find(({ name }) => name.toLowerCase() === qualifier.toLowerCase());
    if (!relation) return null;
    return { from, words: relation.columns.map(({ name, type, meaning }) => ({ text: name, kind: 'column', detail: type, meaning })) };
  }
  const known = new Set(relations.values());
  return { from, words: [...columnWords(known.size > 0 ? [...known] : schema), ...schema.map(relationWord), ...SPOKEN] };
}

const relationWord = ({ name, kind, meaning }: Relation): Word => ({ text: name, kind: 'relation', detail: kind, meaning });

/** Each name of a column once. */
function columnWords(relations: readonly Relation[]): Word[] {
  const owners = new Map<string, { column: Column; of: string[] }>();
  for (const { name: owner, columns } of relations) {
    for (const column of columns) {
      const known = owners.get(column.name);
      if (known) known.of.push(owner);
      else owners.set(column.name, { column, of: [owner] });
    }
  }
  return [...owners.values()].map(({ column, of }) => ({
    text: column.name,
    kind: 'column',
    detail: of.length > MAX_NAMED ? `${of.slice(0, MAX_NAMED).join(', ')}, …` : of.join(', '),
    meaning: column.meaning,
  }));
}

/** What the word at a position means. */
export interface Explanation {
  readonly from: number;
  readonly to: number;
  readonly title: string;
  readonly detail: string;
  readonly meaning: string;
}

/** Explains the relation or column at `at`; null where there is none, or nobody has explained it. */
export function explanationAt(schema: readonly Relation[], sql: string, at: number): Explanation | null {
  if (isQuoted(sql, at)) return null;
  const from = at - (/\w*$/.exec(sql.slice(0, at))?.[0].length ?? 0);
  const word = /^\w*/.exec(sql.slice(from))?.[0].toLowerCase() ?? '';
  const to = from + word.length;
  const relations = named(schema, sql);
  const qualifier = /\b(\w+)\s*\.\s*$/.exec(sql.slice(0, from))?.[1]?.toLowerCase();
  const relation = qualifier === undefined ? schema.find(({ name }) => name.toLowerCase() === word) : undefined;
  if (relation)
    return relation.meaning === '' ? null : { from, to, title: relation.name, detail: relation.kind, meaning: relation.meaning };
  const owner = qualifier === undefined ? undefined : relations.get(qualifier);
  const places = owner ? [owner] : relations.size > 0 ? [...new Set(relations.values())] : schema;
  for (const { name, columns } of places) {
    const column = columns.find((each) => each.name.toLowerCase() === word);
    if (column && column.meaning !== '') {
      return { from, to, title: `${name}.${column.name}`, detail: column.type, meaning: column.meaning };
    }
  }
  return null;
}
