import { historyTree, type HistoryTree } from './second-implementation.ts';

/** The largest complete subtrees of a history, largest first. */
export function historyPeaks(blocks: readonly { id: string; work: bigint }[]): HistoryTree[] {
  if (blocks.length === 0) return [];
  const size = 2 ** Math.floor(Math.log2(blocks.length));
  return [historyTree(blocks.slice(0, size)), ...historyPeaks(blocks.slice(size))];
}

/** The largest subtrees without the blocks at these heights, from left to right. */
export function historyBeside(blocks: readonly { id: string; work: bigint }[], heights: readonly number[]): HistoryTree[] {
  if (!heights.some((height) => height >= 0 && height < blocks.length)) return [historyTree(blocks)];
  if (blocks.length === 1) return [];
  const split = 2 ** Math.floor(Math.log2(blocks.length - 1));
  const right = heights.map((height) => height - split);
  return [
    ...historyBeside(
      blocks.slice(0, split),
      heights.filter((height) => height < split),
    ),
    ...historyBeside(blocks.slice(split), right),
  ];
}

/** Height of the block on which a point falls. */
export function blockAt(blocks: readonly { work: bigint }[], point: bigint): number {
  const at = (point * blocks.reduce((sum, { work }) => sum + work, 0n)) / 2n ** 64n;
  let passed = 0n;
  return blocks.findIndex(({ work }) => (passed += work) > at);
}
