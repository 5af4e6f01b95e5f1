/** Messages between the page and its worker: one request at a time, each with one answer. */
import type { MiningSettings } from '../../../src/miner/pool.ts';
import type { VerifyRequest } from '../verify-lab.ts';

export type LabRequest =
  /** Computes seals for about this long. Answer: `Work`. */
  | { readonly type: 'hash'; readonly contestant: string; readonly milliseconds: number }
  /** Answer: the names of the contestants. */
  | { readonly type: 'contestants' }
  | ({ readonly type: 'prepare' } & VerifyRequest)
  /** Runs the prepared verification. Answer: its milliseconds. */
  | { readonly type: 'verify' };

export type LabAnswer = { readonly value: unknown } | { readonly error: string };

/** The functions that tests/bench calls in the page, as `window.bench`. */
export interface LabApi {
  ask(request: LabRequest): Promise<unknown>;
  /** Millions of seals per second of the real pool, after it has run for `milliseconds`. */
  poolRate(settings: MiningSettings, milliseconds: number): Promise<number>;
  /** Milliseconds from a new job to its first seal, `count` times, on one thread that is busy with another job. */
  switchTimes(count: number): Promise<number[]>;
}
