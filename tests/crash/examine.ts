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

/** A dump of a large database is a long text, and two of them at once are too much. */
const digestOf = (sql: Sql): string => createHash('sha256').update(canonicalDump(sql)).digest('hex');

/** Judges database files, without the code that wrote them. */
export class Examiner {
  readonly #sqlJs: SqlJsStatic;
  readonly #network: Network;
  /** Remembers its answers: the files of a run have most of their transactions in common. */
  readonly #verifier = createBigIntVerifier();

  private constructor(sqlJs: SqlJsStatic, network: Network) {
    this.#sqlJs = sqlJs;
    this.#network = network;
  }

  static async of(network: Network): Promise<Examiner> {
    return new Examiner(await initSqlJs(), network);
  }

  /**
   * What is wrong with a file: SQLite's own check, and the state root and sums recomputed from the rows.
   * @param fully its blocks are also executed again, from genesis, and must give the same rows
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

  /** The digest of what the blocks of a database make of an empty one. */
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
