import type { SignatureItem, SignatureVerifier } from '../crypto/rsa/verifier.ts';
import type { Network } from '../protocol/network.ts';
import {
  networkTag,
  registrationIn,
  senderOf,
  signedMessageOf,
  type DecodedTransaction,
  type Kind,
  type TransactionOf,
} from '../protocol/transaction.ts';
import { RuleError } from './rule-error.ts';
import type { StateOverlay } from './state-overlay.ts';
import { registrationRules } from './transactions/registration.ts';
import type { TransactionRules } from './transactions/rules.ts';
import { transferRules } from './transactions/transfer.ts';
import type { StateView } from './types.ts';

const KIND_RULES: { readonly [K in Kind]: TransactionRules<TransactionOf<K>> } = {
  transfer: transferRules,
  registration: registrationRules,
};

/**
 * Checks all rules that do not depend on the accounts. {@link applyTransaction} checks the signature, because that check costs most
 * and needs the sender's key.
 * @throws RuleError `transaction-other-network`, and those of its kind
 */
export function checkTransaction<K extends Kind>(network: Network, { transaction }: DecodedTransaction<TransactionOf<K>>): void {
  // Only the tag here; the signature covers the whole network id.
  if (transaction.networkTag !== networkTag(network.id)) throw new RuleError('transaction-other-network');
  KIND_RULES[transaction.kind].check(network, transaction);
}

/** @throws RuleError `block-too-many-registrations`: a block takes a bounded number of each kind that pays no fee */
export function checkBlockLimits(transactions: readonly DecodedTransaction[]): void {
  for (const [kind, { blockLimit }] of Object.entries(KIND_RULES)) {
    if (!blockLimit) continue;
    const count = transactions.reduce((sum, { transaction }) => sum + Number(transaction.kind === kind), 0);
    if (count > blockLimit.most) throw new RuleError(blockLimit.code, { count });
  }
}

/**
 * Applies a transaction that passed {@link checkTransaction} to the accounts.
 * @param granted units that the transaction mints for its sender, from `mintingOf`
 * @throws RuleError those of its kind, and `signature-invalid`; the overlay then stays unchanged
 */
export function applyTransaction<K extends Kind>(
  network: Network,
  decoded: DecodedTransaction<TransactionOf<K>>,
  overlay: StateOverlay,
  verifier: SignatureVerifier,
  granted: number,
): void {
  const { transaction } = decoded;
  const rules = KIND_RULES[transaction.kind];
  rules.checkAgainst(overlay, transaction, overlay.account(senderOf(transaction)));
  const item = signatureItem(network, decoded, overlay);
  if (!item || !verifier.verify(item)) throw new RuleError('signature-invalid', { txid: decoded.id });
  rules.apply(overlay, transaction, granted);
}

/**
 * The exact inverse of {@link applyTransaction}, for the last transaction that was applied.
 * @param granted as given to `applyTransaction`
 * @throws TabchainError `invariant-broken` when these accounts cannot be the result of the transaction
 */
export function undoTransaction<K extends Kind>(
  { transaction }: DecodedTransaction<TransactionOf<K>>,
  overlay: StateOverlay,
  granted: number,
): void {
  KIND_RULES[transaction.kind].undo(overlay, transaction, granted);
}

/**
 * The signature to verify. Its key comes from the transaction if that binds one, otherwise from the sender's account in `view`. Null when
 * the sender has no key (perhaps only not yet: the same block may register the sender earlier).
 */
export function signatureItem(network: Network, decoded: DecodedTransaction, view: Pick<StateView, 'account'>): SignatureItem | null {
  const { transaction } = decoded;
  const keys = registrationIn(transaction) ?? view.account(senderOf(transaction))?.registration;
  if (!keys) return null;
  return {
    // The transaction's id covers its fields and signature, and the network's id the rest of the message. So no two questions share a key.
    key: network.id + decoded.id,
    modulus: keys.signingModulus,
    // Built only when the verifier reads it: usually the verifier already knows the result.
    get message() {
      return signedMessageOf(network.id, decoded);
    },
    signature: transaction.signature,
  };
}
