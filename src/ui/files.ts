import { toCsv, type Cell } from './csv.ts';

/** How long a blob address stays valid after the click: Safari reads it late. */
const REVOKE_DELAY_MS = 60_000;

/** Hands `content` to the browser's downloads. */
export function download(fileName: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_DELAY_MS);
}

/** Downloads rows as CSV; the byte order mark makes spreadsheets read Chinese as UTF-8. */
export function downloadCsv(fileName: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
  download(fileName, '\uFEFF' + toCsv(columns, rows), 'text/csv;charset=utf-8');
}

/** Downloads the encrypted PEM of an account. */
export function downloadKeyFile(name: string, pem: string): void {
  download(`${name}.tabchain-key.pem`, pem, 'application/x-pem-file');
}

/** Puts `text` on the clipboard; false when the browser refuses. Plain http has no clipboard API, hence the second way. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Inside an open dialog everything else is inert and cannot be selected.
  const host = document.querySelector('dialog[open]') ?? document.body;
  const focused = document.activeElement;
  host.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
