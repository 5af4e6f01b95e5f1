import type { NetworkParameters } from '../../protocol/network.ts';
import { TabchainError } from '../../util/errors.ts';
import schema from './schema.sql?raw';
import type { Sql } from './database.ts';
import { NETWORK_ID, networkFact, writeNetwork } from './network-facts.ts';

/** Version that `schema.sql` describes, kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 4;

/** Chosen by measurement. No setting changes the content of the file. */
const PRAGMAS = `
  PRAGMA page_size = 4096;
  PRAGMA locking_mode = EXCLUSIVE; -- no other connection exists; without lock checks, lookups are about twenty times faster
  PRAGMA journal_mode = MEMORY;    -- a rollback needs no file; the disk layer handles crashes
  PRAGMA cache_spill = OFF;        -- pages reach the file only at a commit, so the file is otherwise at a block boundary
  PRAGMA foreign_keys = ON;
`;

/**
 * Creates the tables of a new database, or checks that a stored database belongs to this network. A database of version 3 gets the tables
 * that it lacks. No database before version 3 passes: those hold networks with headers of version 1, which have other ids.
 * @throws TabchainError `storage-too-new`, `storage-other-network`, `storage-damaged`
 */
export function prepareSchema(sql: Sql, network: NetworkParameters & { readonly id: string }): void {
  sql.script(PRAGMAS);
  const version = sql.number('PRAGMA user_version') ?? 0;
  if (version > SCHEMA_VERSION) {
    throw new TabchainError('storage-too-new', 'This database was written by a newer version of the program. Reload the page to get it.', {
      version,
    });
  }
  if (version === 0) create(sql, network);
  if (version === 3) addTablesOf4(sql);
  const stored = networkFact(sql, NETWORK_ID);
  if (stored !== network.id) {
    throw new TabchainError('storage-other-network', 'This database holds the chain of another network.', {
      stored: String(stored),
      expected: network.id,
    });
  }
  if (version !== 0) assertSchema(sql, version === 3 ? SCHEMA_VERSION : version);
}

/** A statement without comments and extra spaces. */
const plain = (statement: unknown): string =>
  String(statement)
    .replace(/--[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** More tables, indexes, views and triggers, or longer ones, are not read: no version of this program made so many. */
const MAX_OBJECTS = 100;
const MAX_STATEMENT = 10_000;

/**
 * The name of a table, index, view or trigger that `schema.sql` does not have, or that it has and the database lacks; null where both have
 * the same. A missing index slows queries, and a trigger could change any row.
 */
export function schemaDifference(sql: Sql): string | null {
  const expected = new Set(plain(schema).split(/; ?/).filter(Boolean));
  const stored = `SELECT substr(name, 1, 60), substr(sql, 1, ${MAX_STATEMENT}) FROM sqlite_master WHERE sql IS NOT NULL LIMIT ${MAX_OBJECTS}`;
  for (const [name, statement] of sql.all(stored)) if (!expected.delete(plain(statement))) return String(name);
  const [missing] = expected;
  return missing === undefined ? null : (/^CREATE (?:\w+ )+?(?=\w+ (?:\(|ON|AS))(\w+)/.exec(missing)?.[1] ?? missing);
}

function assertSchema(sql: Sql, version: number): void {
  if (version === SCHEMA_VERSION && schemaDifference(sql) === null) return;
  throw new TabchainError('storage-damaged', 'The stored database has other tables than this program gave it.');
}

/** The statements of `schema.sql` that version 3 had not, or had with another text. */
const NEW_IN_4 = /^CREATE (?:TABLE earlier_|VIEW block_list\b)[^]*?;$/gm;

function addTablesOf4(sql: Sql): void {
  const statements = schema.match(NEW_IN_4)!.join('\n');
  sql.script(`BEGIN; DROP VIEW block_list; ${statements} PRAGMA user_version = 4; COMMIT;`);
}

function create(sql: Sql, network: NetworkParameters & { readonly id: string }): void {
  sql.script(`BEGIN; ${schema}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
  writeNetwork(sql, network);
}
