import type { Prng } from '../../sim/engine/prng.ts';
import { FastChain, type Knobs } from './fast-chain.ts';

/**
 * The difficulty-raising attack (Bahack 2013, "Theoretical Bitcoin attacks with less than half of the computational power"): a private
 * branch with chosen header times. Work per hash is the same at any difficulty, but a harder block is a lottery ticket with a larger prize:
 * a short lucky branch outweighs a long one.
 */

/** Share of the hash power that the attacker has. The honest miners have the rest, and their header times are true. */
export const SHARE = 0.3;
/** An attempt ends after this many honest blocks. */
const LAST = 300;
/** An attempt that lags by this many settled blocks never recovers. */
const HOPELESS = 400;
/** Header times may be this far ahead at publication. */
const AHEAD = 2;
/** Depths that are counted. */
export const DEPTHS = [6, 20, 100] as const;
/** Binary logarithm of the settled difficulty over the lowest: ten tabs of 5 MH/s. The settled difficulty is the unit of work. */
const ABOVE_EASIEST = 9.5;
/** One millisecond at T = 15 s. */
const TICK = 1 / 15_000;
/** Settled blocks of random solve times before an attempt. */
const WARM_UP = 40;

/** The private branch as a strategy sees it. */
interface Attempt {
  readonly chain: FastChain;
  /** Blocks of the private branch so far. */
  readonly mined: number;
  /** Work that the branch lacks, in settled blocks. */
  readonly deficit: number;
}

export interface Strategy {
  readonly name: string;
  readonly about: string;
  /** The last block before the fork took this long. */
  readonly lastGap?: number;
  /** The chain has not settled: height of the fork, and binary logarithm of the difficulty there over the difficulty that fits. */
  readonly start?: { readonly height: number; readonly doublings: number };
  /** Header time of the next private block after its parent's, in block times; `true-time` for the real time at which it is found. */
  gap(attempt: Attempt): number | 'true-time';
}

/** Header times like the first `gaps`, then 1 ms apart. */
const first =
  (...gaps: number[]) =>
  ({ mined }: Attempt): number =>
    gaps[mined] ?? TICK;

const steady = (name: string, gap: number): Strategy => ({ name, about: `header times ${name} apart`, gap: () => gap });

export const STRATEGIES: readonly Strategy[] = [
  { name: 'true times', about: 'no lie: plain catching up', gap: () => 'true-time' },
  steady('1 ms', TICK),
  steady('T/8', 1 / 8),
  steady('T/4', 1 / 4),
  steady('T/2', 1 / 2),
  { name: '4 slow', about: 'four blocks 3 T apart, then 1 ms', gap: first(3, 3, 3, 3) },
  { name: '2 slower', about: 'two blocks 7.9 T apart, then 1 ms', gap: first(7.9, 7.9) },
  { name: 'jump 14 T', about: 'the first block 14 T late and eased, then 1 ms', gap: first(14) },
  { name: '2 jumps of 9 T', about: 'two blocks 9 T late and eased, then 1 ms', gap: first(9, 9) },
  { name: 'after easing', about: 'forks after a block that took 14 T, then 1 ms', lastGap: 14, gap: () => TICK },
  { name: 'late', about: 'T apart; 1 ms while more than 4 blocks behind', gap: ({ deficit }) => (deficit > 4 ? TICK : 1) },
  {
    name: 'one blow',
    about: '1 ms until the next block outweighs all that is lacking, then T',
    gap: ({ chain, deficit }) => (2 ** chain.next < deficit ? TICK : 1),
  },
  {
    name: 'three blows',
    about: '1 ms until the next block outweighs a third of what is lacking, then T',
    gap: ({ chain, deficit }) => (2 ** chain.next < deficit / 3 ? TICK : 1),
  },
];

const unsettled = (name: string, height: number, doublings: number): Strategy => ({
  name,
  about: 'header times 1 ms apart',
  start: { height, doublings },
  gap: () => TICK,
});

/** Attempts on a chain that has not settled. */
export const UNSETTLED: readonly Strategy[] = [
  unsettled('genesis with a fitting difficulty', 0, 0),
  unsettled('genesis with an eleventh of that', 0, -3.5),
  unsettled('2 of 200 tabs are left', 1_000, Math.log2(100)),
];

/** An estimated probability, and half the width of its 95 % interval. */
export interface Estimate {
  readonly share: number;
  readonly margin: number;
}

/**
 * Shares of attempts that succeed. `soon`: the attacker publishes as soon as the branch is heavier and at least 6 honest blocks deep; the
 * depths are those of the blocks rewritten then. `patient`: the attacker waits for a branch that is heavier and rewrites at least so many.
 */
export interface RaiseResult {
  readonly soon: readonly Estimate[];
  readonly patient: readonly Estimate[];
}

class Tally {
  #sum = 0;
  #squares = 0;

  add(weight: number): void {
    this.#sum += weight;
    this.#squares += weight * weight;
  }

  estimate(runs: number): Estimate {
    const share = this.#sum / runs;
    return { share, margin: 1.96 * Math.sqrt(Math.max(0, this.#squares / runs - share * share) / runs) };
  }
}

/**
 * Runs attempts by importance sampling: the attacker's hash power is drawn as `drawn`, and each success counts by the likelihood ratio of
 * its solve times. With `drawn` equal to 0.3 this is the plain frequency. Rare successes need an attacker drawn stronger.
 */
export function raise(knobs: Knobs, strategy: Strategy, runs: number, drawn: number, random: Prng): RaiseResult {
  const soon = DEPTHS.map(() => new Tally());
  const patient = DEPTHS.map(() => new Tally());
  const race = new Race(knobs, strategy, drawn, random);
  for (let run = 0; run < runs; run++) race.run(soon, patient);
  return { soon: soon.map((tally) => tally.estimate(runs)), patient: patient.map((tally) => tally.estimate(runs)) };
}

class Race {
  readonly #strategy: Strategy;
  readonly #drawn: number;
  readonly #random: Prng;
  readonly #settled: FastChain;
  readonly #honest: FastChain;
  readonly #private: FastChain;
  /** Logarithm of the likelihood ratio of all efforts drawn so far. */
  #ratio = 0;

  constructor(knobs: Knobs, strategy: Strategy, drawn: number, random: Prng) {
    const { height, doublings } = strategy.start ?? { height: 1_000, doublings: 0 };
    const chain = (): FastChain => new FastChain(knobs, -ABOVE_EASIEST, height, doublings);
    [this.#settled, this.#honest, this.#private] = [chain(), chain(), chain()];
    this.#strategy = strategy;
    this.#drawn = drawn;
    this.#random = random;
  }

  run(soon: readonly Tally[], patient: readonly Tally[]): void {
    const [honest, branch] = [this.#honest, this.#private];
    this.#warmUp();
    const start = honest.timeT;
    let [honestWork, work, depth, mined, published] = [0, 0, 0, 0, false];
    const open = new Set(DEPTHS.keys());
    let nowT = start;
    let gap = honest.solve(this.#effort(1 - SHARE, 1 - this.#drawn));
    let honestT = start + gap;
    let next = this.#search(branch, { chain: branch, mined, deficit: 0 }, nowT);
    while (depth < LAST && honestWork - work < HOPELESS && open.size > 0) {
      if (next.atT < honestT) {
        nowT = next.atT;
        work += 2 ** branch.difficulty(next.gap);
        branch.add(next.gap);
        mined++;
        next = this.#search(branch, { chain: branch, mined, deficit: honestWork - work }, nowT);
      } else {
        nowT = honestT;
        honestWork += 2 ** honest.difficulty(gap);
        honest.add(gap);
        depth++;
        gap = honest.solve(this.#effort(1 - SHARE, 1 - this.#drawn));
        honestT = nowT + gap;
      }
      if (work <= honestWork || depth < DEPTHS[0] || branch.timeT > nowT + AHEAD) continue;
      const weight = Math.exp(this.#ratio);
      if (!published) DEPTHS.forEach((least, i) => depth >= least && soon[i]!.add(weight));
      published = true;
      for (const i of open) {
        if (depth < DEPTHS[i]!) continue;
        patient[i]!.add(weight);
        open.delete(i);
      }
    }
  }

  /** Solve times of a settled network up to the fork, the same for both branches. */
  #warmUp(): void {
    const { lastGap, start } = this.#strategy;
    this.#honest.assign(this.#settled);
    for (let i = 0; i < WARM_UP && !start; i++) this.#honest.add(this.#honest.solve(this.#random.exponential(1)));
    if (lastGap !== undefined) this.#honest.add(lastGap);
    this.#private.assign(this.#honest);
    this.#ratio = 0;
  }

  /** When the attacker finds the next block, and its header time after its parent's. */
  #search(branch: FastChain, attempt: Attempt, nowT: number): { atT: number; gap: number } {
    const effort = this.#effort(SHARE, this.#drawn);
    const gap = this.#strategy.gap(attempt);
    if (gap !== 'true-time') return { atT: nowT + effort * 2 ** branch.difficulty(gap), gap };
    const solved = branch.solve(effort);
    return { atT: nowT + solved, gap: solved };
  }

  /** Effort for one block relative to its difficulty, over the hash power: exponential with rate `rate`, drawn with rate `drawn`. */
  #effort(rate: number, drawn: number): number {
    const effort = this.#random.exponential(1 / drawn);
    this.#ratio += Math.log(rate / drawn) - (rate - drawn) * effort;
    return effort;
  }
}
