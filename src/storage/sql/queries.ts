import type { Kind } from '../../protocol/transaction.ts';
import { workOfBits } from '../../protocol/target.ts';
import { MAX_NAME_BYTES } from '../../protocol/transactions/registration.ts';
import { fromUtf8 } from '../../util/bytes.ts';
import { BY_TXID, transactionKey, txidStart } from './blocks.ts';
import type { Row, Sql } from './database.ts';
import { kindOf, SIZE } from './transaction-rows.ts';

/** Amounts are smallest units, times Unix milliseconds, ids hexadecimal, addresses bech32m text. */
export interface PartyRow {
  readonly address: string;
  /** Null when not registered. */
  readonly name: string | null;
}

export interface BlockRow {
  readonly height: number;
  readonly id: string;
  readonly timeMs: number;
  /** Null for genesis. */
  readonly miner: PartyRow | null;
  readonly transactions: number;
  readonly size: number;
  readonly subsidy: number;
  readonly fees: number;
  readonly bits: number;
  /** Expected hashes up to and including this block. */
  readonly chainWork: bigint;
}

export interface TransactionRow {
  readonly txid: string;
  readonly kind: Kind;
  readonly height: number;
  readonly position: number;
  readonly blockId: string;
  readonly timeMs: number;
  readonly from: PartyRow;
  /** Null for a registration. */
  readonly to: PartyRow | null;
  readonly amount: number;
  readonly fee: number;
  /** Minted for the sender by a registration, otherwise 0. */
  readonly granted: number;
  /** Null for a registration. */
  readonly nonce: number | null;
  readonly memo: string | null;
  readonly sealedMemo: Uint8Array | null;
  readonly signature: Uint8Array;
  /** Length of the canonical encoding. */
  readonly size: number;
  /** Expected hashes before the transaction's block: the tip's work minus this number is the work on the transaction. */
  readonly workBefore: bigint;
}

/** `key` is the sort key and cursor of the history: height · 65,536 + position. The reward comes last in its block. */
export type HistoryRow =
  | { readonly key: number; readonly transaction: TransactionRow; readonly block: null }
  | { readonly key: number; readonly transaction: null; readonly block: BlockRow };

export interface HistoryQuery {
  readonly limit: number;
  /** Only entries with a smaller key. */
  readonly before?: number;
  /** Only entries whose parties, memo, txid or block id contain this text, ASCII letters in either case. */
  readonly search?: string;
  /** Whether to include rewards of mined blocks. */
  readonly mined?: boolean;
}

export interface AccountRow extends PartyRow {
  readonly balance: number;
  readonly nonce: number;
  readonly registeredHeight: number | null;
  /** Modulus, null when not registered. */
  readonly signingKey: Uint8Array | null;
  readonly blocksMined: number;
  readonly transactions: number;
}

const BLOCKS = `SELECT b.height, b.id, b.time, m.address, m.name, b.transaction_count, b.size, b.subsidy, b.fees, b.bits, b.chain_work
  FROM blocks b LEFT JOIN accounts m ON m.id = b.miner`;

// The memo as bytes, because sql.js drops a leading U+FEFF of a text.
const TRANSACTIONS = `SELECT t.id, t.kind, t.txid, t.height, t.position, b.id, b.time, s.address, s.name, r.address, r.name, t.amount, t.fee, t.granted,
    t.nonce, CAST(t.memo AS BLOB), t.sealed_memo, t.signature, ${SIZE}, b.chain_work, b.bits
  FROM transactions t JOIN blocks b ON b.height = t.height JOIN accounts s ON s.id = t.sender LEFT JOIN accounts r ON r.id = t.recipient`;

// One statement reads a whole page: to start a statement costs as much as to read ten rows.
const TRANSACTIONS_BY_KEY = `${TRANSACTIONS} WHERE t.id IN (SELECT value FROM json_each(?))`;
const BLOCKS_BY_HEIGHT = `${BLOCKS} WHERE b.height IN (SELECT value FROM json_each(?))`;

/** More than any block has. */
const MAX_POSITIONS = transactionKey(1, 0);
/** The rules credit the reward after all transactions of the block. */
const REWARD_POSITION = 65_535;
const REWARD_KEY = `b.height * ${transactionKey(1, 0)} + ${REWARD_POSITION}`;

/** Keys of an account's history, newest first. Parameters: ?1 the account's id, ?2 an upper bound of the keys (exclusive), ?3 the limit. */
export const HISTORY = {
  sent: 'SELECT t.id FROM transactions t WHERE t.sender = ?1 AND t.id < ?2 ORDER BY t.id DESC LIMIT ?3',
  received: 'SELECT t.id FROM transactions t WHERE t.recipient = ?1 AND t.sender <> ?1 AND t.id < ?2 ORDER BY t.id DESC LIMIT ?3',
  mined: `SELECT ${REWARD_KEY} FROM blocks b WHERE b.miner = ?1 AND b.height <= (?2 - ${REWARD_POSITION + 1}) / ${transactionKey(1, 0)}.0
    ORDER BY b.height DESC LIMIT ?3`,
} as const;

const PARTIES = 'JOIN accounts s ON s.id = t.sender LEFT JOIN accounts r ON r.id = t.recipient';
const MATCHES = `(t.txid LIKE ?4 ESCAPE '\\' OR t.memo LIKE ?4 ESCAPE '\\' OR s.name LIKE ?4 ESCAPE '\\'
  OR s.address LIKE ?4 ESCAPE '\\' OR r.name LIKE ?4 ESCAPE '\\' OR r.address LIKE ?4 ESCAPE '\\')`;

/** The same with the pattern ?4. These queries read as much of the history as they need to fill the page. */
const SEARCHED_HISTORY = {
  sent: HISTORY.sent.replace(' t WHERE', ` t ${PARTIES} WHERE ${MATCHES} AND`),
  received: HISTORY.received.replace(' t WHERE', ` t ${PARTIES} WHERE ${MATCHES} AND`),
  mined: HISTORY.mined.replace('WHERE', `WHERE b.id LIKE ?4 ESCAPE '\\' AND`),
};

/** All queries of the views, with plain rows as results. Each query reads along an index and stops at its limit. */
export class ChainQueries {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Newest first. `before`: only lower heights; `miner`: only blocks of this address. */
  blocks({ limit, before, miner }: { limit: number; before?: number; miner?: string }): BlockRow[] {
    const below = before ?? Number.MAX_SAFE_INTEGER;
    const rows =
      miner === undefined
        ? this.#sql.all(`${BLOCKS} WHERE b.height < ? ORDER BY b.height DESC LIMIT ?`, [below, limit])
        : this.#sql.all(`${BLOCKS} WHERE b.miner = ? AND b.height < ? ORDER BY b.height DESC LIMIT ?`, [this.#idOf(miner), below, limit]);
    return rows.map(blockOfRow);
  }

  block(height: number): BlockRow | null {
    const row = this.#sql.row(`${BLOCKS} WHERE b.height = ?`, [height]);
    return row && blockOfRow(row);
  }

  /** In block order, at most `limit` from a position on. */
  transactionsOf(height: number, from = 0, limit = MAX_POSITIONS): TransactionRow[] {
    const start = transactionKey(height, from);
    const range = [start, Math.min(start + limit, transactionKey(height + 1, 0))];
    return this.#sql.all(`${TRANSACTIONS} WHERE t.id >= ? AND t.id < ? ORDER BY t.id`, range).map(transactionOfRow);
  }

  /** A transaction of the active chain, null for an unknown txid. */
  transaction(txid: string): TransactionRow | null {
    const row = this.#sql.row(`${TRANSACTIONS} WHERE ${BY_TXID}`, [txidStart(txid), txid]);
    return row && transactionOfRow(row);
  }

  /** Id of an account's transfer with this nonce; undefined where the chain has none. Searches from the newest transaction. */
  transferOf(address: string, nonce: number): string | undefined {
    const sql = `SELECT txid FROM transactions WHERE sender = (SELECT id FROM accounts WHERE address = ?) AND nonce = ? ORDER BY id DESC LIMIT 1`;
    return this.#sql.row(sql, [address, nonce])?.[0] as string | undefined;
  }

  /** Id of the registration of a name; undefined for a name that nobody registered. */
  registrationOf(name: string): string | undefined {
    const sql = `SELECT txid FROM transactions WHERE sender = (SELECT id FROM accounts WHERE name = ?) AND kind = 'registration' ORDER BY id LIMIT 1`;
    return this.#sql.row(sql, [name])?.[0] as string | undefined;
  }

  /** The transactions (and rewards) of an address, newest first. */
  history(address: string, { limit, before = Number.MAX_SAFE_INTEGER, search, mined = false }: HistoryQuery): HistoryRow[] {
    const id = this.#idOf(address);
    const pattern = search === undefined || search === '' ? null : `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    const found = pattern === null ? HISTORY : SEARCHED_HISTORY;
    const parameters = [id, before, limit, ...(pattern === null ? [] : [pattern])];
    const keys = [found.sent, found.received, ...(mined ? [found.mined] : [])].flatMap((sql) =>
      this.#sql.all(sql, parameters).map(([key]) => key as number),
    );
    // Each query returned the keys of a whole page. Only the rows of the merged page are read in full.
    return this.#historyRows(keys.sort((a, b) => b - a).slice(0, limit));
  }

  #historyRows(keys: readonly number[]): HistoryRow[] {
    const heights = keys.filter(isReward).map((key) => Math.floor(key / transactionKey(1, 0)));
    const rewards = heights.length === 0 ? [] : this.#sql.all(BLOCKS_BY_HEIGHT, [JSON.stringify(heights)]).map(blockOfRow);
    const transactions = keys.length === heights.length ? [] : this.#sql.all(TRANSACTIONS_BY_KEY, [JSON.stringify(keys)]);
    const rows: HistoryRow[] = [
      ...rewards.map((block) => ({ key: transactionKey(block.height, REWARD_POSITION), transaction: null, block })),
      ...transactions.map((row) => ({ key: row[0] as number, transaction: transactionOfRow(row), block: null })),
    ];
    return rows.sort((a, b) => b.key - a.key);
  }

  /** An account by its exact name or address, null for an unknown account. */
  account(nameOrAddress: string): AccountRow | null {
    const column = nameOrAddress.length > MAX_NAME_BYTES ? 'address' : 'name';
    const sql = `SELECT address, name, balance, nonce, registered_height, signing_key, received, mined FROM accounts WHERE ${column} = ?`;
    const row = this.#sql.row(sql, [nameOrAddress]);
    if (!row) return null;
    const [address, name, balance, nonce, registeredHeight, signingKey, received, mined] = row;
    return {
      address: address as string,
      name: name as string | null,
      balance: balance as number,
      nonce: nonce as number,
      registeredHeight: registeredHeight as number | null,
      signingKey: signingKey as Uint8Array | null,
      blocksMined: mined as number,
      // Sent, received, and the registration.
      transactions: (nonce as number) + (received as number) + (name === null ? 0 : 1),
    };
  }

  /** An address with its name, which is null for an unregistered address. */
  party(address: string): PartyRow {
    const row = this.#sql.row('SELECT name FROM accounts WHERE address = ?', [address]);
    return { address, name: (row?.[0] ?? null) as string | null };
  }

  blocksMined(address: string): number {
    return this.#sql.number('SELECT mined FROM accounts WHERE address = ?', [address]) ?? 0;
  }

  /** Id of an address's row; -1, which no row has, for an address that the chain does not mention. */
  #idOf(address: string): number {
    return this.#sql.number('SELECT id FROM accounts WHERE address = ?', [address]) ?? -1;
  }
}

const isReward = (key: number): boolean => key % transactionKey(1, 0) === REWARD_POSITION;

function party(address: Row[number] | undefined, name: Row[number] | undefined): PartyRow | null {
  return address === null ? null : { address: address as string, name: name as string | null };
}

function blockOfRow(row: Row): BlockRow {
  const [height, id, timeMs, miner, minerName, transactions, size, subsidy, fees, bits, chainWork] = row;
  return {
    height: height as number,
    id: id as string,
    timeMs: timeMs as number,
    miner: party(miner, minerName),
    transactions: transactions as number,
    size: size as number,
    subsidy: subsidy as number,
    fees: fees as number,
    bits: bits as number,
    chainWork: BigInt(chainWork as string),
  };
}

function transactionOfRow(row: Row): TransactionRow {
  const [, kind, txid, height, position, blockId, timeMs, sender, senderName, recipient, recipientName, ...rest] = row;
  const [amount, fee, granted, nonce, memo, sealedMemo, signature, size, chainWork, bits] = rest;
  return {
    txid: txid as string,
    kind: kindOf(kind),
    height: height as number,
    position: position as number,
    blockId: blockId as string,
    timeMs: timeMs as number,
    from: party(sender, senderName)!,
    to: party(recipient, recipientName),
    amount: amount as number,
    fee: fee as number,
    granted: granted as number,
    nonce: nonce as number | null,
    memo: memo === null ? null : fromUtf8(memo as Uint8Array),
    sealedMemo: sealedMemo as Uint8Array | null,
    signature: signature as Uint8Array,
    size: size as number,
    workBefore: BigInt(chainWork as string) - workOfBits(bits as number),
  };
}
