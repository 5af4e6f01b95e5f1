import type { Bench, Benchmark } from './framework/benchmark.ts';
import { alternate, median, medianRatio } from './framework/measure.ts';

const ROUNDS = 7;
/** The pool's rate is that of its last three seconds; before them it starts its threads and chooses its kernel. */
const RUN_MS = 4_500;

async function run(bench: Bench): Promise<void> {
  const page = await bench.page();
  if (page === null) {
    bench.note('No Chromium here.');
    return;
  }
  const samples = await alternate({ one: () => page.poolRate(1, RUN_MS), two: () => page.poolRate(2, RUN_MS) }, ROUNDS);
  bench.note(
    `one thread ${median(samples['one']!).toFixed(2)} MH/s, two ${median(samples['two']!).toFixed(2)} MH/s (real time: others on the machine count)`,
  );
  bench.figure('two_over_one', medianRatio(samples, 'two', 'one'), { atLeast: 1.7 });
}

export const threads: Benchmark = { name: 'threads', summary: 'the mining pool in Chromium, two threads over one', run };
