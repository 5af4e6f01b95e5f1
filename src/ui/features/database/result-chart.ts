import type { QueryResult } from '../../../api/api.ts';

/** Curves over a number or a time. */
export interface Lines {
  readonly kind: 'lines';
  readonly names: readonly string[];
  /** With ascending `x`; as many values as names. */
  readonly points: readonly { readonly x: number; readonly values: readonly number[] }[];
  /** Whether `x` is in Unix milliseconds. */
  readonly isTime: boolean;
}

/** Bars under labels. */
export interface Bars {
  readonly kind: 'bars';
  readonly names: readonly string[];
  readonly bars: readonly { readonly label: string; readonly values: readonly number[] }[];
  /** Rows that are not drawn. */
  readonly left: number;
}

export type ResultChart = Lines | Bars;

/** More bars than a reader compares. */
const MAX_BARS = 40;
const MAX_LABEL = 60;
/** With fewer points, bars show more than a curve. */
const LEAST_POINTS = 4;
const MAX_CURVES = 2;

const DATE = /^\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?$/;

/** The first one or two columns of numbers, drawn over the first column; null where no column fits. */
export function chartOf({ columns, rows }: Pick<QueryResult, 'columns' | 'rows'>): ResultChart | null {
  const chosen = columns.map((_, i) => i).filter((i) => i > 0 && isNumeric(rows, i));
  const drawn = chosen.slice(0, MAX_CURVES);
  if (drawn.length === 0) return null;
  const names = drawn.map((i) => columns[i]!);
  const points = rows.flatMap((row) => {
    const values = drawn.map((i) => row[i]);
    return values.every((value) => typeof value === 'number') ? [{ at: row[0] ?? null, values }] : [];
  });
  return linesOf(names, points) ?? barsOf(names, points);
}

interface Point {
  readonly at: string | number | null;
  readonly values: readonly number[];
}

function isNumeric(rows: QueryResult['rows'], column: number): boolean {
  const values = rows.map((row) => row[column]).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === 'number');
}

function linesOf(names: readonly string[], points: readonly Point[]): Lines | null {
  const isTime = points.every(({ at }) => typeof at === 'string' && DATE.test(at));
  const placed = points.map(({ at, values }) => ({ x: isTime ? Date.parse(`${String(at).replace(' ', 'T')}Z`) : at, values }));
  if (placed.length < LEAST_POINTS || !placed.every((point): point is { x: number; values: readonly number[] } => isFinitePoint(point.x)))
    return null;
  if (new Set(placed.map(({ x }) => x)).size < placed.length) return null;
  return { kind: 'lines', names, isTime, points: placed.sort((a, b) => a.x - b.x) };
}

const isFinitePoint = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);

function barsOf(names: readonly string[], points: readonly Point[]): Bars {
  const bars = points.slice(0, MAX_BARS).map(({ at, values }) => ({ label: String(at ?? 'NULL').slice(0, MAX_LABEL), values }));
  return { kind: 'bars', names, bars, left: points.length - bars.length };
}
