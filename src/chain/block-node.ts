import type { RuleCode } from '../consensus/errors.ts';
import type { SealedHeader } from '../protocol/block.ts';
import type { ChainStore } from '../storage/port.ts';
import { assert } from '../util/errors.ts';

/** - `header`: only the header is known - `stored`: body too, not on the active chain - `active`: connected */
export type BlockStatus = 'header' | 'stored' | 'active';

/** A block as fork choice sees it. */
export interface BlockNode {
  readonly id: string;
  readonly height: number;
  /** Null for genesis alone. */
  readonly parent: BlockNode | null;
  /** Cumulative work from genesis; genesis itself has none. */
  readonly work: bigint;
  /** Set aside while the block is active and not among the newest: the store has it, and a long chain must not fill the memory. */
  sealed: SealedHeader | null;
  status: BlockStatus;
  /** Code of the rule that the block or one of its ancestors broke, null while none is known. */
  invalid: RuleCode | null;
}

/** The block at a height, at most the node's own, on the branch that ends in `node`. */
export function ancestorAt(node: BlockNode, height: number): BlockNode {
  while (node.height > height) node = node.parent!;
  return node;
}

/** A header without the block's transactions, which would otherwise stay in memory with the tree. */
export function sealedOf({ header, nonce, id }: SealedHeader): SealedHeader {
  return { header, nonce, id };
}

/** The header of any node: the store has those that the tree has set aside. */
export function headerOf(node: BlockNode, store: ChainStore): SealedHeader {
  const sealed = node.sealed ?? store.header(node.height);
  assert(sealed, 'A known header is missing.');
  return sealed;
}
