import { MAX_SUPPLY } from '../../protocol/amount.ts';
import { isMemoText } from '../../protocol/memo.ts';
import type { Transfer } from '../../protocol/transaction.ts';
import { assert } from '../../util/errors.ts';
import { RuleError } from '../rule-error.ts';
import type { TransactionRules } from './rules.ts';

export const transferRules: TransactionRules<Transfer> = {
  blockLimit: null,

  check(_network, { amount, fee, memo }) {
    if (amount <= 0) throw new RuleError('amount-not-positive', { amount });
    // Subtracted, because the sum of two safe integers may not be a safe integer.
    if (fee > MAX_SUPPLY - amount) throw new RuleError('amount-too-large', { amount, fee });
    if (memo.kind === 'plain' && !isMemoText(memo.text)) throw new RuleError('memo-invalid');
  },

  checkAgainst(_view, { amount, fee, nonce }, sender) {
    if (!sender?.registration) throw new RuleError('sender-not-registered');
    if (nonce < sender.nonce) throw new RuleError('nonce-already-used', { nonce, next: sender.nonce });
    if (nonce > sender.nonce) throw new RuleError('nonce-gap', { nonce, next: sender.nonce });
    if (sender.balance < amount + fee) throw new RuleError('balance-insufficient', { balance: sender.balance, needed: amount + fee });
  },

  /** A transfer to its own sender is no special case: the recipient is read after the debit, so the sender loses only the fee. */
  apply(overlay, { sender: address, recipient, amount, fee }) {
    const sender = overlay.accountOrEmpty(address);
    overlay.put({ ...sender, balance: sender.balance - amount - fee, nonce: sender.nonce + 1 });
    overlay.credit(recipient, amount);
  },

  undo(overlay, { sender: address, recipient, amount, fee, nonce }) {
    overlay.debit(recipient, amount);
    const sender = overlay.accountOrEmpty(address);
    assert(sender.nonce === nonce + 1, "An undone transfer is not the account's last.");
    overlay.put({ ...sender, balance: sender.balance + amount + fee, nonce });
  },
};
