import { createNetwork, type Network, type NetworkParameters } from '../../protocol/network.ts';
import type { Sql } from './database.ts';

/** The key of each parameter in the table `meta`. The compiler requires an entry for each parameter. */
const KEYS: { readonly [F in keyof NetworkParameters]: string } = {
  label: 'label',
  blockTimeMs: 'block_time_ms',
  subsidy: 'subsidy',
  halvingInterval: 'halving_interval',
  maxBlockBytes: 'max_block_bytes',
  powLimitBits: 'pow_limit_bits',
  stampBits: 'stamp_bits',
  genesisTimeMs: 'genesis_time_ms',
  startBits: 'start_bits',
  grant: 'grant',
};

/** Key of the network's id in the table `meta`. */
export const NETWORK_ID = 'network_id';

/** Characters of a value that are read; no parameter has more. */
const MAX_VALUE = 100;

/** Writes the network's id and parameters to an empty table `meta`. */
export function writeNetwork(sql: Sql, network: NetworkParameters & { readonly id: string }): void {
  const write = (key: string, value: string | number): void => sql.run('INSERT INTO meta (key, value) VALUES (?, ?)', [key, String(value)]);
  write(NETWORK_ID, network.id);
  for (const [field, key] of Object.entries(KEYS)) write(key, network[field as keyof NetworkParameters]);
}

/** A value of the table `meta`; null where it is missing. */
export function networkFact(sql: Sql, key: string): string | null {
  const value = sql.row(`SELECT substr(value, 1, ${MAX_VALUE}) FROM meta WHERE key = ?`, [key])?.[0];
  return typeof value === 'string' ? value : null;
}

/**
 * The network whose parameters the table `meta` holds. Its id may differ from the stored id, because other programs reach the table.
 * @throws TabchainError `network-invalid`
 */
export function readNetwork(sql: Sql): Network {
  const given = Object.entries(KEYS).map(([field, key]) => {
    const text = networkFact(sql, key) ?? '';
    return [field, field === 'label' ? text : /^\d{1,16}$/.test(text) ? Number(text) : NaN];
  });
  return createNetwork(Object.fromEntries(given) as Partial<NetworkParameters>);
}
