import { expectedBits, headerContext } from '../../../src/consensus/difficulty.ts';
import type { BlockHeader, SealedHeader } from '../../../src/protocol/block.ts';
import { createNetwork, type Network } from '../../../src/protocol/network.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';

/** The view of a chain that a rule has: header times, and difficulties in expected hashes. */
export interface Block {
  readonly height: number;
  readonly timeMs: number;
  /** Expected hashes. */
  readonly difficulty: number;
  /** Exact compact target, for rules that work on compact targets. */
  readonly bits: number;
  readonly parent: Block | null;
}

export interface Rule {
  readonly name: string;
  readonly about: string;
  /** Difficulty and target of the block after `tip` at a header time. */
  next(tip: Block, timeMs: number): { difficulty: number; bits: number };
  /** The smallest gap after the tip, beyond `gapMs`, at which `next` returns another target. */
  changesAfter(gapMs: number): number;
}

export const NETWORK: Network = createNetwork({ label: 'laboratory' });
export const T = NETWORK.blockTimeMs;
/** The lowest difficulty, with which a fresh network begins. */
export const EASIEST = difficultyOf(NETWORK.powLimitBits);

export function difficultyOf(bits: number): number {
  return 2 ** 256 / ((bits & 0x7fffff) * 2 ** (8 * ((bits >>> 24) - 3)));
}

export function bitsOf(difficulty: number): number {
  const target = (1n << 256n) / BigInt(Math.max(1, Math.round(difficulty)));
  const limit = expandBits(NETWORK.powLimitBits);
  return compactBits(target > limit ? limit : target);
}

/** A rule that depends only on difficulties, not on the time of the next header. */
function plain(name: string, about: string, difficulty: (tip: Block) => number): Rule {
  return {
    name,
    about,
    next: (tip) => ({ difficulty: Math.max(EASIEST, difficulty(tip)), bits: 0 }),
    changesAfter: () => Infinity,
  };
}

/** aserti3-2d: absolute, from an anchor; here the anchor is the first block of the settled chain. */
export function absoluteAsert(halfLifeBlocks: number): Rule {
  const anchors = new WeakMap<Block, Block>();
  const anchorOf = (tip: Block): Block => {
    const known = anchors.get(tip) ?? (tip.parent && anchors.get(tip.parent));
    let anchor = known ?? tip;
    if (!known) while (anchor.parent) anchor = anchor.parent;
    anchors.set(tip, anchor);
    return anchor;
  };
  return plain(`asert-${halfLifeBlocks}`, `aserti3-2d, half-life ${halfLifeBlocks} T, anchored where the trace begins`, (tip) => {
    const anchor = anchorOf(tip);
    // The anchor's parent time is T before the anchor, as in the settled history.
    const elapsed = tip.timeMs - anchor.timeMs + T;
    const exponent = (elapsed - T * (tip.height - anchor.height + 1)) / (halfLifeBlocks * T);
    return anchor.difficulty / 2 ** exponent;
  });
}

function window(tip: Block, length: number): Block[] {
  const blocks: Block[] = [];
  for (let block: Block | null = tip; block && blocks.length <= length; block = block.parent) blocks.push(block);
  return blocks.reverse();
}

/** LWMA-1 of zawy12 (github.com/zawy12/difficulty-algorithms, issue 3): linearly weighted solve times, each at most 6 T. */
export function lwma1(length: number): Rule {
  return plain(`lwma1-${length}`, `LWMA-1 over ${length} blocks`, (tip) => {
    const blocks = window(tip, length);
    const n = blocks.length - 1;
    if (n < 1) return tip.difficulty;
    let weighted = 0;
    let targets = 0;
    let previousMs = blocks[0]!.timeMs;
    for (let i = 1; i <= n; i++) {
      const { timeMs, difficulty } = blocks[i]!;
      const thisMs = timeMs > previousMs ? timeMs : previousMs + 1;
      weighted += Math.min(6 * T, thisMs - previousMs) * i;
      targets += 1 / difficulty;
      previousMs = thisMs;
    }
    const target = (targets / n) * (weighted / ((n * (n + 1)) / 2) / T);
    return 1 / target;
  });
}

/** A simple moving average: the work of the window divided by its time. */
export function sma(length: number): Rule {
  return plain(`sma-${length}`, `simple moving average over ${length} blocks`, (tip) => {
    const blocks = window(tip, length);
    const n = blocks.length - 1;
    if (n < 1) return tip.difficulty;
    const work = blocks.slice(1).reduce((sum, { difficulty }) => sum + difficulty, 0);
    return (work * T) / Math.max(1, tip.timeMs - blocks[0]!.timeMs);
  });
}

function sealed(block: Block): SealedHeader {
  return { header: { height: block.height, timeMs: block.timeMs, bits: block.bits } as BlockHeader, nonce: NO_BYTES, id: '' };
}
const NO_BYTES = new Uint8Array(0);

/** The rule of the product: `expectedBits` itself. */
export const ours: Rule = {
  name: 'ours',
  about: 'src/consensus/difficulty.ts: relative ASERT with easing, halving in a burst',
  next(tip, timeMs) {
    const bits = expectedBits(
      NETWORK,
      headerContext(sealed(tip), (height) => sealed(ancestorAt(tip, height))),
      timeMs,
    );
    return { bits, difficulty: difficultyOf(bits) };
  },
  changesAfter: easeSteps(8, 2),
};

function ancestorAt(block: Block, height: number): Block {
  while (block.height > height) block = block.parent!;
  return block;
}

function easeSteps(after: number, every: number): (gapMs: number) => number {
  return (gapMs) => (gapMs < after * T ? after * T : (after + every * (Math.floor((gapMs - after * T) / (every * T)) + 1)) * T);
}

/** Parameters of the relative rule, in block times. They serve to remove a part of the rule and to look for better values. */
export interface Relative {
  readonly halfLife: number;
  readonly maxSolve: number;
  readonly easeAfter: number;
  readonly easeEvery: number;
  /** The answer to storms of blocks; see {@link Burst}. */
  readonly burst?: Burst;
}

/** While the last `blocks` blocks took less than `spanBlocks` · T together, a block's target is its parent's divided by `factor`. */
export interface Burst {
  readonly blocks: number;
  readonly spanBlocks: number;
  readonly factor: number;
}

/** The relative rule with other parameters, in floating point. */
export function relative(name: string, knobs: Relative): Rule {
  const { halfLife, maxSolve, easeAfter, easeEvery, burst } = knobs;
  const text = `half-life ${halfLife} T, solve ≤ ${maxSolve} T, ease after ${easeAfter} T every ${easeEvery} T`;
  const extra = burst ? `; ÷ ${burst.factor} while the last ${burst.blocks} took < ${burst.spanBlocks} T` : '';
  return {
    name,
    about: text + extra,
    next(tip, timeMs) {
      const solveMs = tip.parent ? Math.min(tip.timeMs - tip.parent.timeMs, maxSolve * T) : T;
      let factor = 2 ** ((T - solveMs) / (halfLife * T));
      if (burst && inBurst(tip, burst)) factor = Math.max(factor, burst.factor);
      const over = timeMs - tip.timeMs - easeAfter * T;
      const ease = over < 0 ? 0 : 1 + Math.floor(over / (easeEvery * T));
      return { bits: 0, difficulty: Math.max(EASIEST, (tip.difficulty * factor) / 2 ** ease) };
    },
    changesAfter: easeSteps(easeAfter, easeEvery),
  };
}

function inBurst(tip: Block, { blocks, spanBlocks }: Burst): boolean {
  let ancestor: Block | null = tip;
  for (let i = 0; i < blocks && ancestor; i++) ancestor = ancestor.parent;
  // The time of genesis does not depend on the hash rate.
  if (!ancestor?.parent) return false;
  return tip.timeMs - ancestor.timeMs < spanBlocks * T;
}

/** The product's rule without the burst part, to show its effect. */
const WITHOUT_BURST = relative('without-burst', { halfLife: 10, maxSolve: 6, easeAfter: 8, easeEvery: 2 });

/** The compared rules. The averaging window of 60 blocks and BCH's half-life of 288 are the values used in practice. */
export const RULES: readonly Rule[] = [absoluteAsert(288), absoluteAsert(10), lwma1(60), sma(60), WITHOUT_BURST, ours];
