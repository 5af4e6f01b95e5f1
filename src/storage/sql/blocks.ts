import { parseAddress, type Address } from '../../crypto/address.ts';
import { sealBlock, type DecodedBlock, type SealedHeader } from '../../protocol/block.ts';
import { mintingOf, type Minting } from '../../protocol/minting.ts';
import type { Network } from '../../protocol/network.ts';
import { workOfBits } from '../../protocol/target.ts';
import {
  amountOf,
  feeOf,
  feesOf,
  MIN_TRANSACTION_BYTES,
  networkTag,
  recipientOf,
  senderOf,
  type DecodedTransaction,
} from '../../protocol/transaction.ts';
import { fromHex, toHex } from '../../util/bytes.ts';
import { assert, TabchainError } from '../../util/errors.ts';
import type { ChainBase } from '../port.ts';
import type { Row, Sql } from './database.ts';
import { OWN_COLUMNS, ownColumns, STORED, transactionOfRow } from './transaction-rows.ts';

/** A transaction's key is height · 2^16 + position: no block can contain 65,536 transactions of at least 322 bytes each. */
const POSITIONS = 2 ** 16;

/** Key of the transaction at a position of an active block. */
export function transactionKey(height: number, position: number): number {
  return height * POSITIONS + position;
}

/** Height and position of a transaction's key. */
export function placeOfKey(key: number): { height: number; position: number } {
  return { height: Math.floor(key / POSITIONS), position: key % POSITIONS };
}

/** Number of a txid's hexadecimal digits in the index `transactions_by_txid`. */
const TXID_START_DIGITS = 12;

/** The value of `txid_start` for a txid. NaN, which finds no row, for a text that is no txid. */
export function txidStart(txid: string): number {
  return Number.parseInt(txid.slice(0, TXID_START_DIGITS), 16);
}

/** Condition that finds a transaction through its narrow index; takes {@link txidStart} and the txid. */
export const BY_TXID = 'txid_start = ? AND txid = ?';

const NOBODY = '00'.repeat(20);
/** The id that a header names where no block lies before it. */
export const NO_BLOCK = '00'.repeat(32);

const HEADER_COLUMNS = `b.height, b.id, b.version, b.time, b.bits, b.nonce, b.history_root, b.transaction_root,
  b.state_root, b.supply, m.address,
  (SELECT p.id FROM blocks p WHERE p.height = b.height - 1)`;
const HEADERS = `SELECT ${HEADER_COLUMNS} FROM blocks b LEFT JOIN accounts m ON m.id = b.miner`;

/** The row's key comes last. The limit keeps an altered file from giving rows without end. */
const BODY = `SELECT ${STORED}, t.id
  FROM transactions t JOIN accounts s ON s.id = t.sender LEFT JOIN accounts r ON r.id = t.recipient
  WHERE t.id >= ? AND t.id < ? ORDER BY t.id LIMIT ?`;

// Built once: prepared statements are looked up by their text, and a new string for each row would have to be hashed each time.
const INSERT = `INSERT INTO transactions (id, height, position, txid, txid_start, kind, sender, recipient, amount, fee, granted, signature, ${OWN_COLUMNS})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** The tables `blocks` and `transactions`: writes the active chain as rows, and rebuilds blocks with exactly the same bytes. */
export class BlockTable {
  /** The base of a recent chain, whose rows begin after the base; null for a whole chain. */
  base: ChainBase | null = null;
  readonly #sql: Sql;
  readonly #network: Network;
  readonly #idOf: (address: Address) => number;

  /** @param idOf key of the account row of an address */
  constructor(sql: Sql, network: Network, idOf: (address: Address) => number) {
    this.#sql = sql;
    this.#network = network;
    this.#idOf = idOf;
  }

  /** Height of the tip, -1 in a database without genesis and base. */
  height(): number {
    return this.#sql.number('SELECT max(height) FROM blocks') ?? this.base?.headers.at(-1)!.header.height ?? -1;
  }

  /** Height of the lowest block that has a row, null without rows. */
  lowest(): number | null {
    return this.#sql.number('SELECT min(height) FROM blocks');
  }

  heightWithin(bytes: number, lowest: number): number {
    const sums = 'SELECT height, sum(size) OVER (ORDER BY height DESC) AS total FROM blocks WHERE height > ?';
    return this.#sql.number(`SELECT max(height) FROM (${sums}) WHERE total > ?`, [lowest, bytes]) ?? lowest;
  }

  headers(fromHeight: number, limit: number): SealedHeader[] {
    const sql = `${HEADERS} WHERE b.height >= ? ORDER BY b.height LIMIT ?`;
    return this.#sql.all(sql, [fromHeight, limit]).map((row) => this.#headerOf(row));
  }

  header(height: number): SealedHeader | null {
    const row = this.#sql.row(`${HEADERS} WHERE b.height = ?`, [height]);
    return row ? this.#headerOf(row) : this.#earlier(height);
  }

  block(height: number): DecodedBlock | null {
    const sealed = this.#earlier(height) ? null : this.header(height);
    if (!sealed) return null;
    return sealBlock(sealed.header, sealed.nonce, this.body(height));
  }

  /**
   * The transactions of an active block, one more at most than a block can hold.
   * @throws TabchainError `storage-damaged` where a row was altered; its `details.row` is the row's key
   */
  body(height: number): DecodedTransaction[] {
    const tag = networkTag(this.#network.id);
    const most = Math.floor(this.#network.maxBlockBytes / MIN_TRANSACTION_BYTES) + 1;
    const transactions: DecodedTransaction[] = [];
    this.#sql.visit(BODY, [transactionKey(height, 0), transactionKey(height + 1, 0), most], (row) => {
      try {
        transactions.push(transactionOfRow(row, tag));
      } catch (cause) {
        throw new TabchainError('storage-damaged', 'A stored transaction was altered.', { row: row.at(-1) as number }, { cause });
      }
    });
    return transactions;
  }

  /**
   * Appends a block.
   * @param minted smallest units that the block mints
   * @param chainWork cumulative work including this block
   */
  insert(block: DecodedBlock, minted: Pick<Minting, 'grants' | 'subsidy'>, chainWork: bigint): void {
    const { header, transactions } = block;
    const { height } = header;
    assert(height === this.height() + 1 && transactions.length < POSITIONS, 'A block does not fit on the tip.');
    this.#sql.run(
      `INSERT INTO blocks (height, id, version, time, miner, bits, nonce, history_root, transaction_root, state_root, supply,
        transaction_count, size, subsidy, fees, difficulty, chain_work) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        height,
        block.id,
        header.version,
        header.timeMs,
        height === 0 ? null : this.#idOf(header.miner),
        header.bits,
        toHex(block.nonce),
        toHex(header.historyRoot),
        toHex(header.transactionRoot),
        toHex(header.stateRoot),
        header.supply,
        transactions.length,
        block.size,
        minted.subsidy,
        feesOf(transactions),
        height === 0 ? 0 : Number(workOfBits(header.bits)),
        String(chainWork),
      ],
    );
    this.#insertBody(block, minted.grants);
  }

  /** Replaces the rows of an active block's transactions. */
  replaceBody(block: DecodedBlock): void {
    const { height } = block.header;
    const parent = this.header(height - 1);
    assert(parent, 'The parent of an active block is missing.');
    this.#deleteBody(height);
    this.#insertBody(block, mintingOf(this.#network, parent.header, block.transactions).grants);
  }

  #deleteBody(height: number): void {
    this.#sql.run('DELETE FROM transactions WHERE id >= ? AND id < ?', [transactionKey(height, 0), transactionKey(height + 1, 0)]);
  }

  #insertBody({ header, transactions }: DecodedBlock, grants: readonly number[]): void {
    transactions.forEach((transaction, position) => this.#insertTransaction(transaction, header.height, position, grants[position]!));
  }

  /** Deletes the rows of all blocks up to a height. */
  deleteUpTo(height: number): void {
    this.#sql.run('DELETE FROM transactions WHERE id < ?', [transactionKey(height + 1, 0)]);
    this.#sql.run('DELETE FROM blocks WHERE height <= ?', [height]);
  }

  /** Removes the tip's rows. */
  deleteTip(block: DecodedBlock): void {
    const { height } = block.header;
    assert(height === this.height() && height > 0, 'Only the tip can be disconnected, and never genesis.');
    this.#deleteBody(height);
    this.#sql.run('DELETE FROM blocks WHERE height = ?', [height]);
  }

  #insertTransaction({ transaction: t, id }: DecodedTransaction, height: number, position: number, granted: number): void {
    const recipient = recipientOf(t);
    this.#sql.run(INSERT, [
      transactionKey(height, position),
      height,
      position,
      id,
      txidStart(id),
      t.kind,
      this.#idOf(senderOf(t)),
      recipient === null ? null : this.#idOf(recipient),
      amountOf(t),
      feeOf(t),
      granted,
      t.signature,
      ...ownColumns(t),
    ]);
  }

  /** A header at or below the base. */
  #earlier(height: number): SealedHeader | null {
    return this.base?.headers.find(({ header }) => header.height === height) ?? null;
  }

  #headerOf(row: Row): SealedHeader {
    const [height, id, version, time, bits, nonce, historyRoot, transactionRoot, stateRoot, supply, miner, previous] = row;
    const header = {
      version: version as number,
      height: height as number,
      previous: (previous as string | null) ?? this.#earlier((height as number) - 1)?.id ?? NO_BLOCK,
      historyRoot: fromHex(historyRoot as string),
      transactionRoot: fromHex(transactionRoot as string),
      stateRoot: fromHex(stateRoot as string),
      timeMs: time as number,
      bits: bits as number,
      supply: supply as number,
      miner: miner === null ? NOBODY : parseAddress(miner as string),
    };
    return { header, nonce: fromHex(nonce as string), id: id as string };
  }
}
