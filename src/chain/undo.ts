import { checkBlock, disconnectBlock } from '../consensus/block.ts';
import type { StateTree } from '../consensus/state-tree.ts';
import type { BlockEffect, CheckedBlock, StateView } from '../consensus/types.ts';
import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { assert, TabchainError } from '../util/errors.ts';

/** What undoing a block reads from the store. */
export type UndoStore = Pick<ChainStore, 'block' | 'header'>;

/** A block cannot be disconnected, because its stored rows were altered and no longer give that block. */
export class AlteredBlockError extends TabchainError {
  constructor(height: number, cause: unknown) {
    super('storage-damaged', 'A stored block no longer keeps the rules.', { height }, { cause });
  }
}

/**
 * What changes when the active block at `height` is undone. Writes nothing.
 * @param view the accounts after the block, with `tree` as their tree
 * @throws AlteredBlockError when the block's stored rows no longer give that block
 */
export function undoBlock(network: Network, store: UndoStore, height: number, view: StateView, tree: StateTree): BlockEffect {
  const block = readBack(network, store, height);
  const parent = store.header(height - 1);
  assert(parent, 'An active header is missing.');
  return disconnectBlock(network, block, parent.header, view, tree);
}

/** The block passed all checks when it was connected, so a failure now means that its rows were altered. */
function readBack(network: Network, store: UndoStore, height: number): CheckedBlock {
  try {
    const block = store.block(height);
    assert(block, 'The tip cannot be read back.');
    return checkBlock(network, block);
  } catch (cause) {
    throw new AlteredBlockError(height, cause);
  }
}
