import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';

/** A statement that changes the database, with its parameters. */
export interface Change {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const CHANGES = /^\s*(INSERT|UPDATE|DELETE|BEGIN|COMMIT)/i;

/** sql.js that also records changes, so that another engine can repeat them. */
export function recording(sqlJs: SqlJsStatic, record: (change: Change) => void): SqlJsStatic {
  class RecordingDatabase extends sqlJs.Database {
    override prepare(sql: string): Statement {
      const statement = super.prepare(sql);
      if (!CHANGES.test(sql)) return statement;
      const bind = statement.bind.bind(statement);
      // The store calls bind before each run, even without parameters.
      statement.bind = (params) => {
        record({ sql, params: (params ?? []) as SqlValue[] });
        return bind(params);
      };
      return statement;
    }
  }
  return { ...sqlJs, Database: RecordingDatabase as unknown as new (data?: ArrayLike<number> | null) => Database };
}
