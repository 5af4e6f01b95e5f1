import type { Prng } from '../../sim/engine/prng.ts';
import { FastChain, type Knobs } from './fast-chain.ts';

/**
 * A miner without competitors chooses all header times, within the rules: later than the parent's, and at most 2 T ahead of the clock. The
 * question is how many coins more than by true times the miner gets.
 */

/** A day at T = 15 s. */
const END = 5_760;
const AHEAD = 2;
const TICK = 1 / 15_000;
/** Binary logarithm of the settled difficulty over the lowest: one tab of 5 MH/s. */
const ABOVE_EASIEST = 6;

export interface LoneStrategy {
  readonly name: string;
  /** Header time of the next block after its parent's, given how far the clock is ahead of the tip's header time; in block times. */
  gap(lag: number, height: number): number;
}

/** Header times lag behind until one block jumps to the present. */
const lagThenJump = (jump: number, pace = TICK): LoneStrategy => ({
  name: `lag, then jump ${jump} T${pace > TICK ? `, ${pace} T apart before` : ''}`,
  gap: (lag) => (lag >= jump ? jump : pace),
});

export const LONE_STRATEGIES: readonly LoneStrategy[] = [
  ...[6, 7.9, 8, 10, 12, 14, 16, 20, 26, 40].map((jump) => lagThenJump(jump)),
  ...[0.15, 0.25, 0.5].flatMap((pace) => [8, 10, 14, 20].map((jump) => lagThenJump(jump, pace))),
  { name: 'two jumps of 14 T in a row', gap: (lag, height) => (lag >= 28 || (height % 2 === 0 && lag >= 14) ? 14 : TICK) },
  { name: 'one hour in jumps of 20 T', gap: (lag, height) => (lag >= 240 || (height % 12 !== 0 && lag >= 20) ? 20 : TICK) },
  { name: 'as far ahead as allowed', gap: (lag) => Math.max(TICK, lag + AHEAD) },
];

/** Blocks of a day with chosen header times ÷ blocks of a day with true times. */
export function loneEmission(knobs: Knobs, strategy: LoneStrategy, runs: number, random: Prng): number {
  let chosen = 0;
  let honest = 0;
  for (let run = 0; run < runs; run++) {
    chosen += blocks(knobs, random, (lag, height) => strategy.gap(lag, height));
    honest += blocks(knobs, random, null);
  }
  return chosen / honest;
}

function blocks(knobs: Knobs, random: Prng, gapOf: LoneStrategy['gap'] | null): number {
  const settled = 1_000;
  const chain = new FastChain(knobs, -ABOVE_EASIEST, settled, 0);
  for (let nowT = 0; ;) {
    const effort = random.exponential(1);
    if (gapOf === null) {
      const gap = chain.solve(effort);
      nowT += gap;
      if (nowT > END) break;
      chain.add(gap);
      continue;
    }
    // A header time ahead of what is allowed now is a matter of waiting, so the choice holds for the whole search.
    const gap = Math.max(TICK, Math.min(gapOf(nowT - chain.timeT, chain.height), nowT + AHEAD - chain.timeT));
    nowT += effort * 2 ** chain.difficulty(gap);
    if (nowT > END) break;
    chain.add(gap);
  }
  return chain.height - settled;
}
