import type { Benchmark } from '../framework/benchmark.ts';
import { importInChromium } from './chromium.ts';
import { importInNode } from './node.ts';

export const importing: Benchmark = {
  name: 'import',
  summary: 'a chain from bytes to rows: in Node per second of processor time, in tabs of Chromium until it is on disk (BENCH_TRANSACTIONS)',
  async run(bench) {
    await importInNode(bench);
    await importInChromium(bench);
  },
};
