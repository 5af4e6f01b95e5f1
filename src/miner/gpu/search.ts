import type { SearchJob } from '../kernel/kernel.ts';

/** Batches in flight: while the results of one come back, the next already runs. */
export const SLOTS = 2;

/** A job prepared for a {@link GpuSearch}: packed once, searched in many batches. */
export type PackedJob = Uint32Array<ArrayBuffer>;

/** The search that the loop drives: a GPU, or a fake in tests. */
export interface GpuSearch {
  /** e.g. "webgpu (nvidia ampere)" */
  readonly name: string;
  pack(job: SearchJob): PackedJob;
  /**
   * Tries the words firstWord … firstWord + words − 1 of the job.
   * @param slot 0 … {@link SLOTS} − 1; must not be used again before the promise settles
   * @param words a multiple of `BATCH_STEP_WORDS`
   * @returns words whose seal's top is no greater than the target's, in any order; only some of them if not all fit
   * @throws TabchainError `gpu-lost`
   */
  search(slot: number, job: PackedJob, firstWord: number, words: number): Promise<number[]>;
}
