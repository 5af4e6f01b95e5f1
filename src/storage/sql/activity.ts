import { placeOfKey, transactionKey } from './blocks.ts';
import type { Row, Sql } from './database.ts';
import { REWARD_POSITION } from './people.ts';
import type { PartyRow } from './queries.ts';

/** What one entry of an account's history did to its balance. */
export interface MovementRow {
  /** Sort key of the history: height · 65,536 + position. The reward comes last in its block. */
  readonly key: number;
  /** Smallest units, less than zero for a loss. */
  readonly change: number;
  /** Id of the other account of a transfer, and the amount without fee; null for other entries and for transfers to itself. */
  readonly other: number | null;
  readonly amount: number;
}

/** The newest entries first. Parameters: ?1 the account's id, ?2 the limit. */
export const MOVEMENTS = {
  sent: `SELECT t.id, CASE WHEN t.recipient = t.sender THEN -t.fee ELSE t.granted - t.amount - t.fee END, nullif(t.recipient, t.sender), t.amount
    FROM transactions t WHERE t.sender = ?1 ORDER BY t.id DESC LIMIT ?2`,
  received: `SELECT t.id, t.amount, t.sender, t.amount FROM transactions t WHERE t.recipient = ?1 AND t.sender <> ?1 ORDER BY t.id DESC LIMIT ?2`,
  mined: `SELECT b.height * ${transactionKey(1, 0)} + ${REWARD_POSITION}, b.subsidy + b.fees, NULL, 0
    FROM blocks b WHERE b.miner = ?1 ORDER BY b.height DESC LIMIT ?2`,
  idOf: 'SELECT id FROM accounts WHERE address = ?1',
  parties: 'SELECT id, address, name FROM accounts WHERE id IN (SELECT value FROM json_each(?1))',
  times: 'SELECT height, time FROM blocks WHERE height IN (SELECT value FROM json_each(?1))',
} as const;

export class ActivityQueries {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The newest transactions and rewards of an address, newest first. */
  movements(address: string, limit: number): MovementRow[] {
    const id = this.#sql.number(MOVEMENTS.idOf, [address]) ?? -1;
    const all = [MOVEMENTS.sent, MOVEMENTS.received, MOVEMENTS.mined].flatMap((sql) => this.#sql.all(sql, [id, limit]).map(movementOfRow));
    return all.sort((a, b) => b.key - a.key).slice(0, limit);
  }

  parties(ids: readonly number[]): Map<number, PartyRow> {
    const rows = this.#sql.all(MOVEMENTS.parties, [JSON.stringify(ids)]);
    return new Map(rows.map(([id, address, name]) => [id as number, { address: address as string, name: name as string | null }]));
  }

  /** Times of the blocks with these keys, by their heights, Unix milliseconds. */
  times(keys: readonly number[]): Map<number, number> {
    const heights = [...new Set(keys.map((key) => placeOfKey(key).height))];
    return new Map(this.#sql.all(MOVEMENTS.times, [JSON.stringify(heights)]).map(([height, time]) => [height as number, time as number]));
  }
}

function movementOfRow([key, change, other, amount]: Row): MovementRow {
  return { key: key as number, change: change as number, other: other as number | null, amount: amount as number };
}
