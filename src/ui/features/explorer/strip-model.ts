import type { ChainStrip, StripSquare } from '../../../api/api.ts';

/** Sizes in the strip, in pixels. */
const [LEAST_BODY, MOST_BODY] = [74, 136];
const [LEAST_SIDE, MOST_SIDE] = [7, 17];
const [LEAST_GAP, MOST_GAP] = [34, 64];
/** A block of this size is as high as any while all blocks are smaller: nearly empty blocks stay low. */
const USUAL_BYTES = 1_200;
/** An amount of this many coins, or more, has the largest square. */
const LARGE_AMOUNT = 1_000;
/** A fee of this many millionths a byte, or more, has the darkest square; the suggested fee is a tenth of it. */
const HIGH_FEE = 30;
const UNITS = 1_000_000;
/** A gap of this many seconds, or more, is the widest. */
const LONG_GAP = 120;

/** From 0 to 1, by the logarithm, because amounts and times differ by powers of ten. */
const share = (value: number, most: number): number => Math.min(1, Math.log1p(value) / Math.log1p(most));

/** The bytes of the highest tab. */
export function scaleOf({ blocks, waiting }: Pick<ChainStrip, 'blocks' | 'waiting'>): number {
  return Math.max(USUAL_BYTES, ...blocks.map(({ bytes }) => bytes), ...waiting.map(({ bytes }) => bytes));
}

/** Height of a tab. Its area beyond the least height grows with the bytes. */
export function heightOf(bytes: number, scale: number): number {
  return Math.round(LEAST_BODY + (MOST_BODY - LEAST_BODY) * Math.sqrt(Math.min(1, bytes / scale)));
}

/** Side of a square. A registration, which moves no coins, has the middle size. */
export function sideOf({ kind, amount }: Pick<StripSquare, 'kind' | 'amount'>): number {
  const size = { registration: 0.5, transfer: share(Number(amount), LARGE_AMOUNT) }[kind];
  return Math.round(LEAST_SIDE + (MOST_SIDE - LEAST_SIDE) * size);
}

/** Inside of a tab, and the space between two squares. */
const [INNER_WIDTH, SPACE] = [94, 2];
/** What the name and the time above the squares, and the frame, take of a tab's height. */
const FACTS_HEIGHT = 54;

/** How many squares of these sides fit into a tab of a height, row by row; at least a few, because a tab is never lower. */
export function fittingIn(height: number, sides: readonly number[]): number {
  let [left, row, used] = [INNER_WIDTH, 0, 0];
  for (const [i, side] of sides.entries()) {
    if (side > left) {
      used += row + SPACE;
      [left, row] = [INNER_WIDTH, 0];
    }
    left -= side + SPACE;
    row = Math.max(row, side);
    if (used + row > height - FACTS_HEIGHT && used > 0) return i;
  }
  return sides.length;
}

/** How dark a square is, in percent: by the fee for each byte. */
export function shadeOf({ fee, bytes }: Pick<StripSquare, 'fee' | 'bytes'>): number {
  return Math.round(30 + 70 * share((Number(fee) * UNITS) / bytes, HIGH_FEE));
}

/** Width of the line between two tabs. */
export function gapWidth(seconds: number | null): number {
  return Math.round(LEAST_GAP + (MOST_GAP - LEAST_GAP) * share(Math.max(0, seconds ?? 0), LONG_GAP));
}

/** Seconds as the strip writes them: one digit after the point below ten. */
export function gapText(seconds: number): string {
  return seconds < 9.95 ? seconds.toFixed(1) : String(Math.round(seconds));
}

/** Whether so many blocks come that moving tabs could not be read: on average more than one in 0.7 s. */
export function isHectic(blocks: readonly { readonly time: number }[]): boolean {
  const [newest, older] = [blocks[0], blocks[4]];
  return newest !== undefined && older !== undefined && newest.time - older.time < 4 * 700;
}
