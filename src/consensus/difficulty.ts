import type { SealedHeader } from '../protocol/block.ts';
import type { NetworkParameters } from '../protocol/network.ts';
import { compactBits, expandBits, workOfBits } from '../protocol/target.ts';

/** Half-life H in block times: lateness of 24 T in all doubles the base, the target before easing. */
const HALF_LIFE_BLOCKS = 24;
/** The half-life after a parent lower than {@link YOUNG_BLOCKS}: a class that starts a network finds its difficulty within a minute. */
const YOUNG_HALF_LIFE_BLOCKS = 5;
const YOUNG_BLOCKS = 32;
/** A solve time counts as at most this many block times, so that a long night does not undo the difficulty in one step. */
const MAX_SOLVE_BLOCKS = 20;
/** After this many block times without a block, the target of the block being mined doubles. */
const EASE_AFTER_BLOCKS = 8;
/** The target doubles again each time this many further block times pass. */
const EASE_EVERY_BLOCKS = 1;
/** Blocks in a row whose base is not readable from their bits, because easing took them to the easiest target, and that the rule follows. */
const MAX_UNREADABLE = 32;
/** Number of headers, from the parent downwards, that {@link expectedBits} may ask for. */
export const CONTEXT_HEADERS = MAX_UNREADABLE + 2;

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

/** The ancestors that determine a header's target. */
export interface HeaderContext {
  readonly parent: SealedHeader;
  /**
   * The header at a height of the branch that ends in `parent`. Called for heights below the parent's, down to 0, and for at most the
   * {@link CONTEXT_HEADERS} newest headers.
   */
  readonly at: (height: number) => SealedHeader;
}

/**
 * The compact target that a block must have: a base that follows the solve times, eased while no block comes.
 *
 * The base never learns of the easing. So the blocks of a long time T·n number n at most, plus H for each halving of the hash rate:
 * no choice of header times earns more. An absolute schedule has the same property, but after a night it owes thousands of blocks. Here a
 * night counts as {@link MAX_SOLVE_BLOCKS} block times.
 *
 * A long half-life is the protection against the attack of Bahack (2013, arXiv:1312.7013). A private branch whose header times are
 * 1 ms apart raises its difficulty by 2^(1/H) a block. The larger the step, the more of the branch's work lies in a single lucky block.
 * @param timeMs time of the block; must be later than its parent's
 */
export function expectedBits(network: NetworkParameters, context: HeaderContext, timeMs: number): number {
  const { parent } = context;
  const base = new Schedule(network, context).after(parent, MAX_UNREADABLE);
  return compactBits(clamp(base << easing(network.blockTimeMs, timeMs - parent.header.timeMs), expandBits(network.powLimitBits)));
}

/**
 * The most work that a block can have in a chain that obeys the rule, whatever the times of its headers.
 *
 * The base becomes harder only after a block that came within T, so this block's own work is that of the base. The first 32 blocks raise the
 * base's work to 2^(30/5) = 64 times that of genesis. Each later block raises it by at most 2^(1/24) − 1 = 2.9 % of the block's own work.
 * Rounding (compact targets, the cubic) adds less than what is left to 65 and to 3 %.
 * @param before sum of the works of all blocks before the block
 */
export function mostWork({ startBits }: NetworkParameters, before: bigint): bigint {
  return 65n * workOfBits(startBits) + (3n * before) / 100n;
}

/** Computes the base, the target without easing, of the blocks of one branch. */
class Schedule {
  readonly #network: NetworkParameters;
  readonly #at: HeaderContext['at'];
  readonly #limit: bigint;

  constructor(network: NetworkParameters, { at }: HeaderContext) {
    this.#network = network;
    this.#at = at;
    this.#limit = expandBits(network.powLimitBits);
  }

  /** The base of a block's child. @param left number of further ancestors that may be followed */
  after(block: SealedHeader, left: number): bigint {
    const { height } = block.header;
    const { blockTimeMs } = this.#network;
    // The first block has no solve time, because the time of genesis says nothing about the hash rate.
    const solveMs = height < 2 ? blockTimeMs : Math.min(this.#gapMs(block), MAX_SOLVE_BLOCKS * blockTimeMs);
    return asert({
      target: this.#of(block, left),
      timeDiff: BigInt(solveMs),
      heightDiff: 0n,
      spacing: BigInt(blockTimeMs),
      halfLife: BigInt((height < YOUNG_BLOCKS ? YOUNG_HALF_LIFE_BLOCKS : HALF_LIFE_BLOCKS) * blockTimeMs),
      limit: this.#limit,
    });
  }

  /** The base of a block: its target with the easing taken back. Where the limit cut the easing off, the base follows from the parent. */
  #of(block: SealedHeader, left: number): bigint {
    const { height, bits } = block.header;
    const target = expandBits(bits);
    if (height === 0) return target;
    const ease = easing(this.#network.blockTimeMs, this.#gapMs(block));
    if (target < this.#limit || ease === 0n) return target >> ease;
    // So many long waits in a row take any base to the limit.
    return left === 0 ? this.#limit : this.after(this.#at(height - 1), left - 1);
  }

  /** Time between a block and its parent. */
  #gapMs({ header: { height, timeMs } }: SealedHeader): number {
    return timeMs - this.#at(height - 1).header.timeMs;
  }
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
