import type { ChainBase, ChainStore } from '../storage/port.ts';
import type { AlteredBlocks } from './altered-blocks.ts';
import { contextHeaders } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';
import type { Histories } from './histories.ts';
import type { SideBlocks } from './side-blocks.ts';

/** At least this many of the newest blocks stay, so that a reorganisation can disconnect them. */
export const PRUNE_DEPTH = 128;

export interface PruneParts {
  readonly store: ChainStore;
  readonly tree: BlockTree;
  readonly histories: Histories;
  readonly side: SideBlocks;
  readonly altered: AlteredBlocks;
}

/** Moves the base up to a height, but not above the newest {@link PRUNE_DEPTH} blocks and the fork of the branch with the most work. */
export function prune({ store, tree, histories, side, altered }: PruneParts, height: number): void {
  const node = tree.activeAt(Math.min(height, tree.tip.height - PRUNE_DEPTH, tree.forkOf(tree.best).height));
  if (!node || node === tree.base) return;
  const base: ChainBase = { headers: contextHeaders(node, store), history: histories.upTo(node) };
  store.prune(base);
  altered.forgetUpTo(node.height);
  side.forget(tree.prune(node));
  histories.beginAfter(base.history);
}
