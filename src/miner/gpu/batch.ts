/** Invocations of a workgroup: WebGPU's guaranteed maximum, and a multiple of every GPU's native width. */
export const WORKGROUP_SIZE = 256;
/** Rows of a dispatch's grid. WebGPU guarantees 65,535 workgroups a dimension: in one row a fast GPU would be done in a millisecond. */
export const ROWS = 16;
const MAX_COLUMNS = 65_535;

/** Batches are whole columns of the grid; 2^32 is a multiple of this, so the last batch of a nonce base is whole too. */
export const BATCH_STEP_WORDS = WORKGROUP_SIZE * ROWS;
/** A first batch that even a GPU emulated by the processor ends in time. */
export const FIRST_BATCH_WORDS = 4 * BATCH_STEP_WORDS;
export const MAX_BATCH_WORDS = MAX_COLUMNS * BATCH_STEP_WORDS;

/**
 * How long one batch should keep the GPU. Two are in flight, so a new job is begun within 40 ms at the latest (50 are allowed), the screen
 * gets its turn between two, and the few hundred microseconds that a batch costs besides do not count.
 */
export const BATCH_MS = 20;

/**
 * The next batch's size, from what the last one took. Grows at most twofold, so that one wrong reading of the clock cannot hold the GPU.
 * @returns a multiple of {@link BATCH_STEP_WORDS}
 */
export function fitBatch(words: number, elapsedMs: number): number {
  // Clocks of browsers may stand still for a millisecond.
  const factor = Math.min(2, BATCH_MS / Math.max(1, elapsedMs));
  const steps = Math.floor((words * factor) / BATCH_STEP_WORDS);
  return Math.min(MAX_BATCH_WORDS, Math.max(1, steps) * BATCH_STEP_WORDS);
}
