import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { TabchainError } from '../util/errors.ts';
import { BlockTree, type BlockNode } from './block-tree.ts';

/**
 * The tree of the stored active chain.
 * @throws TabchainError `storage-damaged`
 */
export function loadTree(network: Network, store: ChainStore): BlockTree {
  const [genesis, ...blocks] = store.activeBlocks();
  if (genesis?.id !== network.id || blocks.some(({ height }, index) => height !== index + 1)) {
    throw new TabchainError('storage-damaged', 'The stored chain has a hole.');
  }
  const tree = new BlockTree(network.id);
  const path: BlockNode[] = [];
  for (const { id, bits } of blocks) path.push(tree.add(id, bits, path.at(-1) ?? tree.tip, null));
  tree.activate(tree.tip, path, []);
  return tree;
}
