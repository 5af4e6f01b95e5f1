import { randomBytes } from 'node:crypto';
import { meetsTarget, type SearchJob } from '../../../src/miner/kernel/kernel.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { alternate, median, medianRatio, type Contestants } from '../framework/measure.ts';
import { ownProcessorMs, workerProcessorMs } from '../framework/processor-time.ts';
import type { BenchPage } from '../page/bench-page.ts';
import { createContestants, type Work } from './contestants.ts';
import { compileNative, type NativeSearch } from './native.ts';

const ROUNDS = 15;
/** Duration of one sample. */
const SAMPLE_MS = 200;
const NATIVE_WORDS = 1_000_000;
const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };

/** Millions of seals per second of processor time, or of real time if the system does not tell processor time. */
async function rate(work: () => Work | Promise<Work>, processorMs: () => number | null): Promise<number> {
  const before = processorMs();
  const { seals, milliseconds } = await work();
  const after = processorMs();
  return seals / (before === null || after === null ? milliseconds : after - before) / 1000;
}

async function inNode(): Promise<Contestants> {
  const all = await createContestants(random);
  return Object.fromEntries(all.map(({ name, work }) => [`Node ${name}`, () => rate(() => work(SAMPLE_MS), ownProcessorMs)]));
}

async function inChromium(page: BenchPage): Promise<Contestants> {
  const names = await page.ask<string[]>({ type: 'contestants' });
  const work = (contestant: string): Promise<Work> => page.ask({ type: 'hash', contestant, milliseconds: SAMPLE_MS });
  return Object.fromEntries(names.map((name) => [`Chromium ${name}`, () => rate(() => work(name), workerProcessorMs)]));
}

/** Checks that the native reference finds the right seals. */
function check({ name, search }: NativeSearch): void {
  const job: SearchJob = { headerHash: random.bytes(32), nonceBase: random.bytes(16), target: new Uint8Array(32).fill(255) };
  job.target[0] = 0;
  const expected = [...Array(4_000).keys()].filter((word) => meetsTarget(job, word));
  const { found } = search(job, 0, 4_000, 0x00ffffff);
  if (found.join() !== expected.join()) throw new Error(`${name} finds ${found.join()} instead of ${expected.join()}.`);
}

function native(searches: readonly NativeSearch[]): Contestants {
  const job: SearchJob = { headerHash: new Uint8Array(32), nonceBase: new Uint8Array(16), target: new Uint8Array(32) };
  return Object.fromEntries(searches.map(({ name, search }) => [name, () => NATIVE_WORDS / search(job, 0, NATIVE_WORDS, 0).seconds / 1e6]));
}

async function run(bench: Bench): Promise<void> {
  const { searches, dispose } = compileNative();
  try {
    searches.forEach(check);
    const page = await bench.page();
    if (searches.length === 0) bench.note('No C compiler (or not x86-64): no native reference.');
    if (page === null) bench.note('No Chromium here.');
    const samples = await alternate({ ...native(searches), ...(await inNode()), ...(page ? await inChromium(page) : {}) }, ROUNDS);
    const names = Object.keys(samples);
    for (const name of names) bench.note(`${name.padEnd(32)}${median(samples[name]!).toFixed(3).padStart(8)} MH/s`);
    const find = (start: string): string | undefined => names.find((name) => name.startsWith(start));
    const [node, chromium] = [find('Node ours')!, find('Chromium ours')];
    const best = searches.map(({ name }) => name).toSorted((a, b) => median(samples[b]!) - median(samples[a]!))[0];
    const ratio = (name: string, ours: string, reference: string | undefined, atLeast?: number): void => {
      if (reference) bench.figure(name, medianRatio(samples, ours, reference), atLeast === undefined ? undefined : { atLeast });
    };
    if (chromium) {
      ratio('over_native4', chromium, best, 0.95);
      ratio('over_noble', chromium, find('Chromium noble'), 35);
      ratio('over_hash_wasm', chromium, find('Chromium hash-wasm'));
      ratio('over_scalar', chromium, find('Chromium scalar'));
    }
    ratio('node_over_native4', node, best);
    ratio('node_over_noble', node, find('Node noble'));
  } finally {
    dispose();
  }
}

export const kernel: Benchmark = {
  name: 'kernel',
  summary: 'seals per second on one core: noble, hash-wasm, scalar WebAssembly, ours, and native 4-way C of the same function',
  run,
};
