import type { SqlJsStatic } from 'sql.js';
import { sealBlock, sealHeader, type DecodedBlock, type SealedHeader } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import type { PageFile } from './disk/page-file.ts';
import { RowError } from './row-error.ts';
import { hasBase } from './sql/base-rows.ts';
import { BlockTable } from './sql/blocks.ts';
import type { Sql } from './sql/database.ts';
import { DatabaseFile } from './sql/database-file.ts';
import { NETWORK_ID, networkFact, readNetwork } from './sql/network-facts.ts';
import { SCHEMA_VERSION, schemaDifference } from './sql/schema.ts';

/**
 * Bytes that SQLite may use beside the file. A group of blocks takes far less. The limit also bounds each value of the file that is read,
 * and holds for all databases of the thread.
 */
const HEAP_BYTES = 64 << 20;

/** Nothing in the file may run, and nothing in the file changes. Sorting in memory keeps the heap limit valid. */
const PRAGMAS = `
  PRAGMA hard_heap_limit = ${HEAP_BYTES};
  PRAGMA query_only = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA locking_mode = EXCLUSIVE;
`;

/** The tables of every version. */
const TABLES = ['accounts', 'blocks', 'meta', 'transactions'];

/**
 * An exported file, opened for reading only. Its bytes may come from anyone: each value may be anything, and only hashes and rules prove a
 * row. SQLite may loop on such a file, so only a thread that can be ended may use this class.
 */
export class ChainFile {
  readonly sql: Sql;
  /** The network whose parameters the file holds. */
  readonly network: Network;
  /** Height of the highest block row, 0 without blocks. */
  readonly height: number;
  readonly #file: DatabaseFile;
  readonly #blocks: BlockTable;

  private constructor(file: DatabaseFile, network: Network) {
    this.#file = file;
    this.sql = file.sql;
    this.network = network;
    this.#blocks = new BlockTable(file.sql, network, () => 0);
    this.height = Math.max(0, this.#blocks.height());
  }

  /**
   * @param pages the file's bytes, used in place
   * @throws TabchainError `file-not-tabchain`, `file-too-old`, `file-too-new`, `file-foreign-tables`, `file-recent-only`,
   *   `file-damaged`
   * @throws RowError where the parameters in `meta` do not give the network's id
   */
  static open(sqlJs: SqlJsStatic, pages: PageFile): ChainFile {
    let file: DatabaseFile | null = null;
    try {
      file = new DatabaseFile(sqlJs, pages);
      file.sql.script(PRAGMAS);
      assertVersion(file.sql);
      assertWhole(file.sql);
      return new ChainFile(file, networkOf(file.sql));
    } catch (cause) {
      file?.close();
      if (cause instanceof TabchainError && cause.code !== 'storage-sql') throw cause;
      throw new TabchainError('file-damaged', 'SQLite cannot read this file: it is damaged. Export the chain again.', {}, { cause });
    }
  }

  close(): void {
    this.#file.close();
  }

  /** The id in the row of a block, which nothing has proven; null where the row is missing. */
  idAt(height: number): string | null {
    const id = this.sql.row('SELECT substr(id, 1, 64) FROM blocks WHERE height = ?', [height])?.[0];
    return typeof id === 'string' ? id : null;
  }

  /**
   * The header of a block, rebuilt from its row and the id of the row below. It gives the id in its row.
   * @throws RowError
   */
  header(height: number): SealedHeader {
    const stored = at('blocks', height, () => this.#blocks.header(height));
    if (!stored) throw new RowError('file-row-missing', 'blocks', height);
    const sealed = at('blocks', height, () => sealHeader(stored.header, stored.nonce));
    if (sealed.id !== stored.id) throw new RowError('file-row-altered', 'blocks', height);
    return sealed;
  }

  /**
   * A block above genesis, rebuilt from its rows. Header and transactions give the ids in their rows, but no rule is checked yet.
   * @throws RowError
   */
  block(height: number): DecodedBlock {
    const { header, nonce } = this.header(height);
    return sealBlock(header, nonce, this.#body(height));
  }

  #body(height: number): DecodedTransaction[] {
    try {
      return this.#blocks.body(height);
    } catch (error) {
      const row = error instanceof TabchainError ? error.details['row'] : undefined;
      if (row === undefined) throw new RowError('file-damaged', 'blocks', height);
      throw new RowError('file-row-altered', 'transactions', row);
    }
  }
}

/** Reads a row. A value of another type or length fails in many ways, and each means that the row was altered. */
function at<T>(table: 'blocks', row: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RowError(errorCode(error) === 'storage-sql' ? 'file-damaged' : 'file-row-altered', table, row);
  }
}

function assertVersion(sql: Sql): void {
  const names = sql.all(`SELECT substr(name, 1, 60) FROM sqlite_master WHERE type = 'table' LIMIT 100`).map(([name]) => name as string);
  if (!TABLES.every((name) => names.includes(name))) {
    throw new TabchainError('file-not-tabchain', 'This SQLite file holds no chain. Choose a file that Tabchain exported.');
  }
  const version = sql.number('PRAGMA user_version') ?? 0;
  if (version > SCHEMA_VERSION) {
    throw new TabchainError('file-too-new', 'A newer version of Tabchain wrote this file. Reload the page to get that version.', {
      version,
    });
  }
  if (version < SCHEMA_VERSION) {
    throw new TabchainError('file-too-old', 'An older version of Tabchain wrote this file. Check the file with that version.', { version });
  }
  const name = schemaDifference(sql);
  if (name === null) return;
  const message = `This file has other tables, views or triggers than Tabchain writes: ${name}. Export the chain again.`;
  throw new TabchainError('file-foreign-tables', message, { name });
}

function assertWhole(sql: Sql): void {
  if (!hasBase(sql)) return;
  const message = 'This file holds only the newest blocks, so nothing proves its accounts. Export a tab that has the whole chain.';
  throw new TabchainError('file-recent-only', message);
}

function networkOf(sql: Sql): Network {
  const stored = networkFact(sql, NETWORK_ID) ?? 'NULL';
  let expected = 'NULL';
  try {
    const network = readNetwork(sql);
    if (network.id === stored) return network;
    expected = network.id;
  } catch (error) {
    if (errorCode(error) !== 'network-invalid') throw error;
  }
  throw new RowError('file-row-differs', 'meta', NETWORK_ID, { column: 'value', found: stored, expected });
}
