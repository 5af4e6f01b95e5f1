import type { ChainStore } from '../storage/port.ts';
import { headerOf, type BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';
import type { SealedHeader } from '../protocol/block.ts';

/** A block off the active chain. */
export interface BranchBlock extends Pick<BlockNode, 'status' | 'invalid' | 'work'> {
  readonly sealed: SealedHeader;
}

/** Heights, both inclusive. */
export interface HeightRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The blocks of other branches between two heights: those of the branches with the most work, with all their ancestors in the range.
 * @param most the number after which no other branch is added
 */
export function branchesWithin(tree: BlockTree, store: ChainStore, { from, to }: HeightRange, most: number): BranchBlock[] {
  const near = [...tree.others].filter(({ height }) => height >= from && height <= to);
  const parents = new Set(near.map(({ parent }) => parent));
  const ends = near.filter((node) => !parents.has(node)).sort((a, b) => (a.work < b.work ? 1 : a.work > b.work ? -1 : 0));
  const found = new Set<BlockNode>();
  for (const end of ends) {
    if (found.size >= most) break;
    for (let node = end; node.height >= from && !tree.isActive(node) && !found.has(node); node = node.parent!) found.add(node);
  }
  return [...found].map((node) => ({ sealed: headerOf(node, store), status: node.status, invalid: node.invalid, work: node.work }));
}

/** Height of the highest block below `height` that is not active; null where the tree has no such block. */
export function branchBelow(tree: BlockTree, height: number): number | null {
  let highest = -1;
  for (const node of tree.others) if (node.height < height && node.height > highest) highest = node.height;
  return highest < 0 ? null : highest;
}
