import schema from './schema.sql?raw';

/** A column of a table or view, as `schema.sql` explains it. */
export interface DescribedColumn {
  readonly name: string;
  /** The declared type; empty for a column of a view. */
  readonly type: string;
  readonly meaning: string;
  /** "table.column" of the place that gives the meaning: for "as in blocks" it is the column of `blocks`. */
  readonly key: string;
}

export interface DescribedRelation {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly meaning: string;
  readonly columns: DescribedColumn[];
}

/** The comment lines before a statement, the statement's kind, its name, and its text up to the next statement. */
const STATEMENT = /((?:^--[^\n]*\n)*)^CREATE (TABLE|VIEW) (\w+)([^]*?);$/gm;

/**
 * Describes the tables and views of `schema.sql` by its comments, so that people read one text everywhere. The lines before a statement explain
 * the relation; the comment behind a column explains the column. "as in blocks" stands for the text of the column of that name in `blocks`,
 * and a view's column without a comment has the text of the relation that the view reads.
 */
export function describeSchema(schema: string): DescribedRelation[] {
  const described = new Map<string, DescribedRelation>();
  for (const [, comment = '', kind, name = '', body = ''] of schema.matchAll(STATEMENT)) {
    const source = /^FROM (\w+)/m.exec(body)?.[1];
    const columns = columnsOf(body, kind === 'VIEW').map((column) => {
      const other = /^as in (\w+)/.exec(column.comment)?.[1] ?? (column.comment === '' ? source : undefined);
      const same = other === undefined ? undefined : described.get(other)?.columns.find((each) => each.name === column.name);
      return { name: column.name, type: column.type, meaning: same?.meaning ?? column.comment, key: same?.key ?? `${name}.${column.name}` };
    });
    const meaning = comment.replace(/^-- ?/gm, '').replace(/\s+/g, ' ').trim();
    described.set(name, { name, kind: kind === 'VIEW' ? 'view' : 'table', meaning, columns });
  }
  return [...described.values()];
}

/** The tables and views of this version. */
export function ownRelations(): DescribedRelation[] {
  return describeSchema(schema);
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

function columnsOf(body: string, isView: boolean): Column[] {
  const list = isView ? between(body, /\bSELECT\s/, /^FROM /m) : between(body, /\(\n/, /^\)/m);
  return partsOf(list).map(({ code, comment }) => {
    const words = code.match(/\w+/g) ?? [];
    return isView ? { name: words.at(-1) ?? '', type: '', comment } : { name: words[0] ?? '', type: words[1] ?? '', comment };
  });
}

function between(text: string, start: RegExp, end: RegExp): string {
  const opened = start.exec(text);
  if (!opened) return '';
  const rest = text.slice(opened.index + opened[0].length);
  const closed = end.exec(rest);
  return closed ? rest.slice(0, closed.index) : rest;
}

/** The parts of a list between its commas, each with the comment on its last line. Commas in parentheses and comments separate nothing. */
function partsOf(list: string): { code: string; comment: string }[] {
  const parts = [{ code: '', comment: '' }];
  let depth = 0;
  let isComplete = false;
  for (const [token] of list.matchAll(/--[^\n]*|[(),]|[^-(),]+|-/g)) {
    if (token.startsWith('--')) {
      parts.at(-1)!.comment = token.slice(2).trim();
      continue;
    }
    if (isComplete && token.trim() !== '') {
      parts.push({ code: '', comment: '' });
      isComplete = false;
    }
    if (token === ',' && depth === 0) isComplete = true;
    else parts.at(-1)!.code += token;
    if (token === '(') depth++;
    if (token === ')') depth--;
  }
  return parts.filter(({ code }) => code.trim() !== '');
}
