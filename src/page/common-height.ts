/** The id of a block at a height; null where a chain has no such block. */
export type IdAt = (height: number) => Promise<string | null>;

/**
 * The highest height, from `base` to `top`, at which two chains have the same block; null where they differ at `base` already, and so part
 * there or below. Binary search, because equal blocks have equal ancestors.
 * @param base the lowest height of which both chains have the block
 */
export async function commonHeight(base: number, top: number, theirs: IdAt, ours: IdAt): Promise<number | null> {
  const isSame = async (height: number): Promise<boolean> => {
    const [a, b] = await Promise.all([theirs(height), ours(height)]);
    return a !== null && a === b;
  };
  if (!(await isSame(base))) return null;
  let [low, high] = [base, top];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await isSame(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
