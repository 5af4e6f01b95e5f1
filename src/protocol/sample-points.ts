import type { Random } from '../util/ports.ts';
import { MAX_SAMPLE_POINTS, POINT_BITS } from './work-proof.ts';

/**
 * Which blocks a newcomer samples. PROTOCOL.md §13 has the argument for these numbers.
 *
 * Nobody knows where a chain's honest part ends, so each part of the work counts by its distance from the tip: the density of samples is
 * 1 / (work from here to the tip). Then one sample finds an invented block with the same chance, wherever the invented part begins.
 */

/** A chain of which this part of the work (or more), after any block, was invented… */
const INVENTED = 0.5;
/** …passes with a chance of at most 2^-40. */
const SECURITY_BITS = 40;
/**
 * Most samples of one chain. They suffice if the tail has 5 · 10^-12 of the work. After a million blocks at one rate, the hash rate would have
 * to fall to a ten-millionth for the tail to have less.
 */
export const MAX_SAMPLES = 16 * MAX_SAMPLE_POINTS;

/** What a checked tail says about work. */
export interface TailWork {
  /** Cumulative work of the tip. */
  readonly work: bigint;
  /** The history below the tail's first header, and its work. */
  readonly first: { readonly work: bigint };
}

/**
 * Number of samples that a chain needs.
 * @returns null where the tail has so little of the work that {@link MAX_SAMPLES} would not suffice
 */
export function sampleCount(tail: TailWork): number | null {
  const span = -Math.log(shareOf(tail));
  const reach = -Math.log(1 - INVENTED);
  // The tail is checked as a whole. If half of the work lies there, one sample is enough to show the network's genesis.
  if (span <= reach) return 1;
  const count = Math.ceil((SECURITY_BITS * Math.LN2) / -Math.log1p(-reach / span));
  return count <= MAX_SAMPLES ? count : null;
}

/**
 * Chooses random points of the work below a tail. Call this only when the tail has arrived, because a peer that knows the points can
 * make a chain that passes.
 * @returns fractions of that work in units of 2^-64, ascending: so the points of one request are neighbours, whose ways through the tree are
 *   nearly the same. Null as {@link sampleCount}
 */
export function choosePoints(random: Random, tail: TailWork): bigint[] | null {
  const count = sampleCount(tail);
  if (count === null) return null;
  const logShare = Math.log(shareOf(tail));
  // Two equal points are as unlikely as a lucky guess of one. Drawing until all differ would never end with a poor source.
  const chosen = new Set(Array.from({ length: count }, () => drawPoint(random, logShare)));
  return [...chosen].sort((a, b) => (a < b ? -1 : 1));
}

/** The tail's share of the work of the whole chain. */
function shareOf({ work, first }: TailWork): number {
  return Number(work - first.work) / Number(work);
}

/** Inverse of the distribution function: x = (1 − share^u) / (1 − share), with u uniform in [0, 1). */
function drawPoint(random: Random, logShare: number): bigint {
  const bytes = random.bytes(16);
  const words = new DataView(bytes.buffer, bytes.byteOffset);
  const u = Number(words.getBigUint64(0) >> 11n) / 2 ** 53;
  const x = logShare === 0 ? u : Math.expm1(u * logShare) / Math.expm1(logShare);
  // A float has 53 bits; the rest is uniform.
  const high = BigInt(Math.min(Math.floor(x * 2 ** 53), 2 ** 53 - 1));
  return (high << BigInt(POINT_BITS - 53)) | (words.getBigUint64(8) & 0x7ffn);
}
