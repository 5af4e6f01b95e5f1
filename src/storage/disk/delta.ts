import { TabchainError } from '../../util/errors.ts';
import { PAGE_BYTES, type DirtyPages, type PageFile } from './page-file.ts';

/**
 * A part of the log: what a commit changed in some pages. For each page its number (u32) and count of runs (u16), then for each
 * run its place in the page (u16), its length (u16) and the new bytes; little-endian.
 *
 * Tried and left: copies from the old page in place of bytes that only moved. They make the log a third smaller and take ten times
 * as long to find as the bytes take to write.
 */
export type DeltaPart = Uint8Array;

/** Together with the rest of its record below 64 KiB: browsers put larger values into files of their own. */
export const MAX_PART_BYTES = 60 * 1024;

const PAGE_HEADER_BYTES = 6;
const RUN_HEADER_BYTES = 4;
const LARGEST_PAGE_BYTES = PAGE_HEADER_BYTES + RUN_HEADER_BYTES + PAGE_BYTES;

/** Equal bytes between two changes that cost less than a new run. */
const MERGE_GAP_BYTES = RUN_HEADER_BYTES;

/** What a page held that did not exist. */
const NOTHING = new Uint8Array(PAGE_BYTES);

/**
 * What the pages hold now as against before.
 * @param whole write every page in full, whatever it held before
 */
export function encodeDelta(file: PageFile, dirty: DirtyPages, whole = false): DeltaPart[] {
  const parts: DeltaPart[] = [];
  const buffer = new Uint8Array(MAX_PART_BYTES);
  let used = 0;
  const end = (): void => {
    if (used > 0) parts.push(buffer.slice(0, used));
    used = 0;
  };
  for (const page of [...dirty.keys()].sort((a, b) => a - b)) {
    if (used + LARGEST_PAGE_BYTES > MAX_PART_BYTES) end();
    const now = file.page(page);
    const before = dirty.get(page)!;
    used = writePage(buffer, used, page, whole ? [0, now.length] : changedRuns(before.length === 0 ? NOTHING : before, now), now);
  }
  end();
  return parts;
}

/** Ranges of a page, in order: from, to, from, to, … */
type Runs = readonly number[];

/** Writes one page's runs at `at`; nothing where there are none. Returns the new end. */
function writePage(buffer: Uint8Array, at: number, page: number, runs: Runs, now: Uint8Array): number {
  if (runs.length === 0) return at;
  let bytes = 0;
  for (let i = 0; i < runs.length; i += 2) bytes += RUN_HEADER_BYTES + runs[i + 1]! - runs[i]!;
  if (bytes > RUN_HEADER_BYTES + now.length) return writePage(buffer, at, page, [0, now.length], now);
  const view = new DataView(buffer.buffer);
  view.setUint32(at, page, true);
  view.setUint16(at + 4, runs.length / 2, true);
  at += PAGE_HEADER_BYTES;
  for (let i = 0; i < runs.length; i += 2) {
    const [from, to] = [runs[i]!, runs[i + 1]!];
    view.setUint16(at, from, true);
    view.setUint16(at + 2, to - from, true);
    buffer.set(now.subarray(from, to), at + RUN_HEADER_BYTES);
    at += RUN_HEADER_BYTES + to - from;
  }
  return at;
}

/** Where a page differs from what it was, close ranges merged. */
function changedRuns(before: Uint8Array, now: Uint8Array): Runs {
  const [old, fresh] = [words(before), words(now)];
  const runs: number[] = [];
  for (let index = 0; index < fresh.length; index++) {
    if (fresh[index] === old[index]) continue;
    for (let at = 4 * index; at < 4 * index + 4; at++) {
      if (before[at] === now[at]) continue;
      if (runs.length > 0 && at - runs.at(-1)! <= MERGE_GAP_BYTES) runs[runs.length - 1] = at + 1;
      else runs.push(at, at + 1);
    }
  }
  return runs;
}

/** A page as numbers, four bytes at a time: four times as fast to compare. Pages are aligned in their chunks. */
function words(page: Uint8Array): Int32Array {
  return new Int32Array(page.buffer, page.byteOffset, page.length / 4);
}

/** Runs up to this length are copied byte by byte: most are, and a call costs more than that. */
const SHORT_RUN_BYTES = 32;

/**
 * Applies a part to the pages that `wanted` says yes to; the file must have its final size.
 * @throws TabchainError `storage-damaged` where the part does not fit the file, with what came before applied
 */
export function applyDelta(file: PageFile, part: DeltaPart, wanted: (page: number) => boolean): void {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const pages = file.size / PAGE_BYTES;
  let at = 0;
  while (at < part.length) {
    if (at + PAGE_HEADER_BYTES > part.length) throw misfit();
    const page = view.getUint32(at, true);
    const runs = view.getUint16(at + 4, true);
    at += PAGE_HEADER_BYTES;
    if (page >= pages) throw misfit();
    const target = wanted(page) ? file.page(page) : null;
    for (let run = 0; run < runs; run++) {
      if (at + RUN_HEADER_BYTES > part.length) throw misfit();
      const to = view.getUint16(at, true);
      const length = view.getUint16(at + 2, true);
      at += RUN_HEADER_BYTES;
      if (to + length > PAGE_BYTES || at + length > part.length) throw misfit();
      if (target && length > SHORT_RUN_BYTES) target.set(part.subarray(at, at + length), to);
      else if (target) for (let i = 0; i < length; i++) target[to + i] = part[at + i]!;
      at += length;
    }
  }
}

function misfit(): TabchainError {
  return new TabchainError('storage-damaged', 'A part of the log does not fit the file.');
}
