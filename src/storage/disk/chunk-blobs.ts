import type { Timers } from '../../util/ports.ts';
import { within } from '../../util/within.ts';
import { silent } from '../../util/indexeddb.ts';
import { TRANSACTION_MS } from './bounded-indexeddb.ts';
import type { Entry, Put } from './medium.ts';
import { CHUNK_BYTES } from './page-file.ts';

/*
 * The bytes of a chunk lie in IndexedDB as a `Blob`: Chromium reads 300 MB of them in 0.6 s, and 1.1 s as arrays, because it need not copy
 * each value through its messages. Arrays, from earlier versions and from browsers that store no Blobs, are read as well.
 */

/** The record as IndexedDB stores it. */
export function storedRecord({ store, record }: Put): unknown {
  if (store !== 'chunks') return record;
  // TypeScript's `BlobPart` admits no view of a shared buffer; chunks never are.
  return { ...record, bytes: new Blob([record.bytes as Uint8Array<ArrayBuffer>]) };
}

/**
 * The records with their bytes in place of Blobs, and null in place of a record whose Blob cannot be read.
 * @throws TabchainError `storage-silent`
 */
export function readRecords(entries: readonly Entry[], timers: Timers): Promise<Entry[]> {
  return within(timers, TRANSACTION_MS, Promise.all(entries.map(readRecord)), silent);
}

async function readRecord(entry: Entry): Promise<Entry> {
  const bytes = (entry.record as { readonly bytes?: unknown } | null)?.bytes;
  // A larger Blob is not a chunk, and is not read.
  if (!(bytes instanceof Blob) || bytes.size > CHUNK_BYTES) return entry;
  try {
    return { key: entry.key, record: { ...(entry.record as object), bytes: new Uint8Array(await bytes.arrayBuffer()) } };
  } catch {
    return { key: entry.key, record: null };
  }
}
