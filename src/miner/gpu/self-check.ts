import { sealDigest } from '../../protocol/block.ts';
import { TabchainError } from '../../util/errors.ts';
import { randomBelow, type Random } from '../../util/ports.ts';
import { nonceOf, WORDS_PER_BASE, type SearchJob } from '../kernel/kernel.ts';
import { BATCH_STEP_WORDS } from './batch.ts';
import { targetTop } from './job.ts';
import { SLOTS, type GpuSearch } from './search.ts';

/** Two columns of the grid, so every index of the shader matters. noble takes about 80 ms for each slot. */
const CHECK_WORDS = 2 * BATCH_STEP_WORDS;
/** One seal in 128 meets this target: 64 in a batch, which can return 127. */
const CHECK_TARGET_TOP = 0x01;

/**
 * Compares whole batches on random jobs with noble, word by word, because a wrong driver would lose every block and waste electricity.
 * @throws TabchainError `gpu-wrong`, `gpu-lost`
 */
export async function checkGpu(search: GpuSearch, random: Random): Promise<void> {
  for (let slot = 0; slot < SLOTS; slot++) {
    const target = Uint8Array.of(CHECK_TARGET_TOP, ...random.bytes(31));
    const job: SearchJob = { headerHash: random.bytes(32), nonceBase: random.bytes(16), target };
    const first = randomBelow(random, WORDS_PER_BASE - CHECK_WORDS);
    const claimed = await search.search(slot, search.pack(job), first, CHECK_WORDS);
    if (claimed.toSorted((a, b) => a - b).join() !== wordsBelow(job, first, CHECK_WORDS).join()) {
      throw new TabchainError('gpu-wrong', 'The GPU computes other seals than the processor; it is not used.');
    }
  }
}

/** The words whose seal has a top word of at most the target's, ascending. */
export function wordsBelow(job: SearchJob, firstWord: number, words: number): number[] {
  const limit = targetTop(job.target);
  const all = Array.from({ length: words }, (_, i) => firstWord + i);
  return all.filter((word) => targetTop(sealDigest(job.headerHash, nonceOf(job.nonceBase, word))) <= limit);
}
