import { MAX_KEY_FILE_CHARACTERS } from '../../api/limits.ts';
import { toCsv, type Cell } from './csv.ts';

/** How long a blob URL stays valid after the click, because Safari reads the URL late. */
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

export function keyFileName(name: string): string {
  return `${name}.tabchain-key.pem`;
}

/** Hands the encrypted PEM of an account to the browser's downloads. The page cannot learn whether the download succeeds. */
export function downloadKeyFile(name: string, pem: string): void {
  download(keyFileName(name), pem, 'application/x-pem-file');
}

/** A function that shares the key file with another app; null where the browser cannot share. */
export function shareKeyFile(name: string, pem: string): (() => Promise<void>) | null {
  // Browsers share a fixed list of types; text/plain is the only type on the list that fits a PEM.
  const file = new File([pem], `${name}.tabchain-key.txt`, { type: 'text/plain' });
  const content = { files: [file] };
  if (typeof navigator.share !== 'function' || navigator.canShare?.(content) !== true) return null;
  // Closing the share sheet rejects the promise, but is no failure.
  return () => navigator.share(content).catch(() => undefined);
}

/** A function that shares a link with another app; null where the browser cannot share. Closing the share sheet is no failure. */
export function shareLink(url: string): (() => Promise<void>) | null {
  if (typeof navigator.share !== 'function') return null;
  return () => navigator.share({ url }).catch(() => undefined);
}

/** The text of a key file; empty for a larger file, because that is no key file and reading it would only take memory. */
export async function keyFileText(file: Blob): Promise<string> {
  return file.size > MAX_KEY_FILE_CHARACTERS ? '' : file.text();
}

/** Whether `file` holds the keys of `pem`; transfer may have changed the line breaks. */
export async function sameKeyFile(file: Blob, pem: string): Promise<boolean> {
  const keys = (text: string): string => text.slice(Math.max(0, text.indexOf('-----BEGIN'))).replace(/\s/g, '');
  return keys(await keyFileText(file).catch(() => '')) === keys(pem);
}

/** Whether the page is shown inside a chat or social app, where downloads often do nothing. */
export function isInsideAnotherApp(userAgent: string): boolean {
  return /\bLine\/|FBAN|FBAV|FB_IAB|Instagram|MicroMessenger|WhatsApp|Twitter|Snapchat|TikTok|musical_ly|; wv\)/.test(userAgent);
}

/** Puts `text` on the clipboard; false when the browser refuses. Copies by selection on plain http, which has no clipboard API. */
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
