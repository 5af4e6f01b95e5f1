import type { Prng } from '../../sim/engine/prng.ts';
import { bitsOf, T, type Block, type Rule } from './rules.ts';
import type { Clock, Trace } from './traces.ts';

export interface ChainResult {
  readonly blocks: number;
  /** Milliseconds in which any miner searched. */
  readonly awakeMs: number;
  readonly longestWaitMs: number;
  /** Blocks found less than T/10 after their parent. */
  readonly quick: number;
  /** Most blocks within any span of T. */
  readonly mostWithinT: number;
}

/** Blocks before the trace begins, T apart, so that every averaging window is full. */
const SETTLED = 100;

/** Ends runaway traces: absolute schedules owe a week's blocks at once. */
const MAX_BLOCKS = 60_000;

/** A settled chain whose difficulty fits `rate` (hashes per millisecond), its tip at time 0. */
export function settled(rate: number): Block {
  const difficulty = rate * T;
  const bits = bitsOf(difficulty);
  const base = Math.log2(difficulty);
  let block: Block = { height: 0, timeMs: -SETTLED * T, difficulty, bits, base, parent: null };
  for (let i = 1; i <= SETTLED; i++) block = { ...block, height: i, timeMs: block.timeMs + T, parent: block };
  return block;
}

const stampOf = (clock: Clock, nowMs: number, parentMs: number): number => Math.max(parentMs + 1, Math.round(clock.stamp(nowMs, parentMs)));

/**
 * Simulates one chain that all miners see at once: exponential solve times under a changing hash rate, with header times from clocks that
 * differ. The target may change during a search.
 */
export function runTrace(rule: Rule, trace: Trace, random: Prng): ChainResult {
  // An absolute schedule is anchored at the start of the trace.
  let tip: Block = settled(trace.rates[0]![1]);
  let nowMs = 0;
  let awakeMs = 0;
  let waitMs = 0;
  let longestWaitMs = 0;
  const found: number[] = [];
  let left = random.exponential(1);
  while (nowMs < trace.endMs && found.length < MAX_BLOCKS) {
    const segment = trace.rates.findLastIndex(([fromMs]) => fromMs <= nowMs);
    const rate = trace.rates[segment]![1];
    let untilMs = Math.min(trace.endMs, trace.rates[segment + 1]?.[0] ?? Infinity);
    if (rate === 0) {
      nowMs = untilMs;
      continue;
    }
    const hazards = trace.clocks.map((clock) => {
      const stamp = stampOf(clock, nowMs, tip.timeMs);
      const changeMs = nowMs + rule.changesAfter(stamp - tip.timeMs) - (stamp - tip.timeMs);
      untilMs = Math.min(untilMs, Math.max(nowMs + 1, changeMs));
      return (clock.share * rate) / rule.next(tip, stamp).difficulty;
    });
    const hazard = hazards.reduce((sum, each) => sum + each, 0);
    const neededMs = left / hazard;
    const spentMs = Math.min(neededMs, untilMs - nowMs);
    awakeMs += spentMs;
    waitMs += spentMs;
    longestWaitMs = Math.max(longestWaitMs, waitMs);
    if (neededMs > untilMs - nowMs) {
      left -= (untilMs - nowMs) * hazard;
      nowMs = untilMs;
      continue;
    }
    nowMs += neededMs;
    const clock = chosen(trace.clocks, hazards, hazard * random.float());
    const timeMs = stampOf(clock, nowMs, tip.timeMs);
    tip = { height: tip.height + 1, timeMs, ...rule.next(tip, timeMs), parent: tip };
    found.push(nowMs);
    waitMs = 0;
    left = random.exponential(1);
  }
  return { blocks: found.length, awakeMs, longestWaitMs, quick: quick(found), mostWithinT: mostWithin(found, T) };
}

function chosen(clocks: readonly Clock[], weights: readonly number[], at: number): Clock {
  for (let i = 0; i < clocks.length; i++) {
    at -= weights[i]!;
    if (at < 0) return clocks[i]!;
  }
  return clocks.at(-1)!;
}

function quick(found: readonly number[]): number {
  return found.reduce((count, timeMs, i) => count + (i > 0 && timeMs - found[i - 1]! < T / 10 ? 1 : 0), 0);
}

function mostWithin(found: readonly number[], spanMs: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < found.length; to++) {
    while (found[to]! - found[from]! > spanMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
