import { MAX_NAME_BYTES } from '../protocol/transaction.ts';
import { fromUtf8 } from '../util/bytes.ts';
import { transactionKey } from './sql/blocks.ts';
import type { Row, Sql } from './sql/database.ts';
import { BY_TXID } from './sql/store.ts';

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
  readonly kind: 'transfer' | 'registration';
  readonly height: number;
  readonly position: number;
  readonly blockId: string;
  readonly timeMs: number;
  readonly from: PartyRow;
  /** Null for a registration. */
  readonly to: PartyRow | null;
  readonly amount: number;
  readonly fee: number;
  /** Null for a registration. */
  readonly nonce: number | null;
  readonly memo: string | null;
  readonly sealedMemo: Uint8Array | null;
  readonly signature: Uint8Array;
  /** Length of the canonical encoding. */
  readonly size: number;
  /** Expected hashes before the block that holds it: what the tip has more is piled on it. */
  readonly workBefore: bigint;
}

/** `key` orders history and is its cursor: height · 65,536 + position, the reward last in its block. */
export type HistoryRow =
  | { readonly key: number; readonly transaction: TransactionRow; readonly block: null }
  | { readonly key: number; readonly transaction: null; readonly block: BlockRow };

export interface HistoryQuery {
  readonly limit: number;
  /** Only entries with a smaller key. */
  readonly before?: number;
  /** Only entries whose other party, memo, txid or block id contains this, ASCII letters in either case. */
  readonly search?: string;
  /** Rewards of mined blocks too. */
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

export interface MinerRow extends PartyRow {
  readonly blocks: number;
  /** Subsidies and fees. */
  readonly reward: number;
}

const PREVIOUS_WORK = `coalesce((SELECT p.chain_work FROM blocks p WHERE p.height = b.height - 1), '0')`;

const BLOCKS = `SELECT b.height, b.id, b.time, m.address, m.name, b.transaction_count, b.size, b.subsidy, b.fees, b.bits, b.chain_work
  FROM blocks b LEFT JOIN accounts m ON m.id = b.miner`;

/** Bytes of a transaction as it travels, from the lengths of its variable parts. */
const SIZE = `CASE WHEN t.recipient IS NULL THEN 794 + length(s.name)
  ELSE 322 + coalesce(1 + length(CAST(t.memo AS BLOB)), length(t.sealed_memo), 0) END`;

// The memo as bytes, for sql.js swallows a leading U+FEFF of a text.
const TRANSACTIONS = `SELECT t.id, t.txid, t.height, t.position, b.id, b.time, s.address, s.name, r.address, r.name, t.amount, t.fee, t.nonce,
    CAST(t.memo AS BLOB), t.sealed_memo, t.signature, ${SIZE}, ${PREVIOUS_WORK}
  FROM transactions t JOIN blocks b ON b.height = t.height JOIN accounts s ON s.id = t.sender LEFT JOIN accounts r ON r.id = t.recipient`;

const MATCHES = `(?1 IS NULL OR t.txid LIKE ?1 ESCAPE '\\' OR t.memo LIKE ?1 ESCAPE '\\' OR s.name LIKE ?1 ESCAPE '\\'
  OR s.address LIKE ?1 ESCAPE '\\' OR r.name LIKE ?1 ESCAPE '\\' OR r.address LIKE ?1 ESCAPE '\\')`;

/** Everything that views of the chain read, in plain rows. Each query runs along an index and stops at its limit. */
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

  /** In block order. */
  transactionsOf(height: number): TransactionRow[] {
    const range = [transactionKey(height, 0), transactionKey(height + 1, 0)];
    return this.#sql.all(`${TRANSACTIONS} WHERE t.id >= ? AND t.id < ? ORDER BY t.id`, range).map(transactionOfRow);
  }

  /** Null when it is not in the active chain. */
  transaction(txid: string): TransactionRow | null {
    const row = this.#sql.row(`${TRANSACTIONS} WHERE ${BY_TXID}`, [txid, txid]);
    return row && transactionOfRow(row);
  }

  /** What moved an address's coins, newest first. */
  history(address: string, { limit, before = Number.MAX_SAFE_INTEGER, search, mined = false }: HistoryQuery): HistoryRow[] {
    const id = this.#idOf(address);
    const pattern = search === undefined || search === '' ? null : `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    const ofRole = (role: string): HistoryRow[] => {
      const sql = `${TRANSACTIONS} WHERE ${MATCHES} AND ${role} AND t.id < ?3 ORDER BY t.id DESC LIMIT ?4`;
      const rows = this.#sql.all(sql, [pattern, id, before, limit]);
      return rows.map((row) => ({ key: row[0] as number, transaction: transactionOfRow(row), block: null }));
    };
    const entries = [...ofRole('t.sender = ?2'), ...ofRole('t.recipient = ?2 AND t.sender <> ?2')];
    if (mined) entries.push(...this.#rewards(id, before, pattern, limit));
    return entries.sort((a, b) => b.key - a.key).slice(0, limit);
  }

  /** By exact name or address, null when the chain has neither. */
  account(nameOrAddress: string): AccountRow | null {
    const column = nameOrAddress.length > MAX_NAME_BYTES ? 'address' : 'name';
    const sql = `SELECT id, address, name, balance, nonce, registered_height, signing_key FROM accounts WHERE ${column} = ?`;
    const row = this.#sql.row(sql, [nameOrAddress]);
    if (!row) return null;
    const [id, address, name, balance, nonce, registeredHeight, signingKey] = row;
    const received = 'SELECT count(*) FROM transactions WHERE recipient = ?1 AND sender <> ?1';
    return {
      address: address as string,
      name: name as string | null,
      balance: balance as number,
      nonce: nonce as number,
      registeredHeight: registeredHeight as number | null,
      signingKey: signingKey as Uint8Array | null,
      blocksMined: this.blocksMined(address as string),
      transactions: this.#sql.number(`SELECT (SELECT count(*) FROM transactions WHERE sender = ?1) + (${received})`, [id!])!,
    };
  }

  /** The name of an address, null where it has none. */
  party(address: string): PartyRow {
    const row = this.#sql.row('SELECT name FROM accounts WHERE address = ?', [address]);
    return { address, name: (row?.[0] ?? null) as string | null };
  }

  blocksMined(address: string): number {
    return this.#sql.number('SELECT count(*) FROM blocks WHERE miner = ?', [this.#idOf(address)])!;
  }

  /** Most blocks first. */
  miners(limit: number): MinerRow[] {
    const sql = `SELECT m.address, m.name, count(*), sum(b.subsidy + b.fees) FROM blocks b JOIN accounts m ON m.id = b.miner
      GROUP BY m.id ORDER BY count(*) DESC, m.id LIMIT ?`;
    return this.#sql.all(sql, [limit]).map(([address, name, blocks, reward]) => ({
      address: address as string,
      name: name as string | null,
      blocks: blocks as number,
      reward: reward as number,
    }));
  }

  /** Sizes of the whole, genesis not counted. */
  totals(): { blocks: number; transactions: number; accounts: number; registered: number } {
    const [blocks, transactions, accounts, registered] = this.#sql.row(
      `SELECT (SELECT max(height) FROM blocks), (SELECT sum(transaction_count) FROM blocks),
        (SELECT count(*) FROM accounts WHERE balance > 0 OR name IS NOT NULL), (SELECT count(name) FROM accounts)`,
    )! as number[];
    return { blocks: blocks!, transactions: transactions!, accounts: accounts!, registered: registered! };
  }

  /** Hashes a second that the last `blocks` blocks are worth; 0 while there are fewer than two. */
  hashrate(blocks: number): number {
    const sql = 'SELECT difficulty, time FROM blocks WHERE height > 0 ORDER BY height DESC LIMIT ?';
    const rows = this.#sql.all(sql, [blocks + 1]) as [number, number][];
    if (rows.length < 2) return 0;
    const [oldest, newest] = [rows.at(-1)!, rows[0]!];
    const work = rows.reduce((sum, [difficulty]) => sum + difficulty, 0) - oldest[0];
    return (1_000 * work) / (newest[1] - oldest[1]);
  }

  #rewards(id: number, before: number, pattern: string | null, limit: number): HistoryRow[] {
    const sql = `${BLOCKS} WHERE (?1 IS NULL OR b.id LIKE ?1 ESCAPE '\\') AND b.miner = ?2 AND b.height < ?3 ORDER BY b.height DESC LIMIT ?4`;
    // Smallest height whose reward is not before the cursor.
    const height = Math.ceil((before - REWARD_POSITION) / transactionKey(1, 0));
    return this.#sql.all(sql, [pattern, id, height, limit]).map((row) => {
      const block = blockOfRow(row);
      return { key: transactionKey(block.height, REWARD_POSITION), transaction: null, block };
    });
  }

  /** Row of an address; -1, which no row has, for one that the chain does not mention. */
  #idOf(address: string): number {
    return this.#sql.number('SELECT id FROM accounts WHERE address = ?', [address]) ?? -1;
  }
}

/** After every transaction of the block, as the rules credit it. */
const REWARD_POSITION = 65_535;

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
  const [, txid, height, position, blockId, timeMs, sender, senderName, recipient, recipientName, ...rest] = row;
  const [amount, fee, nonce, memo, sealedMemo, signature, size, workBefore] = rest;
  return {
    txid: txid as string,
    kind: recipient === null ? 'registration' : 'transfer',
    height: height as number,
    position: position as number,
    blockId: blockId as string,
    timeMs: timeMs as number,
    from: party(sender, senderName)!,
    to: party(recipient, recipientName),
    amount: amount as number,
    fee: fee as number,
    nonce: nonce as number | null,
    memo: memo === null ? null : fromUtf8(memo as Uint8Array),
    sealedMemo: sealedMemo as Uint8Array | null,
    signature: signature as Uint8Array,
    size: size as number,
    workBefore: BigInt(workBefore as string),
  };
}
