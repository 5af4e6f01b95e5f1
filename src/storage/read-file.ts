import { CHUNK_BYTES, PageFile } from './disk/page-file.ts';
import { TabchainError } from '../util/errors.ts';

/** A larger file does not fit in a tab's memory. The file is in memory once, and the accounts and recent blocks a second time. */
export const MAX_FILE_BYTES = 512 << 20;

/** The first bytes of every SQLite file. */
const MAGIC = 'SQLite format 3\0';

/**
 * Reads a file piece by piece, after its size and its first bytes were checked.
 * @param onProgress called with the fraction that was read
 * @throws TabchainError `file-too-large`, `file-not-sqlite`, `file-unreadable`
 */
export async function readFile(file: Blob, onProgress: (fraction: number) => void): Promise<PageFile> {
  if (file.size > MAX_FILE_BYTES) {
    const message = 'This file is larger than a tab can check. Open it with sqlite3 instead.';
    throw new TabchainError('file-too-large', message, { bytes: file.size, maximum: MAX_FILE_BYTES });
  }
  const start = await bytesOf(file.slice(0, MAGIC.length));
  if (String.fromCharCode(...start) !== MAGIC) {
    throw new TabchainError('file-not-sqlite', 'This is not a SQLite file. Choose a .sqlite file that Tabchain exported.');
  }
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    chunks.push(await bytesOf(file.slice(at, at + CHUNK_BYTES)));
    onProgress(Math.min(1, (at + CHUNK_BYTES) / file.size));
  }
  return PageFile.of(chunks, file.size);
}

async function bytesOf(part: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch (cause) {
    throw new TabchainError('file-unreadable', 'The browser cannot read this file. Choose the file again.', {}, { cause });
  }
}
