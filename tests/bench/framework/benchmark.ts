import type { BenchPage } from '../page/bench-page.ts';

/** What a running benchmark has at hand. */
export interface Bench {
  /** Records `group/name`; a ratio to a reference that ran in alternation, unless the name says a unit. */
  figure(name: string, value: number, goal?: Goal): void;
  /** A line for the reader: absolute values, what was compared, what is missing here. */
  note(text: string): void;
  /** A page of the project's code in real Chromium; one for the whole run, opened when first asked for. Null without Chromium. */
  page(): Promise<BenchPage | null>;
  /** A whole number from the environment, e.g. `BENCH_TRANSACTIONS=1000000`. */
  setting(name: string, fallback: number): number;
}

export interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Benchmark {
  readonly name: string;
  /** One line for the list. */
  readonly summary: string;
  /** Takes minutes: runs only when named. */
  readonly long?: boolean;
  run(bench: Bench): Promise<void>;
}
