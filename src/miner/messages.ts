import type { ErrorCode } from '../util/error-codes.ts';
import type { SearchJob } from './kernel/kernel.ts';

/**
 * From the pool to a mining thread. Not calls as in `api/rpc.ts`, because a command has no single answer: a thread reports as it works.
 */
export type MinerCommand =
  /** Drops the present job and searches this job from word 0. */
  | { readonly type: 'work'; readonly tag: number; readonly job: SearchJob; readonly throttle: number }
  | { readonly type: 'throttle'; readonly throttle: number }
  | { readonly type: 'stop' };

/** From a mining thread to the pool. */
export type MinerReport =
  | { readonly type: 'ready'; readonly kernel: string }
  /** Seals computed since the last report: work done, not an estimate. */
  | { readonly type: 'progress'; readonly hashes: number }
  /** The thread then waits for other work. */
  | { readonly type: 'found'; readonly tag: number; readonly word: number }
  /** All words of this nonce base are tried. */
  | { readonly type: 'exhausted'; readonly tag: number }
  /** The thread cannot search any more: its GPU is gone or computes wrongly, or its script threw or could not be loaded. */
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly reason: string };

/** One mining thread as the pool sees it: a worker, or a loop in the same thread for tests and the simulator. */
export interface MinerPort {
  post(command: MinerCommand): void;
  /** Called once, before the first `post`. */
  onMessage(listener: (report: MinerReport) => void): void;
  terminate(): void;
}
