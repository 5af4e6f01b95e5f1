import { createHash } from 'node:crypto';
import type { SqlJsStatic } from 'sql.js';
import type { Prng } from '../../sim/engine/prng.ts';
import type { Control, Stores } from '../../../src/storage/disk/medium.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { DatabaseFile } from '../../../src/storage/sql/database-file.ts';
import type { Sql } from '../../../src/storage/sql/database.ts';
import { SCHEMA_VERSION } from '../../../src/storage/sql/schema.ts';
import type { ErrorCode } from '../../../src/util/error-codes.ts';
import { databaseOf, storeOf, withDatabase, type Alteration, type Scene } from './alteration.ts';
import type { Stored } from './stored.ts';

const DAMAGED: readonly ErrorCode[] = ['storage-damaged'];
const ALTERED: readonly ErrorCode[] = ['storage-block-altered', ...DAMAGED];

interface RowChange {
  readonly kind: string;
  readonly what: string;
  readonly sql: string;
  readonly codes: readonly ErrorCode[];
  readonly mustTell: boolean;
}

/**
 * Alters rows of the chain under valid checksums: the program itself saves the altered SQLite file, as a person with the developer tools
 * could do.
 */
export async function rowOf(sqlJs: SqlJsStatic, scene: Scene): Promise<Alteration> {
  const change = pickChange(scene.rng);
  let isAltered = true;
  const stored = await rewritten(sqlJs, scene.newest, scene.chain, (sql) => {
    const before = contents(sql);
    sql.script(`PRAGMA foreign_keys = OFF; ${change.sql}`);
    isAltered = contents(sql) !== before;
  });
  // A change may have had no effect, so another one is drawn.
  return isAltered ? { ...change, stored } : rowOf(sqlJs, scene);
}

function pickChange(rng: Prng): RowChange {
  const told = (kind: string, what: string, sql: string, codes: readonly ErrorCode[] = DAMAGED): RowChange => ({
    kind: `rows of ${kind}`,
    what,
    sql,
    codes,
    mustTell: true,
  });
  const height = `(SELECT height FROM blocks WHERE height > 0 ORDER BY height LIMIT 1 OFFSET abs(${rng.int(0, 1e6)}) % (SELECT max(height) FROM blocks))`;
  const transfer = `(SELECT id FROM transactions WHERE recipient IS NOT NULL LIMIT 1 OFFSET abs(${rng.int(0, 1e6)}) % (SELECT count(*) FROM transactions WHERE recipient IS NOT NULL))`;
  const account = `(SELECT id FROM accounts LIMIT 1 OFFSET abs(${rng.int(0, 1e6)}) % (SELECT count(*) FROM accounts))`;
  const inTransactions = (set: string): RowChange =>
    told('transactions', `a transfer: ${set}`, `UPDATE transactions SET ${set} WHERE id = ${transfer}`, ALTERED);
  const inBlocks = (set: string): RowChange => told('blocks', `a block: ${set}`, `UPDATE blocks SET ${set} WHERE height = ${height}`);
  const inAccounts = (set: string): RowChange => told('accounts', `an account: ${set}`, `UPDATE accounts SET ${set} WHERE id = ${account}`);
  const flipped = (column: string): string => `${column} = CAST(substr(${column}, 1, length(${column}) - 1) || x'ab' AS BLOB)`;
  return rng.pick<() => RowChange>([
    () => inTransactions(`memo = 'altered', sealed_memo = NULL`),
    () => inTransactions(flipped('signature')),
    () => inTransactions('amount = amount + 1'),
    () => inTransactions('fee = fee + 1'),
    () => inTransactions('nonce = nonce + 1'),
    () => inTransactions(`sender = ${account}`),
    () => inTransactions(`recipient = (SELECT id FROM accounts WHERE id <> recipient LIMIT 1)`),
    () => inTransactions(`txid = replace(replace(txid, 'a', 'b'), '1', '2')`),
    () => told('transactions', 'a transfer lost', `DELETE FROM transactions WHERE id = ${transfer}`, ALTERED),
    () => told('transactions', 'all lost', 'DELETE FROM transactions', ALTERED),
    () => inBlocks(`nonce = '00' || substr(nonce, 3)`),
    () => inBlocks('time = time + 1'),
    () => inBlocks('bits = bits + 1'),
    () => inBlocks('version = version + 1'),
    () => inBlocks(`history_root = 'ffff' || substr(history_root, 5)`),
    () => inBlocks('supply = supply + 1'),
    () => inBlocks(`transaction_root = 'ffff' || substr(transaction_root, 5)`),
    () => inBlocks(`state_root = 'ffff' || substr(state_root, 5)`),
    () => inBlocks(`id = 'ffff' || substr(id, 5)`),
    () => inBlocks(`miner = ${account}`),
    () => told('blocks', 'a block lost', `DELETE FROM blocks WHERE height = ${height}`),
    () => told('blocks', 'the newest lost', 'DELETE FROM blocks WHERE height = (SELECT max(height) FROM blocks)'),
    () => told('blocks', 'all lost', 'DELETE FROM blocks'),
    () => inAccounts('balance = balance + 1'),
    () => inAccounts('nonce = nonce + 1'),
    () =>
      told(
        'accounts',
        'a name altered',
        `UPDATE accounts SET name = name || 'x' WHERE id = (SELECT max(id) FROM accounts WHERE name IS NOT NULL)`,
      ),
    () => inAccounts(`address = 'tab1junk' || id`),
    () => inAccounts('address = upper(address)'),
    () => told('accounts', 'one lost', `DELETE FROM accounts WHERE id = ${account}`),
    () => told('earlier_headers', 'one more', `INSERT INTO earlier_headers SELECT height, id, x'00' FROM blocks WHERE height = 1`),
    () => told('earlier_headers', 'that of genesis', `INSERT INTO earlier_headers VALUES (0, 'aa', x'${'00'.repeat(196)}')`),
    () => told('earlier_history', 'one more', `INSERT INTO earlier_history VALUES (${rng.int(0, 31)}, '${'ab'.repeat(32)}', '5')`),
    () =>
      told('meta', 'another network', `UPDATE meta SET value = 'ff' || substr(value, 3) WHERE key = 'network_id'`, [
        'storage-other-network',
        ...DAMAGED,
      ]),
    () => told('meta', 'no network', `DELETE FROM meta WHERE key = 'network_id'`, ['storage-other-network', ...DAMAGED]),
    () => told('schema', 'user_version raised', `PRAGMA user_version = ${rng.int(SCHEMA_VERSION + 1, 1000)}`, ['storage-too-new']),
    () => told('schema', 'user_version lowered', `PRAGMA user_version = ${rng.pick([-5, 0, 1])}`),
    () =>
      told('schema', 'a table lost', `DROP TABLE ${rng.pick(['own_transactions', 'side_blocks', 'meta'])}`, [
        'storage-other-network',
        ...DAMAGED,
      ]),
    () => told('schema', 'an index lost', `DROP INDEX ${rng.pick(['transactions_by_txid', 'accounts_by_address', 'accounts_by_name'])}`),
    () => told('schema', 'a view lost', `DROP VIEW ${rng.pick(['ledger', 'block_list', 'rich_list'])}`),
    () => told('schema', 'a trigger more', 'CREATE TRIGGER junk AFTER INSERT ON blocks BEGIN DELETE FROM own_transactions; END'),
    () => told('schema', 'a table more', 'CREATE TABLE junk (x)'),
    () => told('own_transactions', 'bytes altered', `UPDATE own_transactions SET ${flipped('bytes')}`, ['own-transactions-altered']),
    () =>
      told('own_transactions', 'a strange status', `PRAGMA ignore_check_constraints = ON; UPDATE own_transactions SET status = 'paid'`, [
        'own-transactions-altered',
      ]),
    () =>
      told('own_transactions', 'a strange time', `PRAGMA ignore_check_constraints = ON; UPDATE own_transactions SET first_seen = 'x'`, [
        'own-transactions-altered',
      ]),
    () =>
      told('own_transactions', 'junk more', `INSERT INTO own_transactions VALUES ('aa', 1, 'pending', NULL, x'00')`, [
        'own-transactions-altered',
      ]),
    () => ({
      ...told('side_blocks', 'junk more', `INSERT INTO side_blocks VALUES ('aa', 3, x'${'00'.repeat(rng.pick([0, 3, 500]))}')`),
      mustTell: false,
    }),
  ])();
}

/** Digest of all contents of a database. */
function contents(sql: Sql): string {
  const tables = sql.all(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).map(([name]) => String(name));
  const rows = tables.map((name) => sql.all(`SELECT * FROM ${name}`));
  const text = JSON.stringify(
    [rows, sql.all('SELECT type, name, sql FROM sqlite_master'), sql.number('PRAGMA user_version')],
    (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value),
  );
  return createHash('sha256').update(text).digest('hex');
}

/** The database of an account after `work` on its rows, saved as the program saves. */
export async function rewritten(sqlJs: SqlJsStatic, stored: Stored, chain: string, work: (sql: Sql) => void): Promise<Stored> {
  const records = recordsOf(stored, chain);
  const disk = await PageDisk.open(new MemoryMedium(records), 'tamper');
  const before = await disk.load();
  const file = new DatabaseFile(sqlJs, before!.pages);
  work(file.sql);
  await disk.save(() => ({ ...before!, pages: file.pages() }));
  file.close();
  const { chunks, log } = records.stores;
  const made: Record<string, { key: IDBValidKey; value: unknown }[]> = {
    control: [{ key: 'control', value: records.control }],
    chunks: [...chunks].map(([key, value]) => ({ key, value })),
    log: [...log].map(([key, value]) => ({ key, value })),
  };
  const old = databaseOf(stored, chain);
  return withDatabase(stored, chain, { ...old, stores: old.stores.map((each) => ({ ...each, records: made[each.name]! })) });
}

function recordsOf(stored: Stored, chain: string): MemoryRecords {
  const records = new MemoryRecords();
  records.control = storeOf(stored, chain, 'control').records[0]!.value as Control;
  for (const store of ['chunks', 'log'] as const) {
    const kept = records.stores[store] as Map<number, Stores[typeof store]>;
    for (const { key, value } of storeOf(stored, chain, store).records)
      kept.set(key as number, structuredClone(value) as Stores[typeof store]);
  }
  return records;
}
