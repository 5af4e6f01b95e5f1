/** Invocations of a workgroup: WebGPU's guaranteed maximum, and a multiple of every GPU's native width. */
export const WORKGROUP_SIZE = 256;
/** Rows of a dispatch's grid. WebGPU guarantees 65,535 workgroups per dimension; a fast GPU would finish one row in a millisecond. */
export const ROWS = 16;
const MAX_COLUMNS = 65_535;

/** Batches are whole columns of the grid. 2^32 is a multiple of this, so the last batch of a nonce base is whole, too. */
export const BATCH_STEP_WORDS = WORKGROUP_SIZE * ROWS;
/** A first batch that even a GPU emulated by the processor finishes in time. */
export const FIRST_BATCH_WORDS = 4 * BATCH_STEP_WORDS;
export const MAX_BATCH_WORDS = MAX_COLUMNS * BATCH_STEP_WORDS;

/**
 * How long one batch should take. Two batches are in flight, so a new job starts within 40 ms (50 are allowed). The screen gets its turn
 * between two batches, and a batch's overhead of a few hundred microseconds does not matter.
 */
export const BATCH_MS = 20;

/**
 * The next batch's size in words, from the time of the last batch. Grows at most twofold, so one wrong clock reading cannot block the GPU.
 * @returns a multiple of {@link BATCH_STEP_WORDS}
 */
export function fitBatch(words: number, elapsedMs: number): number {
  // A browser's clock may stand still for a millisecond.
  const factor = Math.min(2, BATCH_MS / Math.max(1, elapsedMs));
  const steps = Math.floor((words * factor) / BATCH_STEP_WORDS);
  return Math.min(MAX_BATCH_WORDS, Math.max(1, steps) * BATCH_STEP_WORDS);
}
