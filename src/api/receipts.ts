import type { Coins, PartyInfo, TransactionInfo } from './api.ts';

/** What to make a receipt of: a confirmed transaction, the present state of an account, or an active block. */
export type ReceiptRequest = ({ transaction: string } | { account: string } | { block: string | number }) & {
  /** Leave out the later block. The receipt then has at most 1,600 bytes, but only its own block can be trusted. Default false. */
  short?: boolean;
};

export interface BlockPlace {
  height: number;
  id: string;
  /** Unix milliseconds, by the miner's clock. */
  time: number;
}

/** A small proof of a part of the chain, for anyone who trusts the block `anchor`. */
export interface ReceiptInfo {
  kind: 'transaction' | 'account' | 'block';
  /** The receipt as text (base64url), and as the bytes of a file. */
  text: string;
  bytes: Uint8Array;
  /** The block that the receipt is about. */
  block: BlockPlace;
  anchor: BlockPlace;
}

/** What a receipt has shown. */
export interface ReceiptCheck {
  kind: ReceiptInfo['kind'];
  /** Null unless the receipt is of a transaction. Names come from this tab's chain, and are null unless the receipt is `proven`. */
  transaction: Pick<TransactionInfo, 'txid' | 'kind' | 'from' | 'to' | 'amount' | 'fee' | 'nonce' | 'memo' | 'sealed' | 'name'> | null;
  /** Null unless the receipt is of an account: its state after `block`. */
  account: { address: string; exists: boolean; balance: Coins; nonce: number; name: string | null } | null;
  block: BlockPlace;
  miner: PartyInfo;
  anchor: BlockPlace;
  /** Expected hashes of the blocks above `block` up to and including `anchor`, decimal string. */
  workAbove: string;
  /**
   * - `proven`: this tab's chain contains `block` or `anchor`
   * - `trusted`: the caller trusts `anchor` or `block`
   * - `other-branch`: this tab's chain has another block at the height of one of the two
   * - `unknown`: this tab's chain has no block at these heights, so the receipt is as good as the trust in `anchor`
   */
  standing: 'proven' | 'trusted' | 'other-branch' | 'unknown';
  /** The block that the proof relies on: of this tab's chain, or the block that the caller trusts. Null where nothing is proven. */
  reliesOn: BlockPlace | null;
}
