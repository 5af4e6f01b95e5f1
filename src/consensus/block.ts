import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import { transactionRoot, type BlockHeader, type DecodedBlock } from '../protocol/block.ts';
import { mintingOf } from '../protocol/minting.ts';
import type { Network } from '../protocol/network.ts';
import { feesOf, type DecodedTransaction } from '../protocol/transaction.ts';
import { equalBytes, toHex } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import { RuleError } from './rule-error.ts';
import { StateOverlay } from './state-overlay.ts';
import type { StateTree } from './state-tree.ts';
import { applyTransaction, checkBlockLimits, checkTransaction, undoTransaction } from './transaction.ts';
import type { AccountChange, BlockEffect, CheckedBlock, StateView } from './types.ts';

/** The changes that a list of transactions, and the miner's reward, make to the accounts. */
export interface Execution {
  readonly stateRoot: Uint8Array;
  /** Smallest units in existence afterwards. */
  readonly supply: number;
  /** Smallest units minted for the sender of each transaction, and for the miner. */
  readonly grants: readonly number[];
  readonly subsidy: number;
  readonly changes: readonly AccountChange[];
}

/**
 * Checks all rules of a block's body that need no accounts. `checkHeader` checks the header. The transaction root is checked before
 * the transactions that it commits to: any later failure is the fault of the miner, not of the peer that delivered the body.
 * @throws RuleError `block-oversized`, `transaction-root-wrong`, `block-too-many-registrations`, `block-duplicate-transaction`, and those of
 *   `checkTransaction`
 */
export function checkBlock(network: Network, block: DecodedBlock): CheckedBlock {
  const { transactions, size } = block;
  if (size > network.maxBlockBytes) throw new RuleError('block-oversized', { bytes: size, maxBytes: network.maxBlockBytes });
  if (!equalBytes(transactionRoot(transactions), block.header.transactionRoot)) throw new RuleError('transaction-root-wrong');
  checkBlockLimits(transactions);
  if (new Set(transactions.map(({ id }) => id)).size < transactions.length) throw new RuleError('block-duplicate-transaction');
  forEachInOrder(transactions, (transaction) => checkTransaction(network, transaction));
  return block as CheckedBlock;
}

/**
 * Applies transactions in order, with their grants, to a copy of the accounts, then credits the miner with subsidy and fees. Connecting a block and making a
 * block both use this function.
 * @param parent height and supply of the parent
 * @param view the accounts after the parent, with `tree` as their tree; neither is changed
 * @throws RuleError those of `applyTransaction`
 */
export function executeTransactions(
  network: Network,
  parent: Pick<BlockHeader, 'height' | 'supply'>,
  miner: Address,
  transactions: readonly DecodedTransaction[],
  view: StateView,
  tree: StateTree,
  verifier: SignatureVerifier,
): Execution {
  const overlay = new StateOverlay(view);
  const { grants, subsidy, supply } = mintingOf(network, parent, transactions);
  forEachInOrder(transactions, (transaction, position) => applyTransaction(network, transaction, overlay, verifier, grants[position]!));
  overlay.credit(miner, rewardOf(subsidy, transactions));
  return { ...commitment(overlay, tree), grants, subsidy, supply };
}

/**
 * Computes the changes that a block makes to the accounts after its parent.
 * @param block its header must have passed `checkHeader`
 * @param parent height and supply of the parent
 * @param view the accounts after the parent, with `tree` as their tree; neither is changed
 * @throws RuleError those of `applyTransaction`, `supply-wrong` and `state-root-wrong`
 */
export function connectBlock(
  network: Network,
  block: CheckedBlock,
  parent: Pick<BlockHeader, 'height' | 'supply'>,
  view: StateView,
  tree: StateTree,
  verifier: SignatureVerifier,
): BlockEffect {
  const { miner, supply, stateRoot } = block.header;
  const execution = executeTransactions(network, parent, miner, block.transactions, view, tree, verifier);
  if (execution.supply !== supply) throw new RuleError('supply-wrong', { supply, expected: execution.supply });
  if (!equalBytes(execution.stateRoot, stateRoot)) {
    throw new RuleError('state-root-wrong', { stateRoot: toHex(stateRoot), expected: toHex(execution.stateRoot) });
  }
  return { block, ...execution };
}

/**
 * The exact inverse of {@link connectBlock}. It needs no undo data besides the block and its parent's header.
 * @param parent the parent's header
 * @param view the accounts after the block, with `tree` as their tree; neither is changed
 * @throws TabchainError `invariant-broken` when the result does not match the parent's state root
 */
export function disconnectBlock(network: Network, block: CheckedBlock, parent: BlockHeader, view: StateView, tree: StateTree): BlockEffect {
  const overlay = new StateOverlay(view);
  const { grants, subsidy } = mintingOf(network, parent, block.transactions);
  overlay.debit(block.header.miner, rewardOf(subsidy, block.transactions));
  for (const [index, transaction] of [...block.transactions.entries()].reverse()) undoTransaction(transaction, overlay, grants[index]!);
  const result = commitment(overlay, tree);
  assert(equalBytes(result.stateRoot, parent.stateRoot), "Disconnecting a block did not restore its parent's accounts.");
  return { block, grants, subsidy, ...result };
}

/** Calls `use` for each transaction. A RuleError of `use` then also names the transaction's position in the block. */
function forEachInOrder(
  transactions: readonly DecodedTransaction[],
  use: (transaction: DecodedTransaction, position: number) => void,
): void {
  for (const [position, transaction] of transactions.entries()) {
    try {
      use(transaction, position);
    } catch (error) {
      throw error instanceof RuleError ? new RuleError(error.code, { ...error.details, position }) : error;
    }
  }
}

/** What a block's miner receives, in smallest units. */
function rewardOf(subsidy: number, transactions: readonly DecodedTransaction[]): number {
  return subsidy + feesOf(transactions);
}

/** The changes of an overlay, and the state root after them. */
function commitment(overlay: StateOverlay, tree: StateTree): Pick<Execution, 'stateRoot' | 'changes'> {
  const changes = overlay.changes();
  return { changes, stateRoot: tree.rootWith(changes) };
}
