/** What the page and its worker tell each other: one request at a time, each with one answer. */
import type { MiningSettings } from '../../../src/miner/pool.ts';
import type { VerifyRequest } from '../verify-lab.ts';

export type LabRequest =
  /** Seals for about this long: `Work`. */
  | { readonly type: 'hash'; readonly contestant: string; readonly milliseconds: number }
  /** Names of the contestants, ours first among ours. */
  | { readonly type: 'contestants' }
  | ({ readonly type: 'prepare' } & VerifyRequest)
  /** Milliseconds that what was prepared takes. */
  | { readonly type: 'verify' };

export type LabAnswer = { readonly value: unknown } | { readonly error: string };

/** What tests/bench may call in the page, as `window.bench`. */
export interface LabApi {
  ask(request: LabRequest): Promise<unknown>;
  /** Seals a second of the real pool, in millions, after it has run for so long. */
  poolRate(settings: MiningSettings, milliseconds: number): Promise<number>;
  /** Milliseconds from a new job to its first seal, so many times, on one thread that has other work. */
  switchTimes(count: number): Promise<number[]>;
}
