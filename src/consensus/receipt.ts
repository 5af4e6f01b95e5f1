import type { Address } from '../crypto/address.ts';
import { merklePathRoot } from '../crypto/merkle.ts';
import type { SealedHeader } from '../protocol/block.ts';
import { checkHistoryProof } from '../protocol/history-proof.ts';
import type { Network } from '../protocol/network.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { StateRow } from '../protocol/state-root.ts';
import { workOfBits } from '../protocol/target.ts';
import { networkTag, type DecodedTransaction } from '../protocol/transaction.ts';
import { equalBytes, fromHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { checkWork } from './header.ts';
import { RuleError } from './rule-error.ts';
import { verifyAccountProof } from './state-proof.ts';
import { checkTransaction } from './transaction.ts';

/** What a receipt has shown about its block. */
export type ShownFact =
  | { readonly kind: 'transaction'; readonly transaction: DecodedTransaction }
  /** `row` is null where the account does not exist. */
  | { readonly kind: 'account'; readonly address: Address; readonly row: StateRow | null }
  | { readonly kind: 'block' };

/** What follows from a receipt for anyone who trusts the block `anchor`. */
export interface ShownReceipt {
  readonly fact: ShownFact;
  /** The block that the fact is about. */
  readonly block: SealedHeader;
  /** The block to trust. */
  readonly anchor: SealedHeader;
  /** Expected hashes of the blocks above `block` up to and including `anchor`. */
  readonly workAbove: bigint;
}

/**
 * Checks everything in a receipt that needs no chain: proofs of work, paths, and the transaction's stateless rules. Whether the chain
 * contains `anchor` is the only question that stays. A block obeys all rules if a node accepted the block or one above it.
 * @throws TabchainError `receipt-other-network`, `receipt-wrong`
 */
export function checkReceipt(network: Network, { networkTag: tag, block, later, evidence }: Receipt): ShownReceipt {
  if (tag !== networkTag(network.id)) throw new TabchainError('receipt-other-network', 'The receipt belongs to another network.');
  const anchor = later?.sealed ?? block;
  try {
    for (const sealed of [block, anchor]) checkWork(network, sealed);
    const workAbove = later ? workBetween(block, later) : 0n;
    return { fact: shownFact(network, block, evidence), block, anchor, workAbove };
  } catch (error) {
    if (!(error instanceof TabchainError)) throw error;
    throw new TabchainError('receipt-wrong', `The receipt shows nothing. ${error.message}`, { because: error.code }, { cause: error });
  }
}

function workBetween(block: SealedHeader, { sealed, proof }: NonNullable<Receipt['later']>): bigint {
  const { height, bits } = block.header;
  const work = height === 0 ? 0n : workOfBits(bits);
  const { before, total } = checkHistoryProof(sealed.header.historyRoot, sealed.header.height, { height, id: block.id, work }, proof);
  return total - before - work + workOfBits(sealed.header.bits);
}

function shownFact(network: Network, { header }: SealedHeader, evidence: Receipt['evidence']): ShownFact {
  switch (evidence.kind) {
    case 'block':
      return { kind: 'block' };
    case 'account': {
      const { kind, address, proof } = evidence;
      return { kind, address, row: verifyAccountProof(header.stateRoot, address, proof) };
    }
    case 'transaction': {
      const { kind, transaction, path } = evidence;
      const root = merklePathRoot(fromHex(transaction.id), path);
      if (!equalBytes(root, header.transactionRoot)) throw new RuleError('transaction-root-wrong');
      checkTransaction(network, transaction);
      return { kind, transaction };
    }
  }
}
