/**
 * The rule of difficulty that comes to mind first: a block that came in half the time makes the next one twice as hard. It trusts every header
 * time, so a miner who invents times can make a private branch as hard as he likes.
 */

/** A block may not become easier than this part of the first, so that a late header does not end at nothing. */
const LEAST = 1 / 1_000;

/**
 * Difficulties under the naive rule, as multiples of the first block's.
 * @param gaps milliseconds between each block and its parent, all above zero
 * @param blockTimeMs the network's mean time between blocks
 * @returns one for each gap: the difficulty of the block that ends the gap
 */
export function naiveDifficulties(gaps: readonly number[], blockTimeMs: number): number[] {
  let next = 1;
  return gaps.map((gap) => {
    const own = next;
    next = Math.max(LEAST, (own * blockTimeMs) / gap);
    return own;
  });
}
