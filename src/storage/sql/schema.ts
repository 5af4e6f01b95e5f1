import type { NetworkParameters } from '../../protocol/network.ts';
import { TabchainError } from '../../util/errors.ts';
import schema from '../schema.sql?raw';
import type { Sql } from './database.ts';

/** Version that `schema.sql` describes, kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 1;

/**
 * Statements that lead from version i + 1 to version i + 2, so an old file is brought forward step by step. A released entry is
 * never edited; `schema.sql` always describes the newest version, for new files.
 */
const MIGRATIONS: readonly string[] = [];

/** Chosen by measurement; none of them changes what the file says. */
const PRAGMAS = `
  PRAGMA page_size = 4096;
  PRAGMA locking_mode = EXCLUSIVE; -- nobody else can open it, and each lookup saves asking: some twenty times faster
  PRAGMA journal_mode = MEMORY;    -- a rollback needs no file; a crash is the disk layer's business
  PRAGMA cache_spill = OFF;        -- pages reach the file at commit alone, so the file is at a block boundary at all other times
  PRAGMA foreign_keys = ON;
`;

/**
 * Makes a fresh database, or brings an old one to the present schema, and binds it to one network.
 * @throws TabchainError `storage-too-new`, `storage-other-network`
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
  else migrate(sql, version, MIGRATIONS);
  const stored = sql.row(`SELECT value FROM meta WHERE key = 'network_id'`)?.[0];
  if (stored !== network.id) {
    throw new TabchainError('storage-other-network', 'This database holds the chain of another network.', {
      stored: String(stored),
      expected: network.id,
    });
  }
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
  };
  for (const [key, value] of Object.entries(facts)) sql.run('INSERT INTO meta (key, value) VALUES (?, ?)', [key, String(value)]);
}

/** Each step is one transaction together with its version, so an interrupted migration goes on where it stopped. */
export function migrate(sql: Sql, fromVersion: number, migrations: readonly string[]): void {
  for (let version = fromVersion; version <= migrations.length; version++) {
    try {
      sql.script(`BEGIN; ${migrations[version - 1]}; PRAGMA user_version = ${version + 1}; COMMIT;`);
    } catch (error) {
      sql.script('ROLLBACK');
      throw error;
    }
  }
}
