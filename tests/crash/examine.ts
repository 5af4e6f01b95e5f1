import { createHash } from 'node:crypto';
import initSqlJs, { type SqlJsStatic } from 'sql.js';
import { Chain } from '../../src/chain/chain.ts';
import { createBigIntVerifier } from '../../src/crypto/rsa/verifier.ts';
import type { Network } from '../../src/protocol/network.ts';
import { canonicalDump } from '../../src/storage/sql/dump.ts';
import { Sql } from '../../src/storage/sql/database.ts';
import { SqlChainStore } from '../../src/storage/sql/store.ts';
import { audit } from '../sim/checks/audit.ts';
import { blocksOf } from '../sim/checks/replay.ts';

/** Digest of a dump, because two dumps of a large database at once need too much memory. */
const digestOf = (sql: Sql): string => createHash('sha256').update(canonicalDump(sql)).digest('hex');

/** Checks database files without the code that wrote them. */
export class Examiner {
  readonly #sqlJs: SqlJsStatic;
  readonly #network: Network;
  /** Caches results, because the files of a run share most of their transactions. */
  readonly #verifier = createBigIntVerifier();

  private constructor(sqlJs: SqlJsStatic, network: Network) {
    this.#sqlJs = sqlJs;
    this.#network = network;
  }

  static async of(network: Network): Promise<Examiner> {
    return new Examiner(await initSqlJs(), network);
  }

  /**
   * Faults of a file, by SQLite's own check, and by the state root and sums recomputed from the rows.
   * @param fully also executes the blocks again from genesis; they must give the same rows
   */
  async faults(bytes: Uint8Array, fully: boolean): Promise<string[]> {
    const database = new this.#sqlJs.Database(bytes);
    try {
      const sql = new Sql(database);
      const faults = sql.all('PRAGMA integrity_check').flatMap(([line]) => (line === 'ok' ? [] : [String(line)]));
      faults.push(...audit(sql, this.#network));
      if (fully && digestOf(sql) !== (await this.#executed(sql))) faults.push('the rows are not those of its blocks');
      return faults;
    } catch (error) {
      return [String(error)];
    } finally {
      database.close();
    }
  }

  /** The digest of an empty database after executing the blocks of this one. */
  async #executed(sql: Sql): Promise<string> {
    const network = this.#network;
    const store = SqlChainStore.open(this.#sqlJs, network);
    try {
      const clock = { now: () => Number.MAX_SAFE_INTEGER / 2 };
      const chain = await Chain.open({ network, store, verifier: this.#verifier, clock, log: () => undefined });
      for (const block of blocksOf(sql, network)) await chain.acceptBlock(block);
      return digestOf(store.sql);
    } finally {
      store.close();
    }
  }
}
