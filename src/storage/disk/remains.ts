import { applyDelta } from './delta.ts';
import { chunkKey, LAST_KEY, type ChunkRecord, type Entry, type Head, type Medium, type Stores } from './medium.ts';
import { CHUNK_BYTES, chunkCount, chunkOfPage, PageFile } from './page-file.ts';
import { isSoundLog } from './records.ts';

/** Records read at once, few enough that memory does not hold the file twice. */
const RECORDS_AT_ONCE = 16;

/** Chunks with a wrong checksum are used too, because the caller checks everything: one wrong bit damages only one page. */
type Piece = Pick<ChunkRecord, 'bytes' | 'sequence'>;

/**
 * Reads the readable part of a damaged file, with zeros in place of the rest. The stored bytes bound the memory that this takes; numbers in
 * damaged records do not.
 * @param head null where the head is lost: the chunks of the highest generation then count
 * @returns null where no chunk is readable
 * @throws TabchainError `storage-unavailable`, `storage-silent`
 */
export async function gatherRemains(medium: Medium, head: Head | null): Promise<PageFile | null> {
  const pieces = await newestPieces(medium, head);
  if (pieces.size === 0) return null;
  // Up to half of the chunks may be missing. A chunk number beyond that is wrong.
  const most = 2 * pieces.size + 1;
  const last = Math.max(...[...pieces.keys()].filter((index) => index < most), 0);
  const count = Math.min(last + 1, head ? chunkCount(head.size) : most);
  const nothing: Piece = { bytes: new Uint8Array(0), sequence: 0 };
  const used = Array.from({ length: count }, (_, index) => pieces.get(index) ?? nothing);
  const size = head && chunkCount(head.size) === count ? head.size : count * CHUNK_BYTES;
  const pages = PageFile.of(
    used.map(({ bytes }) => bytes),
    size,
  );
  for await (const { record } of each(medium, 'log')) {
    if (!isSoundLog(record)) continue;
    try {
      applyDelta(pages, record.bytes, (page) => record.sequence > (used[chunkOfPage(page)]?.sequence ?? Infinity));
    } catch {
      // Somebody forged the checksum. The pages before the fault are no worse than other pages.
    }
  }
  return pages;
}

async function newestPieces(medium: Medium, head: Head | null): Promise<Map<number, Piece>> {
  const pieces = new Map<number, Piece>();
  let newest = head?.generation ?? -1;
  for await (const { key, record } of each(medium, 'chunks')) {
    const generation = Math.floor(key / chunkKey(1, 0));
    const { bytes, sequence } = (record ?? {}) as Partial<Piece>;
    if (!(bytes instanceof Uint8Array) || bytes.length > CHUNK_BYTES) continue;
    if (head ? generation !== newest : generation < newest) continue;
    if (generation > newest) pieces.clear();
    newest = generation;
    pieces.set(key - chunkKey(generation, 0), { bytes, sequence: Number.isSafeInteger(sequence) ? sequence! : 0 });
  }
  return pieces;
}

/** All records of a store in order of their keys. Fields of damaged records may contain any number. */
async function* each(medium: Medium, store: keyof Stores): AsyncGenerator<Entry, void> {
  let from = 0;
  for (;;) {
    const entries = await medium.read(store, from, LAST_KEY, RECORDS_AT_ONCE);
    yield* entries.filter(({ key }) => Number.isSafeInteger(key));
    const last = entries.at(-1);
    if (!last) return;
    from = Math.floor(last.key) + 1;
  }
}
