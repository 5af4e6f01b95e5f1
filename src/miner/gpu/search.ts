import type { SearchJob } from '../kernel/kernel.ts';

/** Batches in flight: while the results of one come back, the next one runs already. */
export const SLOTS = 2;

/** A job as a {@link GpuSearch} wants it: prepared once, searched in many batches. */
export type PackedJob = Uint32Array<ArrayBuffer>;

/** What the loop drives: a GPU, or a stand-in of the tests. */
export interface GpuSearch {
  /** e.g. "webgpu (nvidia ampere)" */
  readonly name: string;
  pack(job: SearchJob): PackedJob;
  /**
   * Tries the words firstWord … firstWord + words − 1 of the job.
   * @param slot 0 … {@link SLOTS} − 1; not used again before the promise is settled
   * @param words a multiple of `BATCH_STEP_WORDS`
   * @returns words whose seal's top is no greater than the target's, in any order; where there are more than fit, some of them
   * @throws TabchainError `gpu-lost`
   */
  search(slot: number, job: PackedJob, firstWord: number, words: number): Promise<number[]>;
}
