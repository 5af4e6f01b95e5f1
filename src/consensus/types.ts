import type { Address } from '../crypto/address.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { AccountState } from '../protocol/state-root.ts';

/** Reads accounts, each by its address. */
export interface AccountReader {
  account(address: Address): AccountState | undefined;
}

/** The accounts as the rules see them. Storage and overlays implement this view. Reads are synchronous. */
export interface StateView extends AccountReader {
  addressOfName(name: string): Address | undefined;
}

/** One account before and after a block; `undefined` where it does not exist. */
export interface AccountChange {
  readonly address: Address;
  readonly before: AccountState | undefined;
  readonly after: AccountState | undefined;
}

declare const checked: unique symbol;

/** A block that passed every check which needs no accounts. Only `checkBlock` makes a value of this type. */
export type CheckedBlock = DecodedBlock & { readonly [checked]: true };

/** The changes that connecting (or disconnecting) a block makes to the accounts. The chain commits them. */
export interface BlockEffect {
  readonly block: CheckedBlock;
  /** Smallest units that the block mints for the sender of each transaction, and for its miner. */
  readonly grants: readonly number[];
  readonly subsidy: number;
  readonly changes: readonly AccountChange[];
  readonly stateRoot: Uint8Array;
}
