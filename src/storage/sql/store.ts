import type { SqlJsStatic } from 'sql.js';
import type { Address } from '../../crypto/address.ts';
import type { BlockEffect } from '../../consensus/types.ts';
import {
  decodeBlock,
  encodeBlock,
  readSealedHeader,
  SEALED_HEADER_BYTES,
  type DecodedBlock,
  type SealedHeader,
} from '../../protocol/block.ts';
import { Reader } from '../../protocol/codec.ts';
import type { Network } from '../../protocol/network.ts';
import type { AccountState } from '../../protocol/state-root.ts';
import { assert, TabchainError } from '../../util/errors.ts';
import { baseHeight, type ChainBase, type ChainStore, type OwnTransaction, type PackedHeaders } from '../port.ts';
import { AccountTable } from './accounts.ts';
import { readBase, writeBase } from './base-rows.ts';
import { BlockTable, BY_TXID, NO_BLOCK, txidStart } from './blocks.ts';
import type { PageFile } from '../disk/page-file.ts';
import type { Sql } from './database.ts';
import { DatabaseFile, type UntrackedListener } from './database-file.ts';
import { readOwnTransactions } from './own-transactions.ts';
import { packedHeaders } from './packed-headers.ts';
import { prepareSchema } from './schema.ts';

/** Key in the table `meta`. */
const JOIN_PROGRESS = 'join_progress';

/** The chain's database on sql.js, in this thread's memory. `disk/` saves its file. */
export class SqlChainStore implements ChainStore {
  readonly network: Network;
  /** Only for reading, by the queries in `queries.ts` and `dump.ts`. All writes go through the methods below. */
  readonly sql: Sql;
  readonly #file: DatabaseFile;
  readonly #accounts: AccountTable;
  readonly #blocks: BlockTable;
  #writing = false;

  private constructor(file: DatabaseFile, network: Network) {
    this.#file = file;
    this.sql = file.sql;
    this.network = network;
    this.#accounts = new AccountTable(this.sql);
    this.#blocks = new BlockTable(this.sql, network, (address) => this.#accounts.idOf(address));
  }

  /**
   * Opens a stored image, or makes a new database that contains genesis.
   * @param sqlJs the initialised library
   * @param image a SQLite file; a page file is used in place, bytes are copied
   * @param onUntracked called when each save will cost O(database)
   * @throws TabchainError `storage-damaged`, `storage-too-new`, `storage-other-network`
   */
  static open(
    sqlJs: SqlJsStatic,
    network: Network,
    image: PageFile | Uint8Array | null = null,
    onUntracked?: UntrackedListener,
  ): SqlChainStore {
    const file = new DatabaseFile(sqlJs, image, onUntracked);
    try {
      prepareSchema(file.sql, network);
      const store = new SqlChainStore(file, network);
      store.#blocks.base = readBase(file.sql);
      if (store.height() < 0) store.atomically(() => store.#blocks.insert(network.genesis, { grants: [], subsidy: 0 }, 0n));
      return store;
    } catch (error) {
      file.close();
      // The image is not a SQLite file, or its schema cannot be read.
      if (!(error instanceof TabchainError) || error.code !== 'storage-sql') throw error;
      throw new TabchainError('storage-damaged', 'The stored chain cannot be read.', error.details, { cause: error });
    }
  }

  /**
   * Makes a new database of a recent chain, without blocks and accounts. The caller vouches for the base, and must add all accounts after
   * the base before a chain is opened on the database.
   * @param onUntracked as in {@link open}
   */
  static beginAt(sqlJs: SqlJsStatic, network: Network, base: ChainBase, onUntracked?: UntrackedListener): SqlChainStore {
    const file = new DatabaseFile(sqlJs, null, onUntracked);
    try {
      prepareSchema(file.sql, network);
      const store = new SqlChainStore(file, network);
      store.#moveBase(base);
      return store;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  close(): void {
    this.#file.close();
  }

  /**
   * The database's file, which changes with each commit. Between `atomically` calls the file is always at a block boundary.
   * @throws TabchainError `invariant-broken` inside `atomically`
   */
  pages(): PageFile {
    assert(!this.#writing, 'The database was looked at in the middle of a block.');
    return this.#file.pages();
  }

  /** A copy of the whole database as a SQLite file. */
  export(): Uint8Array {
    return this.pages().toBytes();
  }

  atomically<T>(work: () => T): T {
    assert(!this.#writing, 'Transactions of the store do not nest.');
    this.#writing = true;
    this.sql.run('BEGIN');
    try {
      const result = work();
      this.sql.run('COMMIT');
      this.#accounts.committed();
      return result;
    } catch (error) {
      this.#accounts.rolledBack();
      this.#rollBack();
      throw error;
    } finally {
      this.#writing = false;
    }
  }

  /** Never throws: the error that caused the rollback must be reported. If memory ran out, SQLite has already rolled back. */
  #rollBack(): void {
    try {
      this.sql.run('ROLLBACK');
    } catch {
      // No transaction is open any more, so there is nothing to roll back.
    }
  }

  account(address: Address): AccountState | undefined {
    return this.#accounts.account(address);
  }

  addressOfName(name: string): Address | undefined {
    return this.#accounts.addressOfName(name);
  }

  accounts(): Iterable<AccountState> {
    return this.#accounts.all();
  }

  base(): ChainBase | null {
    return this.#blocks.base;
  }

  prune(base: ChainBase): void {
    const height = baseHeight(base);
    assert(height >= baseHeight(this.base()) && height <= this.height(), 'A base lies outside the stored chain.');
    this.#moveBase(base);
  }

  #moveBase(base: ChainBase): void {
    const height = baseHeight(base);
    assert(height > 0 && base.history.size === height + 1, 'A base and its history end at different blocks.');
    this.atomically(() => {
      writeBase(this.sql, base);
      this.#blocks.deleteUpTo(height);
    });
    this.#blocks.base = base;
  }

  /**
   * Adds some of the accounts after the base of a recent chain that has no blocks yet, in a transaction of its own.
   * @throws TabchainError `storage-sql` where an address or name is there already; nothing changes
   */
  addAccounts(accounts: readonly AccountState[]): void {
    const height = baseHeight(this.base());
    assert(height > 0 && height === this.height(), 'Accounts are only added to a chain without blocks after its base.');
    this.atomically(() => this.#accounts.add(accounts, height));
  }

  /** How far the fetching of a recent chain's accounts has come, as last set; null where nothing is set. */
  joinProgress(): string | null {
    return (this.sql.row('SELECT value FROM meta WHERE key = ?', [JOIN_PROGRESS])?.[0] ?? null) as string | null;
  }

  /** @param text null deletes the note */
  setJoinProgress(text: string | null): void {
    this.atomically(() => {
      if (text === null) this.sql.run('DELETE FROM meta WHERE key = ?', [JOIN_PROGRESS]);
      else this.sql.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', [JOIN_PROGRESS, text]);
    });
  }

  height(): number {
    return this.#blocks.height();
  }

  /** The lowest height above which the active blocks have at most so many bytes, but not below `lowest`. */
  heightWithin(bytes: number, lowest: number): number {
    return this.#blocks.heightWithin(bytes, lowest);
  }

  lowest(): number | null {
    return this.#blocks.lowest();
  }

  packedHeaders(fromHeight: number): Iterable<PackedHeaders> {
    return packedHeaders(this.sql, fromHeight, this.header(fromHeight - 1)?.id ?? NO_BLOCK);
  }

  header(height: number): SealedHeader | null {
    return this.#blocks.header(height);
  }

  headers(fromHeight: number, limit: number): SealedHeader[] {
    return this.#blocks.headers(fromHeight, limit);
  }

  block(height: number): DecodedBlock | null {
    return height === 0 && !this.base() ? this.network.genesis : this.#blocks.block(height);
  }

  connect(effect: BlockEffect, chainWork: bigint): void {
    assert(this.#writing, 'A block is connected inside a transaction.');
    this.#accounts.connect(effect);
    this.#blocks.insert(effect.block, effect, chainWork);
  }

  disconnect(effect: BlockEffect): void {
    assert(this.#writing, 'A block is disconnected inside a transaction.');
    this.#blocks.deleteTip(effect.block);
    this.#accounts.disconnect(effect);
  }

  replaceBody(block: DecodedBlock): void {
    assert(this.#writing, 'A body is replaced inside a transaction.');
    this.#blocks.replaceBody(block);
  }

  putSideBlock(block: DecodedBlock): void {
    const values = [block.id, block.header.height, encodeBlock(block)];
    this.sql.run('INSERT OR IGNORE INTO side_blocks (id, height, bytes) VALUES (?, ?, ?)', values);
  }

  sideBlock(id: string): DecodedBlock | null {
    const bytes = this.sideBlockBytes(id);
    return bytes && decodeBlock(bytes, this.network.maxBlockBytes);
  }

  sideBlockBytes(id: string): Uint8Array | null {
    return (this.sql.row('SELECT bytes FROM side_blocks WHERE id = ?', [id])?.[0] ?? null) as Uint8Array | null;
  }

  deleteSideBlock(id: string): void {
    this.sql.run('DELETE FROM side_blocks WHERE id = ?', [id]);
  }

  sideBlocks(): { sealed: SealedHeader; size: number }[] {
    const sql = `SELECT substr(bytes, 1, ${SEALED_HEADER_BYTES}), length(bytes) FROM side_blocks ORDER BY height, id`;
    return this.sql.all(sql).map(([bytes, size]) => ({ sealed: readSealedHeader(new Reader(bytes as Uint8Array)), size: size as number }));
  }

  transactionHeight(id: string): number | null {
    return this.sql.number(`SELECT height FROM transactions WHERE ${BY_TXID}`, [txidStart(id), id]);
  }

  ownTransactions(): OwnTransaction[] {
    return readOwnTransactions(this.sql);
  }

  putOwnTransaction({ id, bytes, firstSeenMs, status, reason }: OwnTransaction): void {
    const sql = 'INSERT OR REPLACE INTO own_transactions (txid, bytes, first_seen, status, reason) VALUES (?, ?, ?, ?, ?)';
    this.sql.run(sql, [id, bytes, firstSeenMs, status, reason]);
  }

  deleteOwnTransaction(id: string): void {
    this.sql.run('DELETE FROM own_transactions WHERE txid = ?', [id]);
  }
}
