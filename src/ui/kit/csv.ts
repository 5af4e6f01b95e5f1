export type Cell = string | number | boolean | null;

/**
 * What a spreadsheet takes for a formula, at the start of a cell (OWASP, "CSV injection") or of what it makes a cell of: where the
 * separator of its language is ";" or a tab, it cuts a text there and after a line break. The full-width signs count as the plain ones.
 */
const FORMULA = /(^|[;,\t\r\n])([ "]*)([=+\-@＝＋－＠﹢﹣﹦﹫−])/g;
const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?$/;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  if (PLAIN_NUMBER.test(cell)) return cell;
  // A tab or a line break at the start is taken away by some programs, and what follows it looked at again.
  const guarded = cell.replace(FORMULA, "$1'$2$3").replace(/^(?=[\t\r\n])/, "'");
  return `"${guarded.replaceAll('"', '""')}"`;
}

/**
 * Rows as RFC 4180 text, one header line first. Every text is quoted, numbers are not. An apostrophe keeps what could become a formula a
 * text; see README for how to take it away again.
 */
export function toCsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => row.map(cellText).join(',') + '\r\n').join('');
}
