import type { Database, SqlValue, Statement } from 'sql.js';
import { TabchainError } from '../../util/errors.ts';

export type Row = SqlValue[];
export type Params = readonly SqlValue[];

/**
 * A thin layer over sql.js: prepares each statement once and keeps it, and returns rows as arrays.
 * SQLite's errors become `storage-sql`. They mean a fault of this program or of the file, never of a peer.
 */
export class Sql {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** All rows of a statement. */
  all(sql: string, params: Params = []): Row[] {
    const rows: Row[] = [];
    this.visit(sql, params, (row) => void rows.push(row));
    return rows;
  }

  /** Calls `use` with one row after another, so that memory holds one row at a time. `use` must not run statements of this database. */
  visit(sql: string, params: Params, use: (row: Row, index: number) => void): void {
    this.#with(sql, params, (statement) => {
      for (let index = 0; statement.step(); index++) use(statement.get(), index);
    });
  }

  /** The rows of a statement one after another, for results that do not fit in memory. */
  *each(sql: string): Generator<Row, void> {
    const statement = this.#guard(() => this.#database.prepare(sql));
    try {
      while (this.#guard(() => statement.step())) yield this.#guard(() => statement.get());
    } finally {
      statement.free();
    }
  }

  /** The first row, null where the result is empty. */
  row(sql: string, params: Params = []): Row | null {
    return this.#with(sql, params, (statement) => (statement.step() ? statement.get() : null));
  }

  /** The first value of the first row, which must be a number; null where the result is empty. */
  number(sql: string, params: Params = []): number | null {
    return (this.row(sql, params)?.[0] ?? null) as number | null;
  }

  run(sql: string, params: Params = []): void {
    this.#with(sql, params, (statement) => statement.step());
  }

  /** Runs several statements without parameters. */
  script(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /** A copy of the whole file; O(database). */
  export(): Uint8Array {
    return this.#guard(() => this.#database.export());
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #with<T>(sql: string, params: Params, use: (statement: Statement) => T): T {
    return this.#guard(() => {
      let statement = this.#statements.get(sql);
      if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
      try {
        statement.bind(params as SqlValue[]);
        return use(statement);
      } finally {
        // An unfinished statement would hold a read lock and block the next commit.
        statement.reset();
      }
    });
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      // Of the function that took a row.
      if (cause instanceof TabchainError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TabchainError('storage-sql', `SQLite says: ${reason}`, { reason }, { cause });
    }
  }
}
