import { Prng } from '../../sim/engine/prng.ts';
import type { Bench, Benchmark, Goal } from '../framework/benchmark.ts';
import type { Knobs } from './fast-chain.ts';
import { runFresh, type FreshResult } from './fresh-network.ts';
import { LONE_STRATEGIES, loneEmission } from './lone.ts';
import { runTrace, type ChainResult } from './one-chain.ts';
import { DEPTHS, raise, SHARE, STRATEGIES, UNSETTLED, type Estimate, type RaiseResult, type Strategy } from './raise.ts';
import { BEGINNERS, CANDIDATES, EASIEST, OUR_KNOBS, ours, RULES, START, T } from './rules.ts';
import { TAB, TRACES, type Trace } from './traces.ts';

/** Tabs that begin together: on a fresh network, or on a chain that has settled. */
interface Beginning {
  readonly name: string;
  readonly about: string;
  readonly tabs: number;
  readonly startDifficulty: number;
  readonly settled?: boolean;
}

const BEGINNINGS: readonly Beginning[] = [
  ...[1, 3, 30].map((tabs) => ({
    name: `fresh_${tabs}`,
    about: `a fresh network of ${tabs} tab${tabs > 1 ? 's' : ''}`,
    tabs,
    startDifficulty: START,
  })),
  { name: 'easy_30', about: 'a fresh network of 30 tabs that starts at the easiest target', tabs: 30, startDifficulty: EASIEST },
  { name: 'begins_30', about: '30 tabs on a settled chain of two', tabs: 30, startDifficulty: 2 * TAB * T, settled: true },
];
const LATENCY_MS = 100;
const END_MS = 30 * 60_000;
const BEGINNING_SEEDS = 20;

/** Attempts with each strategy, and days of a lone miner. `BENCH_RAISE_RUNS=200000` narrows the intervals by √10. */
const RAISE_RUNS = 20_000;
const LONE_RUNS = 4;
/** A candidate gets a fifth of the attempts: the choice between candidates needs less precision. */
const CANDIDATE_PART = 5;
/** The attacker's share is drawn as this, so that rare successes are met; see {@link raise}. */
const DRAWN = 0.45;
/** Success is not rare against these rules, and importance sampling would widen the intervals. */
const OFTEN = new Set(['burst', 'carried-10']);

/** No header time changes anything: the attacker can only catch up by luck. */
const FIXED: Knobs = { halfLife: Infinity, maxSolve: 1, easeAfter: Infinity, easeEvery: 1, carries: false };

const GOALS: Readonly<Record<string, Goal>> = {
  longest_wait_200_to_2_s: { atMost: 300 },
  fresh_30_storm_s: { atMost: 60 },
  fresh_30_stale_blocks: { atMost: 80 },
  raise_20_percent: { atMost: 0.35 },
  raise_100_percent: { atMost: 0.01 },
  lone_emission: { atMost: 1.1 },
};

/** The difficulty laboratory: the tables of tests/reports/difficulty.md. `BENCH_SEED` draws other worlds. */
export const difficulty: Benchmark = {
  name: 'difficulty',
  summary: 'candidate difficulty rules on hash-rate traces and under attack: block times, waits, storms, emission, rewritten blocks',
  async run(bench) {
    const seed = bench.setting('BENCH_SEED', 1);
    bench.note(`T = ${T / 1000} s, seed ${seed}; medians over the runs of a trace`);
    for (const rule of RULES) bench.note(`${rule.name}: ${rule.about}`);
    for (const trace of TRACES) traceTable(bench, trace, seed);
    for (const beginning of BEGINNINGS) beginningTable(bench, beginning, seed);
    raiseTables(bench, seed, bench.setting('BENCH_RAISE_RUNS', RAISE_RUNS));
    unsettledTable(bench, seed, bench.setting('BENCH_RAISE_RUNS', RAISE_RUNS));
    loneTable(bench, seed);
  },
};

function figure(bench: Bench, name: string, value: number): void {
  bench.figure(name, value, GOALS[name]);
}

function traceTable(bench: Bench, trace: Trace, seed: number): void {
  const rows = RULES.map((rule) => {
    const runs = Array.from({ length: trace.seeds }, (_, i) => runTrace(rule, trace, new Prng(`${seed}/${trace.name}/${i}`)));
    const figures = summary(runs);
    if (rule === ours) {
      figure(bench, `mean_${trace.name}_s`, figures.mean);
      figure(bench, `longest_wait_${trace.name}_s`, figures.longest);
      figure(bench, `emission_error_${trace.name}_percent`, figures.emission);
    }
    const { mean, longest, worst, quick, within, emission } = figures;
    return [rule.name, fixed(mean, 2), fixed(longest), fixed(worst), fixed(quick, 1), String(within), fixed(emission, 1)];
  });
  const head = [
    'rule',
    'mean block time, s',
    'longest wait, s',
    '… worst run',
    'blocks within T/10, %',
    'most within T',
    'emission error, %',
  ];
  table(bench, `${trace.name}: ${trace.about} (${trace.seeds} runs)`, head, rows);
}

function summary(runs: readonly ChainResult[]) {
  const blocks = sum(runs.map((run) => run.blocks));
  const awakeMs = sum(runs.map((run) => run.awakeMs));
  return {
    mean: awakeMs / blocks / 1000,
    longest: median(runs.map((run) => run.longestWaitMs)) / 1000,
    worst: Math.max(...runs.map((run) => run.longestWaitMs)) / 1000,
    quick: (100 * sum(runs.map((run) => run.quick))) / blocks,
    within: Math.max(...runs.map((run) => run.mostWithinT)),
    // Relative to the time in which any tab mined: a night without miners owes no blocks.
    emission: 100 * (blocks / (awakeMs / T) - 1),
  };
}

function beginningTable(bench: Bench, { name, about, ...start }: Beginning, seed: number): void {
  const options = { ...start, latencyMs: LATENCY_MS, endMs: END_MS };
  const rows = RULES.map((rule) => {
    const runs = Array.from({ length: BEGINNING_SEEDS }, (_, i) => runFresh(rule, options, new Prng(`${seed}/${name}/${i}`)));
    const middle = (field: keyof FreshResult): number => median(runs.map((run) => run[field]));
    const deepest = Math.max(...runs.map((run) => run.deepest));
    if (rule === ours) {
      figure(bench, `${name}_storm_s`, middle('stormMs') / 1000);
      figure(bench, `${name}_storm_blocks`, middle('stormBlocks'));
      figure(bench, `${name}_stale_blocks`, middle('stale'));
    }
    const storm = [fixed(middle('stormMs') / 1000), fixed(middle('stormBlocks'))];
    return [rule.name, ...storm, fixed(middle('stale')), String(deepest), fixed(middle('blocks')), fixed(middle('longestWaitMs') / 1000)];
  });
  const head = [
    'rule',
    'storm, s',
    'blocks in it',
    'stale blocks',
    'deepest reorganisation',
    `blocks in ${END_MS / 60_000} min`,
    'longest wait, s',
  ];
  table(bench, `${about}, ${LATENCY_MS} ms apart (${BEGINNING_SEEDS} runs)`, head, rows);
}

const RAISE_HEAD = DEPTHS.flatMap((depth) => [`≥ ${depth} at once, %`, `≥ ${depth} patient, %`]);

/** Every strategy against the product's rule, and the most successful one against each candidate. */
function raiseTables(bench: Bench, seed: number, runs: number): void {
  const results = (knobs: Knobs, name: string, attempts: number): (readonly [Strategy, RaiseResult])[] =>
    STRATEGIES.map((strategy) => {
      const random = new Prng(`${seed}/raise/${name}/${strategy.name}`);
      return [strategy, raise(knobs, strategy, attempts, OFTEN.has(name) ? SHARE : DRAWN, random)];
    });
  const best = (knobs: Knobs, name: string): RaiseResult =>
    worstOf(results(knobs, name, runs / CANDIDATE_PART).map(([, result]) => result));
  const own = results(OUR_KNOBS, ours.name, runs);
  const worst = worstOf(own.map(([, result]) => result));
  DEPTHS.forEach((depth, i) => {
    figure(bench, `raise_${depth}_percent`, 100 * worst.soon[i]!.share);
    figure(bench, `raise_${depth}_patient_percent`, 100 * worst.patient[i]!.share);
  });
  const title = 'a private branch of 30 % of the hash power rewrites at least so many blocks, % of attempts ± 95 % interval';
  table(
    bench,
    `${title}, ${ours.name}`,
    ['header times', 'that is', ...RAISE_HEAD],
    own.map(([{ name, about }, result]) => [name, about, ...cells(result)]),
  );
  const rows = [
    ['fixed', ...cells(best(FIXED, 'fixed'))],
    ...CANDIDATES.map(({ name, knobs }) => [name, ...cells(best(knobs, name))]),
    [ours.name, ...cells(worst)],
  ];
  table(bench, `${title}, the best header times against each rule`, ['rule', ...RAISE_HEAD], rows);
}

/** Attempts on a chain that has not settled: plain frequencies. */
function unsettledTable(bench: Bench, seed: number, runs: number): void {
  const rows = [...BEGINNERS, { name: ours.name, knobs: OUR_KNOBS }].flatMap(({ name, knobs }) =>
    UNSETTLED.map((strategy) => {
      const result = raise(knobs, strategy, runs, SHARE, new Prng(`${seed}/unsettled/${name}/${strategy.name}`));
      return [name, strategy.name, ...cells(result)];
    }),
  );
  table(bench, 'the same on a chain that has not settled, header times 1 ms apart', ['rule', 'fork at', ...RAISE_HEAD], rows);
}

function worstOf(results: readonly RaiseResult[]): RaiseResult {
  const most = (of: (result: RaiseResult) => Estimate): Estimate => results.map(of).reduce((a, b) => (b.share > a.share ? b : a));
  return {
    soon: DEPTHS.map((_, i) => most(({ soon }) => soon[i]!)),
    patient: DEPTHS.map((_, i) => most(({ patient }) => patient[i]!)),
  };
}

function cells({ soon, patient }: RaiseResult): string[] {
  const percent = ({ share, margin }: Estimate): string => `${digits(100 * share)} ± ${digits(100 * margin)}`;
  return DEPTHS.flatMap((_, i) => [percent(soon[i]!), percent(patient[i]!)]);
}

function loneTable(bench: Bench, seed: number): void {
  const rules = [...CANDIDATES, { name: ours.name, knobs: OUR_KNOBS }];
  const rows = LONE_STRATEGIES.map((strategy) =>
    rules.map(({ name, knobs }) => loneEmission(knobs, strategy, LONE_RUNS, new Prng(`${seed}/lone/${name}/${strategy.name}`))),
  );
  figure(bench, 'lone_emission', Math.max(...rows.map((row) => row.at(-1)!)));
  table(
    bench,
    `coins of a lone miner in a day by chosen header times ÷ by true times (${LONE_RUNS} runs)`,
    ['header times', ...rules.map(({ name }) => name)],
    LONE_STRATEGIES.map(({ name }, i) => [name, ...rows[i]!.map((ratio) => fixed(ratio, 2))]),
  );
}

/** Prints a Markdown table, as in the report. */
function table(bench: Bench, title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  bench.note('');
  bench.note(title);
  bench.note('');
  bench.note(line(head));
  bench.note(`| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`);
  for (const row of rows) bench.note(line(row));
}

const fixed = (value: number, decimals = 0): string => value.toFixed(decimals);
/** Two significant digits. */
const digits = (value: number): string => (value === 0 ? '0' : value >= 10 ? value.toFixed(0) : String(Number(value.toPrecision(2))));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
