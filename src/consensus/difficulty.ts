import type { SealedHeader } from '../protocol/block.ts';
import type { NetworkParameters } from '../protocol/network.ts';
import { compactBits, expandBits } from '../protocol/target.ts';

/** Half-life H in block times: a block that comes 10 T late doubles the next target. */
const HALF_LIFE_BLOCKS = 10;
/** A solve time counts as at most this many block times, so that a long night does not undo the difficulty in one step. */
const MAX_SOLVE_BLOCKS = 6;
/** After this many block times without a block, the target of the block being mined doubles. */
const EASE_AFTER_BLOCKS = 8;
/** The target doubles again each time this many further block times pass. */
const EASE_EVERY_BLOCKS = 2;
/**
 * While the last eight blocks together took less than one block time (a burst), the next target is at most half the parent's. A settled
 * chain meets that condition once in 100,000 blocks. A fresh network, or one that wakes after a night, begins at the easiest target. Its
 * burst ends after about 12 blocks in one to three seconds, instead of 60 to 110 blocks in two minutes. A shorter window ends bursts hardly
 * sooner, and miners with false times could slow the chain.
 */
export const BURST_BLOCKS = 8;

// Fixed point of aserti3-2d: exponents in 1/65536.
const RADIX_BITS = 16n;
const RADIX = 1n << RADIX_BITS;
/** More doublings or halvings than this take any 256-bit target to its limit. Bounds the shifts before memory is allocated. */
const MAX_SHIFT = 512n;

/** All times are in the same unit, whatever the unit. */
export interface AsertInput {
  /** Target of the anchor block, in [1, 2^256). */
  readonly target: bigint;
  /** Time of the parent of the block to be targeted, minus the time of the anchor's parent. */
  readonly timeDiff: bigint;
  /** Height of the parent of the block to be targeted, minus the anchor's height. */
  readonly heightDiff: bigint;
  readonly spacing: bigint;
  readonly halfLife: bigint;
  /** Easiest target. */
  readonly limit: bigint;
}

/**
 * aserti3-2d (Bitcoin Cash upgrade of 2020-11-15): target · 2^((timeDiff − spacing·(heightDiff+1)) / halfLife), clamped to [1, limit].
 * All arithmetic is in integers. A cubic approximates 2 to the fractional part of the exponent (error below 0.013 %).
 */
export function asert({ target, timeDiff, heightDiff, spacing, halfLife, limit }: AsertInput): bigint {
  // BigInt division truncates towards zero, like the int64 division of the reference. The shift below rounds down, like its shift.
  const exponent = ((timeDiff - spacing * (heightDiff + 1n)) * RADIX) / halfLife;
  const shift = (exponent >> RADIX_BITS) - RADIX_BITS;
  const fraction = exponent & (RADIX - 1n);
  if (shift > MAX_SHIFT) return limit;
  if (shift < -MAX_SHIFT) return 1n;
  const cubic = 195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + (1n << 47n);
  const scaled = target * (RADIX + (cubic >> 48n));
  return clamp(shift < 0n ? scaled >> -shift : scaled << shift, limit);
}

/** The ancestors that determine a header's target. {@link headerContext} collects them. */
export interface HeaderContext {
  readonly parent: SealedHeader;
  /** The parent's parent; null iff the parent is genesis. */
  readonly grandparent: SealedHeader | null;
  /** The block {@link BURST_BLOCKS} below the parent. Null at genesis and below: the time of genesis says nothing about hash rate. */
  readonly burstAncestor: SealedHeader | null;
}

/**
 * Collects the ancestors that a child of `parent` is checked against.
 * @param at returns the header at a height of the branch that ends in `parent`; called for heights from 0 to the grandparent's
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
 * The compact target that a block must have: ASERT relative to its parent, at most half in a burst, eased while no block comes. A tiny
 * network loses 99 % of its hash rate when a class ends. An absolute schedule would then owe tens of thousands of blocks.
 * @param timeMs time of the block; must be later than its parent's
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
  // The half of a target of 1 would be 0; the clamp keeps it at 1.
  const base = isBurst(context, blockTimeMs) ? clamp(target >> 1n, scheduled) : scheduled;
  return compactBits(clamp(base << easing(blockTimeMs, timeMs - parent.header.timeMs), limit));
}

function isBurst({ parent, burstAncestor }: HeaderContext, blockTimeMs: number): boolean {
  return burstAncestor !== null && parent.header.timeMs - burstAncestor.header.timeMs < blockTimeMs;
}

/** How often the target doubles for a block that comes `gapMs` after its parent, at most {@link MAX_SHIFT}. */
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
