/** Fees as words, and changes of waiting payments; a part of `api.ts`. */

import type { Coins, TransferRequest } from './api.ts';

/** A fee with the wait that it buys. */
export interface FeeLevel {
  /** `next`: should enter the next block; `soon`: one of the next few; `whenever`: the least fee that this node accepts. */
  level: 'next' | 'soon' | 'whenever';
  fee: Coins;
  /** Blocks until a block takes the transfer, if no better-paying transfer arrives: 1 is the next block. */
  blocks: number;
}

export type FeeLevelsRequest = Pick<TransferRequest, 'memo' | 'sealed'>;

/** A change of an own transfer that waits for a block. */
export interface ReplacementRequest {
  txid: string;
  /** The new fee; default: the lowest that replaces the transfer, or the fee for the next block where that is more. */
  fee?: Coins | number;
  /** Pay the smallest amount to oneself instead: the payment then does not happen. Default false: only the fee changes. */
  cancel?: boolean;
  /** Pay this user name or address instead, without the memo. The recipient of the former transfer may already count on its coins. */
  to?: string;
}

export interface ReplacementPreview {
  txid: string;
  cancel: boolean;
  /** What the waiting transfer pays, and to whom. */
  to: { name: string | null; address: string };
  amount: Coins;
  formerFee: Coins;
  /** Blocks until a block takes the waiting transfer. */
  formerBlocks: number;
  fee: Coins;
  /** The lowest fee that replaces the waiting transfer. */
  minimumFee: Coins;
  blocks: number;
  /** Spendable coins after the change. */
  balanceAfter: Coins;
}
