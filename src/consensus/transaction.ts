import type { Address } from '../crypto/address.ts';
import { isModulus } from '../crypto/rsa/modulus.ts';
import type { SignatureItem, SignatureVerifier } from '../crypto/rsa/verifier.ts';
import { MAX_SUPPLY } from '../protocol/amount.ts';
import { sealDigest } from '../protocol/block.ts';
import { isMemoText } from '../protocol/memo.ts';
import type { Network } from '../protocol/network.ts';
import type { AccountState } from '../protocol/state-root.ts';
import {
  NAME_PATTERN,
  networkTag,
  senderOf,
  signedMessageOf,
  stampHash,
  type DecodedTransaction,
  type Registration,
  type Transfer,
} from '../protocol/transaction.ts';
import { toHex } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import { RuleError } from './errors.ts';
import { meetsTarget } from './header.ts';
import type { StateOverlay } from './state-overlay.ts';
import type { StateView } from './types.ts';

/**
 * All rules that a transaction keeps or breaks by itself, whatever the accounts are; the signature is left to
 * {@link applyTransaction}, being the dearest and needing the sender's key.
 * @throws RuleError `transaction-other-network`, `name-invalid`, `modulus-invalid`, `stamp-invalid`, `amount-not-positive`,
 *   `amount-too-large`, `memo-invalid`
 */
export function checkTransaction(network: Network, decoded: DecodedTransaction): void {
  const { transaction } = decoded;
  // Only the tag here; the signature covers the whole network id.
  if (transaction.networkTag !== networkTag(network.id)) throw new RuleError('transaction-other-network');
  if (transaction.kind === 'registration') checkRegistration(network, transaction);
  else checkTransfer(transaction);
}

function checkRegistration(network: Network, registration: Registration): void {
  if (!NAME_PATTERN.test(registration.name)) throw new RuleError('name-invalid');
  if (!isModulus(registration.signingModulus)) throw new RuleError('modulus-invalid', { key: 'signing' });
  if (!isModulus(registration.encryptionModulus)) throw new RuleError('modulus-invalid', { key: 'encryption' });
  const digest = sealDigest(stampHash(network.id, registration), registration.stamp);
  if (!meetsTarget(toHex(digest), network.stampBits)) throw new RuleError('stamp-invalid');
}

function checkTransfer({ amount, fee, memo }: Transfer): void {
  if (amount <= 0) throw new RuleError('amount-not-positive', { amount });
  // Subtracted, because the sum of two safe integers need not be one.
  if (fee > MAX_SUPPLY - amount) throw new RuleError('amount-too-large', { amount, fee });
  if (memo.kind === 'plain' && !isMemoText(memo.text)) throw new RuleError('memo-invalid');
}

/**
 * Applies a transaction that passed {@link checkTransaction} to the accounts.
 * @returns the fee, in smallest units, which the caller owes the block's miner
 * @throws RuleError `already-registered`, `name-taken`, `sender-not-registered`, `nonce-already-used`, `nonce-gap`,
 *   `balance-insufficient`, `signature-invalid`; the overlay is then unchanged
 */
export function applyTransaction(
  network: Network,
  decoded: DecodedTransaction,
  overlay: StateOverlay,
  verifier: SignatureVerifier,
): number {
  const { transaction } = decoded;
  const sender = overlay.account(senderOf(transaction));
  if (transaction.kind === 'registration') checkNewcomer(transaction, sender, overlay);
  else checkSender(transaction, sender);
  const item = signatureItem(network, decoded, overlay);
  if (!item || !verifier.verify(item)) throw new RuleError('signature-invalid', { txid: decoded.id });
  if (transaction.kind === 'registration') {
    applyRegistration(transaction, overlay);
    return 0;
  }
  applyTransfer(transaction, overlay);
  return transaction.fee;
}

function checkNewcomer({ name }: Registration, account: AccountState | undefined, view: StateView): void {
  if (account?.registration) throw new RuleError('already-registered', { name: account.registration.name });
  if (view.addressOfName(name) !== undefined) throw new RuleError('name-taken', { name });
}

function checkSender({ amount, fee, nonce }: Transfer, sender: AccountState | undefined): void {
  if (!sender?.registration) throw new RuleError('sender-not-registered');
  if (nonce < sender.nonce) throw new RuleError('nonce-already-used', { nonce, next: sender.nonce });
  if (nonce > sender.nonce) throw new RuleError('nonce-gap', { nonce, next: sender.nonce });
  if (sender.balance < amount + fee) throw new RuleError('balance-insufficient', { balance: sender.balance, needed: amount + fee });
}

function applyRegistration(registration: Registration, overlay: StateOverlay): void {
  const { name, signingModulus, encryptionModulus } = registration;
  overlay.put({ ...accountOrEmpty(overlay, senderOf(registration)), registration: { name, signingModulus, encryptionModulus } });
}

/** A transfer to oneself is no special case: the recipient is read after the sender was debited, so only the fee is lost. */
function applyTransfer(transfer: Transfer, overlay: StateOverlay): void {
  const sender = accountOrEmpty(overlay, transfer.sender);
  overlay.put({ ...sender, balance: sender.balance - transfer.amount - transfer.fee, nonce: sender.nonce + 1 });
  credit(overlay, transfer.recipient, transfer.amount);
}

/**
 * The exact inverse of {@link applyTransaction}, for the last transaction that was applied.
 * @throws TabchainError `invariant-broken` when these accounts cannot be the result of the transaction
 */
export function undoTransaction(decoded: DecodedTransaction, overlay: StateOverlay): void {
  const { transaction } = decoded;
  const address = senderOf(transaction);
  if (transaction.kind === 'registration') {
    const account = accountOrEmpty(overlay, address);
    assert(account.registration?.name === transaction.name, 'An undone registration is not on the account.');
    overlay.put({ ...account, registration: null });
    return;
  }
  debit(overlay, transaction.recipient, transaction.amount);
  const sender = accountOrEmpty(overlay, address);
  assert(sender.nonce === transaction.nonce + 1, "An undone transfer is not the account's last.");
  overlay.put({ ...sender, balance: sender.balance + transaction.amount + transaction.fee, nonce: transaction.nonce });
}

/** Adds coins to an account, which begins to exist if need be. The supply cap keeps every sum exact. */
export function credit(overlay: StateOverlay, address: Address, units: number): void {
  const account = accountOrEmpty(overlay, address);
  assert(units <= MAX_SUPPLY - account.balance, 'A balance passed the supply cap.');
  overlay.put({ ...account, balance: account.balance + units });
}

/** The inverse of {@link credit}. */
export function debit(overlay: StateOverlay, address: Address, units: number): void {
  const account = accountOrEmpty(overlay, address);
  assert(units <= account.balance, 'A balance fell below zero.');
  overlay.put({ ...account, balance: account.balance - units });
}

function accountOrEmpty(view: StateView, address: Address): AccountState {
  return view.account(address) ?? { address, balance: 0, nonce: 0, registration: null };
}

/**
 * What to verify for a transaction, null when its sender has no key in `view` (perhaps only not yet: a registration may
 * stand earlier in the same block).
 */
export function signatureItem(network: Network, decoded: DecodedTransaction, view: Pick<StateView, 'account'>): SignatureItem | null {
  const { transaction } = decoded;
  const modulus =
    transaction.kind === 'registration' ? transaction.signingModulus : view.account(transaction.sender)?.registration?.signingModulus;
  if (!modulus) return null;
  return {
    // The id covers transaction and signature, the network's the rest of the message: a remembered verdict serves no other question.
    key: network.id + decoded.id,
    modulus,
    // Made when it is asked for: mostly the verdict is known already.
    get message() {
      return signedMessageOf(network.id, decoded);
    },
    signature: transaction.signature,
  };
}
