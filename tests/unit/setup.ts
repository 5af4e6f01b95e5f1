/**
 * Closes the databases that a file of tests leaves open. Files of tests run one after another in a process (vitest.config.ts), and all
 * databases of a process share the memory of one WebAssembly module.
 */
import initSqlJs, { type Database } from 'sql.js';
import { afterAll } from 'vitest';

const sqlJs = await initSqlJs();

/** The class `Database` of sql.js, which keeps account of the open databases. */
interface Counted {
  readonly open: Set<Database>;
}

function counted(Original: typeof sqlJs.Database): typeof sqlJs.Database & Counted {
  const open = new Set<Database>();
  return class extends Original {
    static readonly open = open;

    constructor(data?: ArrayLike<number> | null) {
      super(data);
      open.add(this);
    }

    override close(): void {
      open.delete(this);
      super.close();
    }
  };
}

// This file runs before each file of tests, and sql.js stays.
if (!('open' in sqlJs.Database)) sqlJs.Database = counted(sqlJs.Database);
const { open } = sqlJs.Database as typeof sqlJs.Database & Counted;

afterAll(() => {
  for (const database of [...open]) database.close();
});
