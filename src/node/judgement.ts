import { checkBlock } from '../consensus/block.ts';
import { checkHeader } from '../consensus/header.ts';
import { RuleError } from '../consensus/rule-error.ts';
import { StateOverlay } from '../consensus/state-overlay.ts';
import { applyTransaction, checkTransaction, signatureItem } from '../consensus/transaction.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import { decodeBlock, type DecodedBlock } from '../protocol/block.ts';
import { mintingOf } from '../protocol/minting.ts';
import { decodeTransaction, type DecodedTransaction } from '../protocol/transaction.ts';
import type { Offer } from '../protocol/wire-experiment.ts';
import { equalBytes } from '../util/bytes.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import { TabchainError } from '../util/errors.ts';
import type { LedgerContents } from './ledger.ts';

/**
 * The first rule that an offer breaks, as a block or a peer's transaction would break it on this node's chain. Changes nothing.
 * @returns null where no rule is broken. A block that does not follow the tip is then checked as far as a node checks a side branch.
 */
export function brokenRule(ledger: LedgerContents, verifier: SignatureVerifier, { kind, bytes }: Offer): ErrorCode | null {
  try {
    if (kind === 'transaction') checkOffered(ledger, verifier, decodeTransaction(bytes));
    else checkOfferedBlock(ledger, verifier, decodeBlock(bytes, ledger.network.maxBlockBytes));
    return null;
  } catch (error) {
    if (error instanceof TabchainError) return error.code;
    throw error;
  }
}

/** @throws RuleError the rule that keeps a transaction out of the next block */
function checkOffered({ network, chain }: LedgerContents, verifier: SignatureVerifier, decoded: DecodedTransaction): void {
  checkTransaction(network, decoded);
  const [granted] = mintingOf(network, chain.tip().sealed.header, [decoded]).grants;
  applyTransaction(network, decoded, new StateOverlay(chain.view), verifier, granted ?? 0);
}

/** @throws RuleError; TabchainError `experiment-parent-unknown` */
function checkOfferedBlock(ledger: LedgerContents, verifier: SignatureVerifier, block: DecodedBlock): void {
  const { network, chain } = ledger;
  const { previous, miner, supply, stateRoot } = block.header;
  const context = chain.context(previous);
  if (!context) throw new TabchainError('experiment-parent-unknown', 'The block before this block is unknown.');
  checkHeader(network, block, context, () => chain.historyUpTo(previous)!.root);
  checkBlock(network, block);
  if (previous !== chain.tip().id) return checkSignatures(ledger, verifier, block);
  const after = chain.nextFields(miner, block.transactions);
  if (after.supply !== supply) throw new RuleError('supply-wrong');
  if (!equalBytes(after.stateRoot, stateRoot)) throw new RuleError('state-root-wrong');
}

/** Checks the signatures whose keys are known. @throws RuleError `signature-invalid` */
function checkSignatures({ network, store }: LedgerContents, verifier: SignatureVerifier, { transactions }: DecodedBlock): void {
  for (const decoded of transactions) {
    const item = signatureItem(network, decoded, store);
    if (item && !verifier.verify(item)) throw new RuleError('signature-invalid', { txid: decoded.id });
  }
}
