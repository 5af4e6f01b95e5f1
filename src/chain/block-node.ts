import { CONTEXT_HEADERS } from '../consensus/difficulty.ts';
import type { RuleCode } from '../consensus/rule-error.ts';
import type { SealedHeader } from '../protocol/block.ts';
import type { ChainStore } from '../storage/port.ts';
import { assert } from '../util/errors.ts';

/** - `header`: the body is missing - `stored`: the body is stored, off the active chain - `active`: connected */
export type BlockStatus = 'header' | 'stored' | 'active';

/** A block as fork choice sees it. */
export interface BlockNode {
  readonly id: string;
  readonly height: number;
  /** Null only for the base of the chain, which is genesis in a whole chain, and for blocks below a base that moved up. */
  parent: BlockNode | null;
  /** Cumulative work from genesis, whose own work is 0. */
  readonly work: bigint;
  /** Null while the block is active and not among the newest: the store has the header, and a long chain must not fill the memory. */
  sealed: SealedHeader | null;
  status: BlockStatus;
  /** Code of the rule that the block or one of its ancestors broke; null while no breach is known. */
  invalid: RuleCode | null;
}

/** A copy of only the header: the tree would otherwise keep the block's transactions in memory. */
export function sealedOf({ header, nonce, id }: SealedHeader): SealedHeader {
  return { header, nonce, id };
}

/** The header of any node. The store has the headers that the tree dropped. */
export function headerOf(node: BlockNode, store: ChainStore): SealedHeader {
  return headerAt(node, node.height, store);
}

/** The header at a height, at most the node's own, on the branch that ends in `node`. Below the base, only the newest headers are known. */
export function headerAt(node: BlockNode, height: number, store: ChainStore): SealedHeader {
  let at = node;
  while (at.height > height && at.parent) at = at.parent;
  const sealed = (at.height === height ? at.sealed : null) ?? store.header(height);
  assert(sealed, 'A known header is missing.');
  return sealed;
}

/** The headers that decide the targets of a block's descendants, oldest first. The last is the block's. */
export function contextHeaders(node: BlockNode, store: ChainStore): SealedHeader[] {
  const count = Math.min(CONTEXT_HEADERS, node.height + 1);
  return Array.from({ length: count }, (_, index) => headerAt(node, node.height - count + 1 + index, store));
}
