import { sealDigest } from '../../protocol/block.ts';
import { compareBytes } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import { nonceOf, type SearchJob } from '../kernel/kernel.ts';
import { targetTop } from './job.ts';

/** What a GPU claims of words firstWord … firstWord + words − 1: that the top of these ones' seals is no greater than the target's. */
export interface Claim {
  readonly job: SearchJob;
  readonly firstWord: number;
  readonly words: number;
  /** In any order. */
  readonly candidates: readonly number[];
}

/**
 * Does the claimed words again on the CPU, by the rule that blocks are checked with.
 * @returns the smallest word whose seal meets the whole target, null when none does
 * @throws TabchainError `gpu-wrong` when a claim is false
 */
export function firstFind({ job, firstWord, words, candidates }: Claim): number | null {
  const limit = targetTop(job.target);
  let first: number | null = null;
  for (const word of candidates) {
    const digest = sealDigest(job.headerHash, nonceOf(job.nonceBase, word));
    if (word < firstWord || word >= firstWord + words || targetTop(digest) > limit) {
      throw new TabchainError('gpu-wrong', 'The GPU claimed a seal that is none; it is not used any more.', { word });
    }
    // A top that equals the target's says nothing about the rest.
    if (compareBytes(digest, job.target) <= 0 && (first === null || word < first)) first = word;
  }
  return first;
}
