import type { ErrorCode } from '../util/error-codes.ts';
import { TabchainError, type ErrorDetails } from '../util/errors.ts';

/**
 * Every rule by its code, in the order in which they are checked. Codes are stable: tests, peers' logs and translated
 * messages refer to them. Bytes that cannot be decoded fail earlier, with an `encoding-*` code of the codec.
 */
export const RULES = {
  // Header against its parent (header.ts)
  'version-unsupported': 'The block has a version that this network does not know.',
  'previous-wrong': 'The block does not name its parent.',
  'height-wrong': "The block's height is not its parent's plus one.",
  'time-not-after-parent': "The block's time is not after its parent's.",
  'bits-wrong': "The block's target is not the one that the difficulty rule gives.",
  'seal-above-target': "The block's id is above its target: it lacks the proof of work.",
  'history-root-wrong': 'The blocks below the block are not those that its header commits to.',
  'block-ancestor-invalid': 'The block descends from one that broke a rule.',

  // Body against its header (block.ts)
  'block-oversized': 'The block is larger than the network allows.',
  'transaction-root-wrong': "The block's transactions are not those that its header names.",
  'block-too-many-registrations': 'The block holds more registrations than a block may.',
  'block-duplicate-transaction': 'The block holds the same transaction twice.',
  'supply-wrong': 'The coins in existence after the block are not as many as its header says.',
  'state-root-wrong': 'The accounts after the block are not those that its header names.',

  // Transactions by themselves (transactions/)
  'transaction-other-network': 'The transaction belongs to another network.',
  'name-invalid': 'A name has 2 to 20 of a-z, 0-9 and _, and begins with a letter.',
  'modulus-invalid': 'A public key is not an odd number of exactly 2048 bits.',
  'stamp-invalid': 'The registration lacks its proof of work.',
  'amount-not-positive': 'A transfer moves at least the smallest unit.',
  'amount-too-large': 'Amount and fee together are more than all coins there can be.',
  'memo-invalid': 'The memo holds control or text direction characters.',

  // Transactions against the accounts (transactions/)
  'already-registered': 'The account is already registered.',
  'name-taken': 'The name belongs to another account.',
  'sender-not-registered': 'The sender has no registered key, so nothing can be sent yet.',
  'nonce-already-used': "The transfer's number was already used: it is on the chain or replaced.",
  'nonce-gap': 'An earlier transfer of the sender is missing.',
  'balance-insufficient': 'The sender has less than amount and fee together.',
  'signature-invalid': "The signature is not the account's.",
} as const satisfies Partial<Record<ErrorCode, string>>;

export type RuleCode = keyof typeof RULES;

/** Data provably breaks a rule: every node that checks the same data against the same parent finds the same code. */
export class RuleError extends TabchainError {
  declare readonly code: RuleCode;

  constructor(code: RuleCode, details: ErrorDetails = {}) {
    super(code, RULES[code], details);
  }
}

/** The rule that a check finds broken; null where all its rules hold. Other errors go on. */
export function brokenBy(check: () => void): RuleCode | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
}
