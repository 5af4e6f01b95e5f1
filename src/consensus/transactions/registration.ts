import { isModulus } from '../../crypto/rsa/modulus.ts';
import { sealDigest } from '../../protocol/block.ts';
import { senderOf, type Registration } from '../../protocol/transaction.ts';
import { NAME_PATTERN, stampHash } from '../../protocol/transactions/registration.ts';
import { toHex } from '../../util/bytes.ts';
import { assert } from '../../util/errors.ts';
import { RuleError } from '../rule-error.ts';
import { meetsTarget } from '../header.ts';
import type { TransactionRules } from './rules.ts';

/** Registrations pay no fee, so a block takes a bounded number: a school class joins in one block, and a flood cannot fill the chain. */
export const MAX_REGISTRATIONS_PER_BLOCK = 64;

export const registrationRules: TransactionRules<Registration> = {
  blockLimit: { most: MAX_REGISTRATIONS_PER_BLOCK, code: 'block-too-many-registrations' },

  check(network, registration) {
    if (!NAME_PATTERN.test(registration.name)) throw new RuleError('name-invalid');
    if (!isModulus(registration.signingModulus)) throw new RuleError('modulus-invalid', { key: 'signing' });
    if (!isModulus(registration.encryptionModulus)) throw new RuleError('modulus-invalid', { key: 'encryption' });
    const digest = sealDigest(stampHash(network.id, registration), registration.stamp);
    if (!meetsTarget(toHex(digest), network.stampBits)) throw new RuleError('stamp-invalid');
  },

  checkAgainst(view, { name }, sender) {
    if (sender?.registration) throw new RuleError('already-registered', { name: sender.registration.name });
    if (view.addressOfName(name) !== undefined) throw new RuleError('name-taken', { name });
  },

  apply(overlay, registration, granted) {
    const { name, signingModulus, encryptionModulus } = registration;
    const address = senderOf(registration);
    overlay.put({ ...overlay.accountOrEmpty(address), registration: { name, signingModulus, encryptionModulus } });
    overlay.credit(address, granted);
  },

  undo(overlay, registration, granted) {
    const address = senderOf(registration);
    assert(overlay.account(address)?.registration?.name === registration.name, 'An undone registration is not on the account.');
    overlay.debit(address, granted);
    overlay.put({ ...overlay.accountOrEmpty(address), registration: null });
  },
};
