import type { Network } from '../../protocol/network.ts';
import type { AccountState } from '../../protocol/state-root.ts';
import type { TransactionFields } from '../../protocol/transactions/format.ts';
import type { RuleCode } from '../rule-error.ts';
import type { StateOverlay } from '../state-overlay.ts';
import type { StateView } from '../types.ts';

/** The rules of one kind of transaction. Network tag and signature are checked in the same way for all kinds. */
export interface TransactionRules<T extends TransactionFields> {
  /** Most transactions of this kind in one block; null for a kind that pays fees. */
  readonly blockLimit: { readonly most: number; readonly code: RuleCode } | null;
  /** Checks the rules that do not depend on the accounts. @throws RuleError */
  check(network: Network, transaction: T): void;
  /**
   * Checks the rules that depend on the accounts.
   * @param sender undefined where the account does not exist
   * @throws RuleError
   */
  checkAgainst(view: Pick<StateView, 'addressOfName'>, transaction: T, sender: AccountState | undefined): void;
  /**
   * Changes the accounts. Fees reach the miner at the end of the block.
   * @param granted units that the transaction mints for its sender
   */
  apply(overlay: StateOverlay, transaction: T, granted: number): void;
  /**
   * The exact inverse of `apply`. The caller undoes transactions in reverse order.
   * @throws TabchainError `invariant-broken` when these accounts cannot be the result of the transaction
   */
  undo(overlay: StateOverlay, transaction: T, granted: number): void;
}
