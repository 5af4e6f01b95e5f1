import type { Fields } from '../../../util/stored-record.ts';

/** A query that the user gave a name. */
export interface SavedQuery {
  readonly name: string;
  readonly sql: string;
}

export const MAX_HISTORY = 50;
export const MAX_SAVED = 50;
export const MAX_NAME = 60;
/** Characters of all stored queries of a record together; a record has room for 131,072 characters with its escapes. */
export const MAX_CHARACTERS = 50_000;

/** The queries that were run, newest first, with `sql` in front: without the same query further back, and within the limits. */
export function remembered(history: readonly string[], sql: string): string[] {
  return bounded([sql, ...history.filter((each) => each !== sql)]);
}

function bounded(history: readonly string[]): string[] {
  let left = MAX_CHARACTERS;
  const kept: string[] = [];
  for (const sql of history) {
    left -= sql.length;
    if (kept.length === MAX_HISTORY || left < 0) break;
    kept.push(sql);
  }
  return kept;
}

/** Why a query cannot be saved. */
export type SaveProblem = 'empty' | 'full' | 'long';

/** The saved queries with one more; a query of the same name is replaced. */
export function saved(queries: readonly SavedQuery[], name: string, sql: string): readonly SavedQuery[] | SaveProblem {
  const own = name.trim().slice(0, MAX_NAME);
  if (own === '' || sql.trim() === '') return 'empty';
  const others = queries.filter((each) => each.name !== own);
  if (others.length === MAX_SAVED) return 'full';
  const characters = others.reduce((sum, each) => sum + each.sql.length, sql.length);
  if (characters > MAX_CHARACTERS) return sql.length > MAX_CHARACTERS ? 'long' : 'full';
  return [{ name: own, sql }, ...others];
}

/** What a record holds. Other programs can write to it, so each entry is checked. */
export function readHistory({ history }: Fields): string[] {
  return Array.isArray(history) ? bounded(history.filter((each): each is string => typeof each === 'string' && each !== '')) : [];
}

export function readSaved({ saved: stored }: Fields): SavedQuery[] {
  if (!Array.isArray(stored)) return [];
  let queries: readonly SavedQuery[] = [];
  for (const each of (stored as unknown[]).slice(0, MAX_SAVED).reverse()) {
    const { name, sql } = (each ?? {}) as Partial<Record<keyof SavedQuery, unknown>>;
    if (typeof name !== 'string' || typeof sql !== 'string') continue;
    const next = saved(queries, name, sql);
    if (typeof next !== 'string') queries = next;
  }
  return [...queries];
}
