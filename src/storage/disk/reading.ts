import { TabchainError } from '../../util/errors.ts';
import { LAST_KEY, chunkKey, logKey, type ChunkRecord, type Entry, type Head, type LogRecord, type Medium, type Stores } from './medium.ts';
import { chunkCount } from './page-file.ts';
import { imageSum, isSoundChunk, isSoundLog } from './records.ts';

/** Chunks read at once. Their bytes stay in memory anyway, and a browser reads many files faster together than one by one. */
const CHUNKS_AT_ONCE = 64;

/** Parts of the log read at once: about as many bytes. */
const PARTS_AT_ONCE = 256;

const DAMAGED = 'The stored chain was damaged; it has to be fetched from the other tabs again.';

/** All chunks of the image, in order. @throws TabchainError `storage-damaged` */
export async function readImage(medium: Medium, head: Head): Promise<ChunkRecord[]> {
  const count = chunkCount(head.size);
  const chunks: ChunkRecord[] = [];
  for await (const entries of batches(medium, 'chunks', chunkKey(head.generation, 0), chunkKey(head.generation, count), CHUNKS_AT_ONCE)) {
    for (const { key, record } of entries) {
      const { length: index } = chunks;
      if (key !== chunkKey(head.generation, index) || !isSoundChunk(record)) throw damaged('chunk', index);
      if (record.generation !== head.generation || record.index !== index) throw damaged('chunk', index);
      chunks.push(record);
    }
  }
  if (chunks.length < count) throw damaged('chunk', chunks.length);
  if (imageSum(chunks.map(({ sequence }) => sequence)) !== head.image) throw damaged('image');
  return chunks;
}

/** The log in order, about an eighth of the file. @throws TabchainError `storage-damaged` */
export async function readLog(medium: Medium, head: Head): Promise<LogRecord[]> {
  const log: LogRecord[] = [];
  let [sequence, part] = [head.logFrom, 0];
  for await (const entries of batches(medium, 'log', logKey(sequence, 0), LAST_KEY, PARTS_AT_ONCE)) {
    for (const { key, record } of entries) {
      // A save after the head's means that the stored head is older than the last head.
      if (key !== logKey(sequence, part) || sequence > head.sequence || !isSoundLog(record)) throw damaged('log', sequence);
      if (record.sequence !== sequence || record.part !== part) throw damaged('log', sequence);
      log.push(record);
      part++;
      if (part === record.parts) [sequence, part] = [sequence + 1, 0];
    }
  }
  if (sequence <= head.sequence) throw damaged('log', sequence);
  return log;
}

/** Reads records in batches, and reads the next batch while the caller works. Relies on keys, which a damaged record cannot change. */
async function* batches(medium: Medium, store: keyof Stores, from: number, to: number, limit: number): AsyncGenerator<Entry[], void> {
  const read = (first: number): Promise<Entry[]> => (first < to ? medium.read(store, first, to, limit) : Promise.resolve([]));
  let next = read(from);
  for (;;) {
    const entries = await next;
    const last = entries.at(-1);
    if (!last) return;
    next = read(Math.floor(last.key) + 1);
    // If the caller stops early, nothing awaits this promise, so its rejection must be handled here.
    next.catch(() => undefined);
    yield entries;
  }
}

/** The error of a record that is lost, altered or from another time. */
export function damaged(what: 'head' | 'chunk' | 'image' | 'log' | 'record', number = 0, cause?: unknown): TabchainError {
  return new TabchainError('storage-damaged', DAMAGED, { what, number }, { cause });
}
