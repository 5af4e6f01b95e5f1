/**
 * `npm run bench [-- name…] [--json] [--check]`: runs the named benchmarks, or all but the long ones. Every ratio compares samples of this
 * run with a reference that ran in alternation. No results of earlier runs are used, and no software is installed.
 */
import type { Bench, Benchmark, Goal } from './framework/benchmark.ts';
import { expectedBands, judge } from './framework/expectations.ts';
import { describeMachine } from './framework/machine.ts';
import { BenchPage } from './page/bench-page.ts';
import { BENCHMARKS } from './registry.ts';

interface Options {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly check: boolean;
}

function usage(): string {
  const list = BENCHMARKS.map(({ name, summary, long }) => `  ${name.padEnd(13)}${summary}${long ? ' (runs only when named)' : ''}`);
  return ['Usage: npm run bench [-- name…] [--json] [--check]', ...list].join('\n');
}

function readOptions(args: readonly string[]): Options {
  const names = args.filter((argument) => !argument.startsWith('--'));
  const flags = args.filter((argument) => argument.startsWith('--'));
  const unknown = [
    ...names.filter((name) => BENCHMARKS.every((benchmark) => benchmark.name !== name)),
    ...flags.filter((flag) => flag !== '--json' && flag !== '--check'),
  ];
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(', ')}\n${usage()}`);
    process.exit(2);
  }
  return { names, json: flags.includes('--json'), check: flags.includes('--check') };
}

/** Four significant digits: more than the precision of any of these measurements. */
const rounded = (value: number): number => Number(value.toPrecision(4));

function verdict(value: number, { atLeast, atMost }: Goal): string {
  const met = value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
  return `   goal ${atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`}: ${met ? 'met' : 'NOT met'}`;
}

/** Runs benchmarks one after another and collects their figures. */
class Run {
  readonly figures: Record<string, number> = {};
  #page: Promise<BenchPage | null> | null = null;

  async perform(benchmark: Benchmark): Promise<void> {
    console.log(`\n${benchmark.name}: ${benchmark.summary}`);
    const bench: Bench = {
      figure: (name, value, goal) => {
        const full = `${benchmark.name}/${name}`;
        this.figures[full] = rounded(value);
        console.log(`  ${full.padEnd(40)}${String(rounded(value)).padStart(10)}${goal ? verdict(value, goal) : ''}`);
      },
      note: (text) => console.log(`  ${text}`),
      page: () => (this.#page ??= BenchPage.open()),
      setting: (name, fallback) => Number(process.env[name] ?? fallback),
    };
    const startedAt = performance.now();
    await benchmark.run(bench);
    console.log(`  (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
  }

  async close(): Promise<void> {
    await (await this.#page)?.close();
  }
}

const options = readOptions(process.argv.slice(2));
const machine = describeMachine();
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}; Node ${machine.node}, Chromium ${machine.chromium}; load ${machine.load}`,
);
const chosen =
  options.names.length > 0 ? BENCHMARKS.filter(({ name }) => options.names.includes(name)) : BENCHMARKS.filter(({ long }) => !long);
const run = new Run();
try {
  for (const benchmark of chosen) await run.perform(benchmark);
} finally {
  await run.close();
}
if (options.check) {
  const ran = chosen.map(({ name }) => name);
  const { broken, unbound, missing } = judge(run.figures, expectedBands(), ran);
  if (unbound.length > 0) console.log(`\nWithout a band in expected.json: ${unbound.join(', ')}`);
  if (missing.length > 0) console.log(`\nIn expected.json, but not measured here: ${missing.join(', ')}`);
  console.log(
    broken.length === 0 ? '\nAll figures lie within their bands.' : `\nOutside the bands of expected.json:\n${broken.join('\n')}`,
  );
  if (broken.length > 0) process.exitCode = 1;
}
if (options.json) console.log(JSON.stringify({ machine, figures: run.figures }));
