import { expectedBits } from '../../../src/consensus/difficulty.ts';
import type { BlockHeader, SealedHeader } from '../../../src/protocol/block.ts';
import { createNetwork, type Network } from '../../../src/protocol/network.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';
import { easeOf, nextBase, type Knobs } from './fast-chain.ts';

/** The view of a chain that a rule has: header times, and difficulties in expected hashes. */
export interface Block {
  readonly height: number;
  readonly timeMs: number;
  /** Expected hashes. */
  readonly difficulty: number;
  /** Exact compact target, for rules that work on compact targets. */
  readonly bits: number;
  /** Binary logarithm of the difficulty without easing, for rules whose easing is not carried on. */
  readonly base: number;
  readonly parent: Block | null;
}

export type Target = Pick<Block, 'difficulty' | 'bits' | 'base'>;

export interface Rule {
  readonly name: string;
  readonly about: string;
  /** Difficulty and target of the block after `tip` at a header time. */
  next(tip: Block, timeMs: number): Target;
  /** The smallest gap after the tip, beyond `gapMs`, at which `next` returns another target. */
  changesAfter(gapMs: number): number;
}

export const NETWORK: Network = createNetwork({ label: 'laboratory' });
export const T = NETWORK.blockTimeMs;
/** The lowest difficulty, with which a fresh network begins. */
export const EASIEST = difficultyOf(NETWORK.powLimitBits);
/** Expected hashes of the first blocks of a fresh network: an ordinary tab needs T. */
export const START = difficultyOf(NETWORK.startBits);

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
    next: (tip) => ({ difficulty: Math.max(EASIEST, difficulty(tip)), bits: 0, base: 0 }),
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
  about: 'src/consensus/difficulty.ts: a base with half-life 24 T, 5 T in a young chain; easing after 8 T is not carried on',
  next(tip, timeMs) {
    const bits = expectedBits(NETWORK, { parent: sealed(tip), at: (height) => sealed(ancestorAt(tip, height)) }, timeMs);
    return { bits, difficulty: difficultyOf(bits), base: 0 };
  },
  changesAfter: easeSteps(8, 1),
};

function ancestorAt(block: Block, height: number): Block {
  while (block.height > height) block = block.parent!;
  return block;
}

function easeSteps(after: number, every: number): (gapMs: number) => number {
  return (gapMs) => (gapMs < after * T ? after * T : (after + every * (Math.floor((gapMs - after * T) / (every * T)) + 1)) * T);
}

/** A relative rule with other parameters, in floating point. */
export interface Relative extends Rule {
  readonly knobs: Knobs;
}

function relative(name: string, about: string, knobs: Knobs): Relative {
  const easiest = Math.log2(EASIEST);
  return {
    name,
    about,
    knobs,
    next(tip, timeMs) {
      const base = nextBase(knobs, tip.base, easiest, tip.height, (below) => ancestorAt(tip, tip.height - below).timeMs / T);
      const eased = Math.max(easiest, base - easeOf(knobs, (timeMs - tip.timeMs) / T));
      return { bits: 0, difficulty: 2 ** eased, base: knobs.carries ? eased : base };
    },
    changesAfter: easeSteps(knobs.easeAfter, knobs.easeEvery),
  };
}

const MATURE: Knobs = { halfLife: 24, maxSolve: 20, easeAfter: 8, easeEvery: 1, carries: false };
/** The parameters of `ours`. The fast model uses them. */
export const OUR_KNOBS: Knobs = { ...MATURE, young: { blocks: 32, halfLife: 5 } };

const CARRIED: Knobs = { halfLife: 10, maxSolve: 6, easeAfter: 8, easeEvery: 2, carries: true };
/** Version 1 of the protocol. */
const BURST = relative('burst', 'half-life 10 T, easing carried on, target halved while eight blocks come within T', {
  ...CARRIED,
  burst: { blocks: 8, spanBlocks: 1, factor: 2, below: Infinity },
});
const CARRIED_10 = relative('carried-10', 'the same without the halving', CARRIED);
const CARRIED_24 = relative('carried-24', 'half-life 24 T, easing carried on', { ...CARRIED, halfLife: 24 });
const OURS_16 = relative('ours-16', 'ours with half-life 16 T', { ...OUR_KNOBS, halfLife: 16 });
const OURS_40 = relative('ours-40', 'ours with half-life 40 T', { ...OUR_KNOBS, halfLife: 40 });
const NEVER_YOUNG = relative('never-young', 'ours without the shorter half-life of a young chain', MATURE);

/** Relative rules that were considered. */
export const CANDIDATES: readonly Relative[] = [BURST, CARRIED_10, CARRIED_24, OURS_16, OURS_40];
/** The rules that differ in how a network begins. */
export const BEGINNERS: readonly Relative[] = [BURST, NEVER_YOUNG];

/** The compared rules. The averaging window of 60 blocks and BCH's half-life of 288 are the values used in practice. */
export const RULES: readonly Rule[] = [absoluteAsert(288), absoluteAsert(10), lwma1(60), sma(60), ...CANDIDATES, NEVER_YOUNG, ours];
