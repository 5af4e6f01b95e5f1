import { Prng } from '../../sim/engine/prng.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { runFresh, type FreshResult } from './fresh-network.ts';
import { runTrace, type ChainResult } from './one-chain.ts';
import { ours, RULES, T } from './rules.ts';
import { TRACES, type Trace } from './traces.ts';

/** A fresh network: the number of tabs that start it, and how long it runs. */
const FRESH_TABS = [1, 3, 30];
const FRESH_LATENCY_MS = 100;
const FRESH_END_MS = 30 * 60_000;
const FRESH_SEEDS = 20;

/** The difficulty laboratory: the tables of tests/reports/difficulty.md. `BENCH_SEED` draws other worlds. */
export const difficulty: Benchmark = {
  name: 'difficulty',
  summary: 'candidate difficulty rules on hash-rate traces: block times, waits, storms, emission',
  async run(bench) {
    const seed = bench.setting('BENCH_SEED', 1);
    bench.note(`T = ${T / 1000} s, seed ${seed}; medians over the runs of a trace`);
    for (const rule of RULES) bench.note(`${rule.name}: ${rule.about}`);
    for (const trace of TRACES) traceTable(bench, trace, seed);
    for (const tabs of FRESH_TABS) freshTable(bench, tabs, seed);
  },
};

function traceTable(bench: Bench, trace: Trace, seed: number): void {
  const rows = RULES.map((rule) => {
    const runs = Array.from({ length: trace.seeds }, (_, i) => runTrace(rule, trace, new Prng(`${seed}/${trace.name}/${i}`)));
    const figures = summary(runs);
    if (rule === ours) {
      bench.figure(`${rule.name}_mean_${trace.name}_s`, figures.mean);
      bench.figure(`${rule.name}_longest_wait_${trace.name}_s`, figures.longest);
      bench.figure(`${rule.name}_emission_error_${trace.name}_percent`, figures.emission);
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

function freshTable(bench: Bench, tabs: number, seed: number): void {
  const options = { tabs, latencyMs: FRESH_LATENCY_MS, endMs: FRESH_END_MS };
  const rows = RULES.map((rule) => {
    const runs = Array.from({ length: FRESH_SEEDS }, (_, i) => runFresh(rule, options, new Prng(`${seed}/fresh/${tabs}/${i}`)));
    const middle = (field: keyof FreshResult): number => median(runs.map((run) => run[field]));
    const deepest = Math.max(...runs.map((run) => run.deepest));
    if (rule === ours) {
      bench.figure(`${rule.name}_fresh_${tabs}_storm_s`, middle('stormMs') / 1000);
      bench.figure(`${rule.name}_fresh_${tabs}_storm_blocks`, middle('stormBlocks'));
      bench.figure(`${rule.name}_fresh_${tabs}_stale_blocks`, middle('stale'));
    }
    const storm = [fixed(middle('stormMs') / 1000), fixed(middle('stormBlocks'))];
    return [rule.name, ...storm, fixed(middle('stale')), String(deepest), fixed(middle('blocks')), fixed(middle('longestWaitMs') / 1000)];
  });
  const minutes = FRESH_END_MS / 60_000;
  const head = [
    'rule',
    'storm, s',
    'blocks in it',
    'stale blocks',
    'deepest reorganisation',
    `blocks in ${minutes} min`,
    'longest wait, s',
  ];
  table(bench, `a fresh network of ${tabs} tab${tabs > 1 ? 's' : ''}, ${FRESH_LATENCY_MS} ms apart (${FRESH_SEEDS} runs)`, head, rows);
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
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
