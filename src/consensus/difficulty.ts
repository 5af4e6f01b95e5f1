import type { SealedHeader } from '../protocol/block.ts';
import type { NetworkParameters } from '../protocol/network.ts';
import { compactBits, expandBits } from '../protocol/target.ts';

/** Half-life H in block times: a block that comes 10 T late doubles the next target. */
const HALF_LIFE_BLOCKS = 10;
/** One solve time counts for at most this many block times, so that a long night does not undo the difficulty in one step. */
const MAX_SOLVE_BLOCKS = 6;
/** After this many block times without a block, the target of the very block that is searched begins to double … */
const EASE_AFTER_BLOCKS = 8;
/** … once each time so many further block times pass. */
const EASE_EVERY_BLOCKS = 2;
/**
 * While so many blocks together took less than one block time, the next target is half the parent's. A settled chain meets that once in
 * 100,000 blocks; a fresh or newly woken network, which begins at the easiest target, is through its storm after about 12 blocks in one to
 * three seconds instead of 60 to 110 blocks in two minutes. Fewer end storms hardly sooner and let liars about time slow the chain.
 */
export const BURST_BLOCKS = 8;

// Fixed point of aserti3-2d: exponents in 1/65536.
const RADIX_BITS = 16n;
const RADIX = 1n << RADIX_BITS;
/** No 256-bit target survives more doublings or halvings than this; bounds the shifts before memory is taken. */
const MAX_SHIFT = 512n;

/** All times in one unit, whichever. */
export interface AsertInput {
  /** Target of the anchor block, in [1, 2^256). */
  readonly target: bigint;
  /** Time of the block before the one asked for, less the time of the anchor's parent. */
  readonly timeDiff: bigint;
  /** Height of the block before the one asked for, less the anchor's height. */
  readonly heightDiff: bigint;
  readonly spacing: bigint;
  readonly halfLife: bigint;
  /** Easiest target. */
  readonly limit: bigint;
}

/**
 * aserti3-2d (Bitcoin Cash upgrade of 2020-11-15): target · 2^((timeDiff − spacing·(heightDiff+1)) / halfLife), in integers, the
 * fraction of the exponent by its cubic (error below 0.013 %), clamped to [1, limit].
 */
export function asert({ target, timeDiff, heightDiff, spacing, halfLife, limit }: AsertInput): bigint {
  // BigInt division truncates towards zero as the reference's int64 division does; the shift below rounds down as its does.
  const exponent = ((timeDiff - spacing * (heightDiff + 1n)) * RADIX) / halfLife;
  const shift = (exponent >> RADIX_BITS) - RADIX_BITS;
  const fraction = exponent & (RADIX - 1n);
  if (shift > MAX_SHIFT) return limit;
  if (shift < -MAX_SHIFT) return 1n;
  const cubic = 195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + (1n << 47n);
  const scaled = target * (RADIX + (cubic >> 48n));
  return clamp(shift < 0n ? scaled >> -shift : scaled << shift, limit);
}

/** The ancestors that decide a header's target; {@link headerContext} collects them. */
export interface HeaderContext {
  readonly parent: SealedHeader;
  /** The parent's parent; null iff the parent is genesis. */
  readonly grandparent: SealedHeader | null;
  /** The block {@link BURST_BLOCKS} below the parent; null where that is genesis or earlier, for genesis' time says nothing about hash rate. */
  readonly burstAncestor: SealedHeader | null;
}

/**
 * What a header on `parent` is checked against.
 * @param at the header at a height of the branch that ends in `parent`; asked for heights from 0 to just below the parent's
 */
export function headerContext(parent: SealedHeader, at: (height: number) => SealedHeader): HeaderContext {
  const { height } = parent.header;
  return {
    parent,
    grandparent: height > 0 ? at(height - 1) : null,
    burstAncestor: height > BURST_BLOCKS ? at(height - BURST_BLOCKS) : null,
  };
}

/**
 * The compact target that a block must have: ASERT relative to its parent, halved at least in a burst, eased while no block comes. A tiny
 * network loses 99 % of its hash rate when a class ends; an absolute schedule would then owe tens of thousands of blocks.
 * @param timeMs time of the block asked for, after its parent's
 */
export function expectedBits(network: NetworkParameters, context: HeaderContext, timeMs: number): number {
  const { parent, grandparent } = context;
  const limit = expandBits(network.powLimitBits);
  const { blockTimeMs } = network;
  const solveMs = grandparent ? Math.min(parent.header.timeMs - grandparent.header.timeMs, MAX_SOLVE_BLOCKS * blockTimeMs) : blockTimeMs;
  const target = expandBits(parent.header.bits);
  const scheduled = asert({
    target,
    timeDiff: BigInt(solveMs),
    heightDiff: 0n,
    spacing: BigInt(blockTimeMs),
    halfLife: BigInt(HALF_LIFE_BLOCKS * blockTimeMs),
    limit,
  });
  // A target of 1 has no half: the clamp keeps it.
  const base = isBurst(context, blockTimeMs) ? clamp(target >> 1n, scheduled) : scheduled;
  return compactBits(clamp(base << easing(blockTimeMs, timeMs - parent.header.timeMs), limit));
}

function isBurst({ parent, burstAncestor }: HeaderContext, blockTimeMs: number): boolean {
  return burstAncestor !== null && parent.header.timeMs - burstAncestor.header.timeMs < blockTimeMs;
}

/** Number of doublings granted to a block that comes `gapMs` after its parent, bounded by {@link MAX_SHIFT}. */
function easing(blockTimeMs: number, gapMs: number): bigint {
  const overMs = gapMs - EASE_AFTER_BLOCKS * blockTimeMs;
  if (overMs < 0) return 0n;
  const doublings = 1n + BigInt(Math.floor(overMs / (EASE_EVERY_BLOCKS * blockTimeMs)));
  return doublings < MAX_SHIFT ? doublings : MAX_SHIFT;
}

function clamp(target: bigint, limit: bigint): bigint {
  if (target < 1n) return 1n;
  return target > limit ? limit : target;
}
