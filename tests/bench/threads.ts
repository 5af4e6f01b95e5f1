import type { Bench, Benchmark } from './framework/benchmark.ts';
import { alternate, median, medianRatio } from './framework/measure.ts';
import { workerProcessMs } from './framework/processor-time.ts';
import type { BenchPage } from './page/bench-page.ts';

const ROUNDS = 7;
/** The pool reports the rate of its last three seconds. Before them, it starts its threads and chooses its kernel. */
const RUN_MS = 4_500;
const THROTTLE = 25;
const THROTTLE_ROUNDS = 3;
const SWITCHES = 60;
/** Longest time that a miner may keep working on an old tip. */
const MAX_SWITCH_MS = 50;

async function run(bench: Bench): Promise<void> {
  const page = await bench.page();
  if (page === null) {
    bench.note('No Chromium here.');
    return;
  }
  const rate = (threads: number): Promise<number> => page.poolRate({ threads, throttle: 100 }, RUN_MS);
  const samples = await alternate({ one: () => rate(1), two: () => rate(2) }, ROUNDS);
  bench.note(
    `one thread ${median(samples['one']!).toFixed(2)} MH/s, two ${median(samples['two']!).toFixed(2)} MH/s (real time: others on the machine count)`,
  );
  bench.figure('two_over_one', medianRatio(samples, 'two', 'one'), { atLeast: 1.7 });
  await throttled(bench, page);
  const times = (await page.switchTimes(SWITCHES)).toSorted((a, b) => a - b);
  bench.note(`a new job is begun after ${median(times).toFixed(0)} ms, at worst ${times.at(-1)!.toFixed(0)} ms`);
  bench.figure('switch_p95_ms', times[Math.floor(SWITCHES * 0.95)]!, { atMost: MAX_SWITCH_MS });
}

/** Measures whether the throttle lowers the processor load and not only the hash rate. */
async function throttled(bench: Bench, page: BenchPage): Promise<void> {
  if (workerProcessMs() === null) return bench.note('This system does not tell processor time.');
  const load = async (throttle: number): Promise<number> => {
    const before = workerProcessMs()!;
    await page.poolRate({ threads: 1, throttle }, RUN_MS);
    return workerProcessMs()! - before;
  };
  const samples = await alternate({ full: () => load(100), throttled: () => load(THROTTLE) }, THROTTLE_ROUNDS);
  bench.figure(`load_at_${THROTTLE}_percent`, medianRatio(samples, 'throttled', 'full'));
}

export const threads: Benchmark = {
  name: 'threads',
  summary:
    'the mining pool in Chromium: two threads compared with one, the load at a quarter of the intensity, and the time to start a new job',
  run,
};
