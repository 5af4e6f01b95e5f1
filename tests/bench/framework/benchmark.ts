import type { BenchPage } from '../page/bench-page.ts';

/** The tools of a running benchmark. */
export interface Bench {
  /** Records the figure `group/name`: a ratio to a reference that ran in alternation, unless the name has a unit. */
  figure(name: string, value: number, goal?: Goal): void;
  /** Prints a line: absolute values, the compared variants, or a missing requirement. */
  note(text: string): void;
  /** A page with the project's code in real Chromium. The first call opens the page for the whole run. Null without Chromium. */
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
