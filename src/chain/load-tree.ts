import { sealHeader } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { TabchainError } from '../util/errors.ts';
import type { BlockNode } from './block-node.ts';
import { BlockTree } from './block-tree.ts';

/**
 * Builds the tree of the stored active chain.
 * @throws TabchainError `storage-damaged` when a height is missing or a header was altered
 */
export function loadTree(network: Network, store: ChainStore): BlockTree {
  const [genesis, ...blocks] = store.activeBlocks();
  if (genesis?.id !== network.id || blocks.some(({ height }, index) => height !== index + 1)) {
    throw new TabchainError('storage-damaged', 'The stored chain has a hole.');
  }
  assertHeaders(store, blocks.length);
  const tree = new BlockTree(network.id);
  const path: BlockNode[] = [];
  for (const { id, bits } of blocks) path.push(tree.add(id, bits, path.at(-1) ?? tree.tip, null));
  tree.activate(tree.tip, path, []);
  return tree;
}

/** Number of headers read at a time, so that a long chain does not have to fit in memory. */
const HEADERS_AT_ONCE = 1_000;

/** Each header must hash to the id in its row. The header includes its parent's id, so each row also proves the row before it. */
function assertHeaders(store: ChainStore, tipHeight: number): void {
  for (let from = 1; from <= tipHeight; from += HEADERS_AT_ONCE) {
    for (const { header, nonce, id } of store.headers(from, HEADERS_AT_ONCE)) {
      if (sealHeader(header, nonce).id === id) continue;
      throw new TabchainError('storage-damaged', 'A stored header was altered.', { height: header.height });
    }
  }
}
