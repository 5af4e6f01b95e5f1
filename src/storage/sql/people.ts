import { placeOfKey, transactionKey } from './blocks.ts';
import type { Row, Sql } from './database.ts';
import type { PartyRow } from './queries.ts';

/** The position of a reward in the order of the chain: after all transactions of its block. */
export const REWARD_POSITION = 65_535;
const FACTOR = transactionKey(1, 0);

export interface PersonRow extends PartyRow {
  readonly id: number;
  readonly balance: number;
  readonly mined: number;
  /** Transfers of the account in blocks since genesis. */
  readonly payments: number;
  /** Key of the account's newest transaction or reward; null where the rows of this chain have none. */
  readonly seen: number | null;
}

/** What lists of accounts are sorted by, besides names and keys. */
export interface StandingRow {
  readonly id: number;
  readonly balance: number;
  readonly mined: number;
  readonly payments: number;
  readonly named: boolean;
}

/** Each part reads one entry at the end of an index. Parameter: the account's id as `a.id`. */
const SEEN = `nullif(max(
    coalesce((SELECT max(t.id) FROM transactions t WHERE t.sender = a.id), -1),
    coalesce((SELECT max(t.id) FROM transactions t WHERE t.recipient = a.id), -1),
    coalesce((SELECT max(b.height) * ${FACTOR} + ${REWARD_POSITION} FROM blocks b WHERE b.miner = a.id), -1)
  ), -1)`;

/** The queries of lists of people. Only {@link PEOPLE}.standings reads a whole table. */
export const PEOPLE = {
  byId: `SELECT a.id, a.address, a.name, a.balance, a.mined, a.nonce, ${SEEN} FROM accounts a WHERE a.id IN (SELECT value FROM json_each(?1))`,
  seenOf: `SELECT a.id, ${SEEN} FROM accounts a WHERE a.id IN (SELECT value FROM json_each(?1))`,
  named: 'SELECT id FROM accounts WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3',
  nameOf: 'SELECT name FROM accounts WHERE id = ?1',
  newest: 'SELECT max(id) FROM accounts',
  standings: 'SELECT id, balance, mined, nonce, name IS NOT NULL FROM accounts',
  standingsOf: 'SELECT id, balance, mined, nonce, name IS NOT NULL FROM accounts WHERE address IN (SELECT value FROM json_each(?1))',
  transactions: 'SELECT id, sender, recipient FROM transactions WHERE id <= ?1 ORDER BY id DESC LIMIT ?2',
  rewards: 'SELECT height, miner FROM blocks WHERE height <= ?1 AND miner IS NOT NULL ORDER BY height DESC LIMIT ?2',
  times: 'SELECT height, time FROM blocks WHERE height IN (SELECT value FROM json_each(?1))',
} as const;

export class PeopleQueries {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Number of accounts. Ids have no gaps: a rollback removes the newest. */
  count(): number {
    return this.#sql.number(PEOPLE.newest) ?? 0;
  }

  /** The rows of these ids, in the order of the ids. */
  rows(ids: readonly number[]): PersonRow[] {
    if (ids.length === 0) return [];
    const rows = new Map(this.#sql.all(PEOPLE.byId, [JSON.stringify(ids)]).map((row) => [row[0] as number, personOfRow(row)]));
    return ids.flatMap((id) => rows.get(id) ?? []);
  }

  /** Ids of the accounts with names from `from` on, below `end`, by name. */
  named(from: string, end: string, limit: number): number[] {
    return this.#sql.all(PEOPLE.named, [from, end, limit]).map(([id]) => id as number);
  }

  nameOf(id: number): string {
    return this.#sql.row(PEOPLE.nameOf, [id])![0] as string;
  }

  /** Calls `use` with every account. */
  standings(use: (row: StandingRow) => void): void {
    this.#sql.visit(PEOPLE.standings, [], (row) => use(standingOfRow(row)));
  }

  /** The accounts of these addresses, as far as the chain mentions them. */
  standingsOf(addresses: readonly string[]): StandingRow[] {
    return this.#sql.all(PEOPLE.standingsOf, [JSON.stringify(addresses)]).map(standingOfRow);
  }

  /** When each of these accounts was last seen, as keys; -1 for never. */
  seenOf(ids: readonly number[]): Map<number, number> {
    const rows = this.#sql.all(PEOPLE.seenOf, [JSON.stringify(ids)]);
    return new Map(rows.map(([id, seen]) => [id as number, (seen ?? -1) as number]));
  }

  /**
   * Walks down the chain from a key, inclusive.
   * @param limit most transactions and most rewards to read
   * @returns keys with the accounts of each, highest first, and the lowest key down to which nothing was left out; null at the start of the chain
   */
  walk(
    from: number,
    limit: number,
  ): { readonly steps: readonly { readonly key: number; readonly ids: readonly number[] }[]; readonly down: number | null } {
    const transactions = this.#sql.all(PEOPLE.transactions, [from, limit]);
    const { height, position } = placeOfKey(from);
    const rewards = this.#sql.all(PEOPLE.rewards, [position === REWARD_POSITION ? height : height - 1, limit]);
    const steps = [
      ...transactions.map(([id, ...parties]) => ({
        key: id as number,
        ids: [...new Set(parties)].filter((each) => each !== null) as number[],
      })),
      ...rewards.map(([at, miner]) => ({ key: transactionKey(at as number, REWARD_POSITION), ids: [miner as number] })),
    ].sort((a, b) => b.key - a.key);
    const ends = [
      ...(transactions.length < limit ? [] : [transactions.at(-1)![0] as number]),
      ...(rewards.length < limit ? [] : [transactionKey(rewards.at(-1)![0] as number, REWARD_POSITION)]),
    ];
    const down = ends.length === 0 ? null : Math.max(...ends);
    return { steps: down === null ? steps : steps.filter(({ key }) => key >= down), down };
  }

  /** Times of blocks by their heights, Unix milliseconds. */
  times(heights: readonly number[]): Map<number, number> {
    return new Map(this.#sql.all(PEOPLE.times, [JSON.stringify(heights)]).map(([height, time]) => [height as number, time as number]));
  }
}

function personOfRow([id, address, name, balance, mined, payments, seen]: Row): PersonRow {
  return {
    id: id as number,
    address: address as string,
    name: name as string | null,
    balance: balance as number,
    mined: mined as number,
    payments: payments as number,
    seen: seen as number | null,
  };
}

function standingOfRow([id, balance, mined, payments, named]: Row): StandingRow {
  return { id: id as number, balance: balance as number, mined: mined as number, payments: payments as number, named: named === 1 };
}
