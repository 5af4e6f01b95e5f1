import { sealDigest } from '../../protocol/block.ts';
import { compareBytes } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import { nonceOf, type SearchJob } from '../kernel/kernel.ts';
import { targetTop } from './job.ts';

/** A GPU's claim: of words firstWord … firstWord + words − 1, the candidates' seals have a top no greater than the target's. */
export interface Claim {
  readonly job: SearchJob;
  readonly firstWord: number;
  readonly words: number;
  /** In any order. */
  readonly candidates: readonly number[];
}

/**
 * Checks the claimed words again on the CPU, by the rule for blocks.
 * @returns the smallest word whose seal meets the whole target; null if none does
 * @throws TabchainError `gpu-wrong` if a claim is false
 */
export function firstFind({ job, firstWord, words, candidates }: Claim): number | null {
  const limit = targetTop(job.target);
  let first: number | null = null;
  for (const word of candidates) {
    const digest = sealDigest(job.headerHash, nonceOf(job.nonceBase, word));
    if (word < firstWord || word >= firstWord + words || targetTop(digest) > limit) {
      throw new TabchainError('gpu-wrong', 'The GPU claimed a seal that is none; it is not used any more.', { word });
    }
    // If the tops are equal, the other words decide.
    if (compareBytes(digest, job.target) <= 0 && (first === null || word < first)) first = word;
  }
  return first;
}
