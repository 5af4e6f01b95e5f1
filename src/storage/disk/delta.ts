import { TabchainError } from '../../util/errors.ts';
import { PAGE_BYTES, type DirtyPages, type PageFile } from './page-file.ts';

/**
 * A part of the log: the changes that a save makes to some pages, little-endian. Each page has its number (u32) and count of runs (u16).
 * Then follows each run: its offset in the page (u16), its length (u16) and the new bytes.
 *
 * References to the old page, in place of bytes that only moved, were tried and dropped. They make the log a third smaller, but to find
 * them takes ten times as long as to write the bytes.
 */
export type DeltaPart = Uint8Array;

/** With the rest of its record below 64 KiB, because browsers store larger values in separate files. */
export const MAX_PART_BYTES = 60 * 1024;

const PAGE_HEADER_BYTES = 6;
const RUN_HEADER_BYTES = 4;
const LARGEST_PAGE_BYTES = PAGE_HEADER_BYTES + RUN_HEADER_BYTES + PAGE_BYTES;

/** Two runs with at most this many equal bytes between them are merged, because a new run would take as much. */
const MERGE_GAP_BYTES = RUN_HEADER_BYTES;

/** The former bytes of a page that did not exist. */
const NOTHING = new Uint8Array(PAGE_BYTES);

/**
 * Encodes the changes of the dirty pages.
 * @param whole whether to write every page in full, even where its bytes are unchanged
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

/** Writes one page's runs at offset `at`, or nothing for a page without runs. Returns the new end. */
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

/** The ranges where two versions of a page differ, with close ranges merged. */
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

/** A page as 32-bit integers, which are four times as fast to compare as bytes. Pages are aligned in their chunks. */
function words(page: Uint8Array): Int32Array {
  return new Int32Array(page.buffer, page.byteOffset, page.length / 4);
}

/** Runs up to this length are copied byte by byte, because a call of `set` costs more. Most runs are that short. */
const SHORT_RUN_BYTES = 32;

/**
 * Applies a part of the log to the pages for which `wanted` returns true. The file must have its final size.
 * @throws TabchainError `storage-damaged` where the part does not fit the file; the changes before the fault stay applied
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
