import type { Coins, PartyInfo } from './api.ts';

/**
 * - `name`: accounts in the order of their names, then accounts without a name
 * - `balance`, `blocks`, `payments`: the largest number first
 * - `seen`: the last seen first
 */
export type PeopleOrder = 'name' | 'balance' | 'blocks' | 'payments' | 'seen';

export interface PeopleOptions {
  /** Default `name`. */
  order?: PeopleOrder;
  /** Only accounts whose names begin with this text, by name. */
  prefix?: string;
  limit?: number;
  /** `next` of the page before. */
  after?: string;
}

/** An account of the chain, as a row of a list. */
export interface PersonInfo extends PartyInfo {
  balance: Coins;
  blocksMined: number;
  /** Transfers of the account in blocks since genesis: those to itself count too, those that wait do not. */
  payments: number;
  /** The newest block that the account mined or that has a transaction of the account. Null where this device has no such block. */
  seen: { height: number; time: number } | null;
}

export interface PeoplePage {
  people: PersonInfo[];
  /** Pass as `after` for the next page; null at the end. By `seen`, a page before the end may have fewer rows than the limit. */
  next: string | null;
  /** Addresses that the chain mentions, with and without names. */
  total: number;
}

/** What an account paid to and received from one other account. */
export interface Counterparty {
  party: PartyInfo;
  /** Without fees. */
  paid: Coins;
  received: Coins;
  transfers: number;
  /** The newest of these transfers. */
  last: { height: number; time: number };
}

/** What the newest entries of an account's history add up to. */
export interface AccountActivity {
  address: string;
  /** Number of newest transactions and mined blocks that this answer covers, at most 1,000. */
  entries: number;
  /** Whether the chain on this device has no older entries. */
  complete: boolean;
  /** The balance after blocks that changed it, oldest first, at most 200. The first is the balance before these entries. */
  balances: { height: number; time: number; balance: Coins }[];
  /** The accounts with which it exchanged most, most first, at most 20. */
  counterparties: Counterparty[];
  /** How many more there are. */
  otherCounterparties: number;
}
