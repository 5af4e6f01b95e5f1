import type { NetworkParameters } from '../../protocol/network.ts';
import { TabchainError } from '../../util/errors.ts';
import schema from './schema.sql?raw';
import type { Sql } from './database.ts';

/** Version that `schema.sql` describes, kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 3;

/** Chosen by measurement. No setting changes the content of the file. */
const PRAGMAS = `
  PRAGMA page_size = 4096;
  PRAGMA locking_mode = EXCLUSIVE; -- no other connection exists; without lock checks, lookups are about twenty times faster
  PRAGMA journal_mode = MEMORY;    -- a rollback needs no file; the disk layer handles crashes
  PRAGMA cache_spill = OFF;        -- pages reach the file only at a commit, so the file is otherwise at a block boundary
  PRAGMA foreign_keys = ON;
`;

/**
 * Creates the tables of a new database, or checks that a stored database belongs to this network.
 * No database of an older version passes: those hold networks with headers of version 1, which have other ids.
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
  const stored = sql.row(`SELECT value FROM meta WHERE key = 'network_id'`)?.[0];
  if (stored !== network.id) {
    throw new TabchainError('storage-other-network', 'This database holds the chain of another network.', {
      stored: String(stored),
      expected: network.id,
    });
  }
  if (version !== 0) assertSchema(sql, version);
}

/** A statement without comments and extra spaces. */
const plain = (statement: unknown): string =>
  String(statement)
    .replace(/--[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** Requires exactly the tables, indexes and views of `schema.sql`: a missing index slows queries, and a trigger could change any row. */
function assertSchema(sql: Sql, version: number): void {
  const expected = plain(schema).split(/; ?/).filter(Boolean);
  const stored = sql.all('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL').map(([statement]) => plain(statement));
  if (version === SCHEMA_VERSION && stored.sort().join(';') === expected.sort().join(';')) return;
  throw new TabchainError('storage-damaged', 'The stored database has other tables than this program gave it.');
}

function create(sql: Sql, network: NetworkParameters & { readonly id: string }): void {
  sql.script(`BEGIN; ${schema}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
  const facts: Record<string, string | number> = {
    network_id: network.id,
    label: network.label,
    block_time_ms: network.blockTimeMs,
    subsidy: network.subsidy,
    halving_interval: network.halvingInterval,
    max_block_bytes: network.maxBlockBytes,
    pow_limit_bits: network.powLimitBits,
    stamp_bits: network.stampBits,
    genesis_time_ms: network.genesisTimeMs,
    start_bits: network.startBits,
  };
  for (const [key, value] of Object.entries(facts)) sql.run('INSERT INTO meta (key, value) VALUES (?, ?)', [key, String(value)]);
}
