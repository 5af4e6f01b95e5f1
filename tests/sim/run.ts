import initSqlJs, { type SqlJsStatic } from 'sql.js';
import { Prng } from './engine/prng.ts';
import { Fate } from './fate.ts';
import { longChain } from './long-chain.ts';
import { drawPlan, networkOf, type Plan, type PlanOptions } from './plan.ts';
import { World, type Violation } from './world.ts';

export interface RunOptions extends PlanOptions {
  /** Writes every line of the trace to stderr. */
  readonly print?: boolean | undefined;
}

export interface RunResult {
  readonly seed: number;
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  readonly counters: ReadonlyMap<string, number>;
  /** Hash of all events. */
  readonly trace: string;
  readonly tail: readonly string[];
  readonly virtualMs: number;
  readonly events: number;
  readonly blocks: number;
  readonly reorganisations: number;
  readonly deepestReorganisation: number;
}

/** The extra round of mining for own transactions that still wait: this many mean block times, then time for the last block to arrive. */
const ROUND_BLOCKS = 10;
const ROUND_SETTLE_MS = 30_000;

/** sql.js, compiled once for many runs. */
export function loadSqlJs(): Promise<SqlJsStatic> {
  return initSqlJs();
}

/** Runs one world from beginning to end. The same seed and options give the same result, whatever ran before. */
export async function runSeed(seed: number, sqlJs: SqlJsStatic, options: RunOptions = {}): Promise<RunResult> {
  const plan = drawPlan(new Prng(`plan ${seed}`), options);
  const long = plan.long && (await longChain(sqlJs, networkOf(plan), plan, plan.long));
  const world = new World(`world ${seed}`, plan, sqlJs, options.print ?? false, long);
  world.populate();
  const fate = new Fate(world);
  fate.begin();
  const { time, startMs } = world;
  await time.runUntil(startMs + plan.chaosMs);
  if (world.violations.length === 0) {
    fate.heal();
    const before = world.checks.height();
    await time.runUntil(startMs + plan.chaosMs + plan.healMs);
    const waitMs = world.checks.clockWaitMs();
    if (waitMs > 0) {
      world.count('clock:waited');
      await time.runUntil(time.now() + waitMs + plan.healMs);
    }
    if (world.violations.length === 0) world.checks.grown(before);
    if (world.violations.length === 0) await world.checks.gotIn();
  }
  if (world.violations.length === 0) {
    for (const tab of world.tabs) tab.rest();
    await time.runUntil(time.now() + plan.settleMs);
  }
  if (world.violations.length === 0 && (await world.checks.findWaiting())) {
    // Their coins came after the last announcement to a miner. Now every miner knows these transactions and must include them.
    for (const tab of world.tabs) tab.mine(tab.wantedMining);
    await time.runUntil(time.now() + ROUND_BLOCKS * plan.blockTimeMs);
    for (const tab of world.tabs) tab.rest();
    await time.runUntil(time.now() + ROUND_SETTLE_MS);
  }
  if (world.violations.length === 0) await world.checks.final();
  for (const tab of world.tabs) tab.page?.kill();
  return {
    seed,
    plan,
    violations: world.violations,
    counters: world.counters,
    trace: world.trace.digest(),
    tail: world.trace.tail(),
    virtualMs: time.now() - startMs,
    events: time.events,
    blocks: world.checks.blocks.size,
    reorganisations: world.checks.reorganisations,
    deepestReorganisation: world.checks.deepest,
  };
}
