import { txidStart, transactionKey } from './blocks.ts';
import type { Row, Sql } from './database.ts';
import type { PartyRow } from './queries.ts';
import { kindOf, SIZE } from './transaction-rows.ts';
import type { Kind } from '../../protocol/transaction.ts';

/** A transaction as a picture of its block needs it. Amounts are smallest units. */
export interface SquareRow {
  readonly txid: string;
  readonly kind: Kind;
  readonly size: number;
  readonly amount: number;
  readonly fee: number;
}

/** What a chart needs of a block. */
export interface SeriesRow {
  readonly height: number;
  readonly timeMs: number;
  readonly difficulty: number;
  readonly chainWork: bigint;
  readonly supply: number;
  readonly fees: number;
}

/** Digits of a txid in its index, and the number of values for each digit that is not known. */
const TXID_DIGITS = 12;
const HEX = 16;

export const EXPLORER = {
  squares: `SELECT t.txid, t.kind, ${SIZE}, t.amount, t.fee FROM transactions t JOIN accounts s ON s.id = t.sender
    WHERE t.id >= ? AND t.id < ? ORDER BY t.id`,
  series: `SELECT height, time, difficulty, chain_work, supply, fees FROM blocks WHERE height IN (SELECT value FROM json_each(?)) ORDER BY height`,
  times: 'SELECT height, time FROM blocks WHERE height IN (SELECT value FROM json_each(?)) ORDER BY height',
  txids: 'SELECT txid FROM transactions WHERE txid_start >= ?1 AND txid_start <= ?2 AND txid LIKE ?3 ORDER BY txid_start LIMIT ?4',
  addresses: 'SELECT address, name FROM accounts WHERE address >= ?1 AND address < ?2 AND address LIKE ?3 ORDER BY address LIMIT ?4',
  names: 'SELECT address, name FROM accounts WHERE name IS NOT NULL AND name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3',
} as const;

/** An upper bound of all texts that begin with `start`: "~" follows every character of ids, names and addresses. */
const after = (start: string): string => `${start}~`;

/** The queries of the explorer's pictures and its search. Each reads along an index, or a bounded number of rows, and stops at its limit. */
export class ExplorerQueries {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The first transactions of a block, in its order. */
  squares(height: number, limit: number): SquareRow[] {
    return this.#sql.all(EXPLORER.squares, [transactionKey(height, 0), transactionKey(height, limit)]).map(squareOfRow);
  }

  /** The blocks at these heights that the chain has, lowest first. */
  series(heights: readonly number[]): SeriesRow[] {
    return this.#sql.all(EXPLORER.series, [JSON.stringify(heights)]).map(seriesOfRow);
  }

  /** The times of the blocks at these heights. */
  times(heights: readonly number[]): Map<number, number> {
    return new Map(this.#sql.all(EXPLORER.times, [JSON.stringify(heights)]) as [number, number][]);
  }

  /** Ids of transactions that begin with `start`, which is hexadecimal, and end with `end`. */
  txids(start: string, end: string, limit: number): string[] {
    const known = Math.min(start.length, TXID_DIGITS);
    const step = HEX ** (TXID_DIGITS - known);
    const from = txidStart(start) * step;
    return this.#sql.all(EXPLORER.txids, [from, from + step - 1, `${start}%${end}`, limit]).map(([txid]) => txid as string);
  }

  /** Accounts whose addresses begin with `start` and end with `end`, both of letters and digits. */
  addresses(start: string, end: string, limit: number): PartyRow[] {
    return this.#sql.all(EXPLORER.addresses, [start, after(start), `${start}%${end}`, limit]).map(partyOfRow);
  }

  /** Accounts whose names begin with `start`. */
  names(start: string, limit: number): PartyRow[] {
    return this.#sql.all(EXPLORER.names, [start, after(start), limit]).map(partyOfRow);
  }
}

function squareOfRow([txid, kind, size, amount, fee]: Row): SquareRow {
  return { txid: txid as string, kind: kindOf(kind), size: size as number, amount: amount as number, fee: fee as number };
}

function seriesOfRow([height, time, difficulty, chainWork, supply, fees]: Row): SeriesRow {
  return {
    height: height as number,
    timeMs: time as number,
    difficulty: difficulty as number,
    chainWork: BigInt(chainWork as string),
    supply: supply as number,
    fees: fees as number,
  };
}

function partyOfRow([address, name]: Row): PartyRow {
  return { address: address as string, name: name as string | null };
}
