import type { QueryResult } from '../../../api/api.ts';

/**
 * What a step of a plan does. Only the first kinds read a table: `scan` reads every row, `scan-index` every entry of an index, `search` finds
 * rows by an index, `key` by the row's own number, and `auto` by an index that SQLite makes for this one query.
 */
export type StepKind =
  'scan' | 'scan-index' | 'search' | 'key' | 'auto' | 'sort' | 'constant' | 'subquery' | 'repeated' | 'compound' | 'recursive' | 'other';

export interface PlanStep {
  readonly kind: StepKind;
  /** The table, view or subquery that is read, or what is sorted; empty for the others. */
  readonly subject: string;
  readonly index: string;
  /** SQLite's own words. */
  readonly detail: string;
  readonly children: PlanStep[];
}

/** More steps, or deeper ones, are not drawn: a statement may have thousands. */
const MAX_STEPS = 300;
const MAX_DEPTH = 30;
const MAX_DETAIL = 300;

const PATTERNS: readonly (readonly [RegExp, StepKind])[] = [
  [/^SCAN CONSTANT ROW|^SCAN \d+ CONSTANT ROWS?/, 'constant'],
  [/^SEARCH (?<subject>.+?) USING (?:INTEGER PRIMARY KEY|ROWID)/, 'key'],
  [/^SEARCH (?<subject>.+?) USING AUTOMATIC /, 'auto'],
  [/^SEARCH (?<subject>.+?) USING (?:PARTIAL )?(?:COVERING )?INDEX (?<index>\S+)/, 'search'],
  [/^SEARCH (?<subject>\S+)/, 'search'],
  [/^SCAN (?<subject>.+?) USING (?:PARTIAL )?(?:COVERING )?INDEX (?<index>\S+)/, 'scan-index'],
  [/^SCAN (?<subject>\S+)/, 'scan'],
  [/^USE TEMP B-TREE FOR (?<subject>.+)/, 'sort'],
  [/^CORRELATED /, 'repeated'],
  [/^(?:CO-ROUTINE|MATERIALIZE) (?<subject>.+)/, 'subquery'],
  [/^(?:SCALAR|LIST) SUBQUERY|^LEFT-MOST SUBQUERY/, 'subquery'],
  [/^RECURSIVE STEP|^SETUP/, 'recursive'],
  [/^COMPOUND QUERY|^UNION|^EXCEPT|^INTERSECT|^MERGE|^LEFT$|^RIGHT$|^MULTI-INDEX OR/, 'compound'],
];

/** Whether a result is that of EXPLAIN QUERY PLAN. */
export function isPlan({ columns }: Pick<QueryResult, 'columns'>): boolean {
  return columns.join() === 'id,parent,notused,detail';
}

/** The tree of the rows of EXPLAIN QUERY PLAN. */
export function planOf(rows: QueryResult['rows']): PlanStep[] {
  const top: PlanStep[] = [];
  const known = new Map<string, { children: PlanStep[]; depth: number }>();
  for (const [id, parent, , detail] of rows.slice(0, MAX_STEPS)) {
    const above = known.get(String(parent));
    const step = stepOf(String(detail));
    (above?.children ?? top).push(step);
    const depth = (above?.depth ?? 0) + 1;
    // Deeper steps are drawn beside each other.
    known.set(String(id), { children: depth < MAX_DEPTH ? step.children : (above?.children ?? top), depth });
  }
  return top;
}

function stepOf(text: string): PlanStep {
  const detail = text.slice(0, MAX_DETAIL);
  for (const [pattern, kind] of PATTERNS) {
    const match = pattern.exec(detail);
    if (match) return { kind, subject: match.groups?.['subject'] ?? '', index: match.groups?.['index'] ?? '', detail, children: [] };
  }
  return { kind: 'other', subject: '', index: '', detail, children: [] };
}

/** Numbers of the steps that read whole tables, and of those that find their rows. */
export function readsOf(steps: readonly PlanStep[]): { scans: number; searches: number } {
  const all = steps.map(({ kind, children }) => {
    const below = readsOf(children);
    const isScan = kind === 'scan' || kind === 'scan-index';
    const isSearch = kind === 'search' || kind === 'key' || kind === 'auto';
    return { scans: below.scans + Number(isScan), searches: below.searches + Number(isSearch) };
  });
  return all.reduce((sum, each) => ({ scans: sum.scans + each.scans, searches: sum.searches + each.searches }), { scans: 0, searches: 0 });
}

/** The statement that explains `sql`. */
export function explained(sql: string): string {
  return /^\s*explain\b/i.test(sql) ? sql : `EXPLAIN QUERY PLAN\n${sql}`;
}
