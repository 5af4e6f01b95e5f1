import type { QueryResult } from '../../../api/api.ts';

/** The rows of a long table that are on screen, and some around them. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Cells drawn around those on screen: enough that scrolling shows no gap, few enough that no keystroke waits. */
const AROUND_CELLS = 600;

/**
 * The rows to draw.
 * @param scroll pixels above the visible part
 * @param view height of the visible part in pixels
 */
export function windowOf(scroll: number, view: number, rowHeight: number, rows: number, columns: number): Window {
  const around = Math.max(4, Math.min(20, Math.floor(AROUND_CELLS / Math.max(1, columns))));
  const first = Math.floor(Math.max(0, scroll) / rowHeight);
  const last = Math.ceil((Math.max(0, scroll) + view) / rowHeight);
  const from = Math.max(0, Math.min(first, rows) - around);
  return { from, to: Math.min(rows, last + around) };
}

/** Rows whose cells decide the widths. */
const SAMPLE_ROWS = 200;
const [LEAST_WIDTH, MOST_WIDTH] = [4, 34];

/** Widths of the columns in characters, by their names and first rows. Fixed widths keep columns in place while rows come and go. */
export function widthsOf({ columns, rows }: Pick<QueryResult, 'columns' | 'rows'>): number[] {
  const sample = rows.slice(0, SAMPLE_ROWS);
  return columns.map((name, i) => {
    const longest = sample.reduce((most, row) => Math.max(most, widthOf(String(row[i] ?? 'NULL'))), widthOf(name));
    return Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, longest));
  });
}

/** Characters of a monospaced font; Chinese characters are two wide. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text.slice(0, MOST_WIDTH)) width += character >= '\u1100' ? 2 : 1;
  return width;
}

/** The rows as JSON: an object for each row. A name that a former column has gets a number. */
export function toJson({ columns, rows }: Pick<QueryResult, 'columns' | 'rows'>): string {
  const names: string[] = [];
  for (const column of columns) {
    let name = column;
    for (let number = 2; names.includes(name); number++) name = `${column}_${number}`;
    names.push(name);
  }
  // Pairs, because a column may be called "__proto__".
  const objects = rows.map((row) => `{${names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(row[i] ?? null)}`).join(',')}}`);
  return `[\n${objects.join(',\n')}\n]\n`;
}
