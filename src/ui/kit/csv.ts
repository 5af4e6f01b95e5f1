export type Cell = string | number | boolean | null;

/**
 * A text that a spreadsheet takes for a formula: at the start of a cell (OWASP, "CSV injection") or of a part that becomes a cell.
 * A spreadsheet whose language separates by ";" or a tab cuts a text there and after a line break. Full-width signs count as plain signs.
 */
const FORMULA = /(^|[;,\t\r\n])([ "]*)([=+\-@＝＋－＠﹢﹣﹦﹫−])/g;
const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?$/;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  if (PLAIN_NUMBER.test(cell)) return cell;
  // Some programs remove a tab or a line break at the start and then examine the rest again.
  const guarded = cell.replace(FORMULA, "$1'$2$3").replace(/^(?=[\t\r\n])/, "'");
  return `"${guarded.replaceAll('"', '""')}"`;
}

/**
 * Rows as RFC 4180 text after one header line. Texts are quoted, numbers are not. An apostrophe keeps a possible formula a text; the
 * README says how to remove the apostrophe.
 */
export function toCsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => row.map(cellText).join(',') + '\r\n').join('');
}
