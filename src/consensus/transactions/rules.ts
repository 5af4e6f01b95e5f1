import type { Network } from '../../protocol/network.ts';
import type { AccountState } from '../../protocol/state-root.ts';
import type { TransactionFields } from '../../protocol/transactions/format.ts';
import type { RuleCode } from '../errors.ts';
import type { StateOverlay } from '../state-overlay.ts';
import type { StateView } from '../types.ts';

/** The rules of one kind of transaction. Network tag and signature are checked alike for all kinds. */
export interface TransactionRules<T extends TransactionFields> {
  /** Most of them in one block; null where each pays for its place. */
  readonly blockLimit: { readonly most: number; readonly code: RuleCode } | null;
  /** What it keeps or breaks by itself, whatever the accounts are. @throws RuleError */
  check(network: Network, transaction: T): void;
  /**
   * What it keeps or breaks against the accounts.
   * @param sender undefined where the account does not exist
   * @throws RuleError
   */
  checkAgainst(view: Pick<StateView, 'addressOfName'>, transaction: T, sender: AccountState | undefined): void;
  /** Changes the accounts. Fees reach the miner at the end of the block. */
  apply(overlay: StateOverlay, transaction: T): void;
  /**
   * The exact inverse of `apply`. The caller undoes transactions in reverse order.
   * @throws TabchainError `invariant-broken` when these accounts cannot be the result of the transaction
   */
  undo(overlay: StateOverlay, transaction: T): void;
}
