import type { SearchJob } from './kernel/kernel.ts';

/**
 * From the pool to a mining thread. These are no calls as in `api/rpc.ts`, because no command has one answer: a thread reports as it goes.
 */
export type MinerCommand =
  /** Drop what you do and search this from word 0 on. */
  | { readonly type: 'work'; readonly tag: number; readonly job: SearchJob; readonly throttle: number }
  | { readonly type: 'throttle'; readonly throttle: number }
  | { readonly type: 'stop' };

/** From a mining thread to the pool. */
export type MinerReport =
  | { readonly type: 'ready'; readonly kernel: string }
  /** Seals computed since the last report: work done, not an estimate. */
  | { readonly type: 'progress'; readonly hashes: number }
  /** The thread waits for other work after this. */
  | { readonly type: 'found'; readonly tag: number; readonly word: number }
  /** All words of this nonce base are tried. */
  | { readonly type: 'exhausted'; readonly tag: number }
  /** This thread cannot search any more: a GPU that is gone or computes wrongly, a worker whose script threw or was kept away. */
  | { readonly type: 'failed'; readonly code: string; readonly reason: string };

/** One mining thread as the pool holds it: a worker, or a loop in the same thread for tests and the simulator. */
export interface MinerPort {
  post(command: MinerCommand): void;
  /** Called once, before the first `post`. */
  onMessage(listener: (report: MinerReport) => void): void;
  terminate(): void;
}
