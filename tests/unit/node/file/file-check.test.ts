import type { Database, SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FileNote } from '../../../../src/api/file-service.ts';
import { RULES } from '../../../../src/consensus/rule-error.ts';
import { MAX_FILE_BYTES } from '../../../../src/storage/read-file.ts';
import { FileSession } from '../../../../src/node/file/file-session.ts';
import { formatCoins } from '../../../../src/protocol/amount.ts';
import { SCHEMA_VERSION } from '../../../../src/storage/sql/schema.ts';
import { enFile } from '../../../../src/ui/i18n/en/database-file.ts';
import { jaFile } from '../../../../src/ui/i18n/ja/database-file.ts';
import { zhHantFile } from '../../../../src/ui/i18n/zh-Hant/database-file.ts';
import { testNetwork, testVerifier, transferOf, type BlockOptions } from '../../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, recentStore } from '../../chain/support.ts';
import { alex, altered, check, forge, ming, sampleChain, type Sample } from './support.ts';

const network = testNetwork();
let sqlJs: SqlJsStatic;
let sample: Sample;
let file: Uint8Array;

beforeAll(async () => {
  sqlJs = await loadSqlJs();
  sample = await sampleChain(sqlJs, network);
  file = sample.node.store.export();
});

const checkAltered = (sql: string): ReturnType<typeof check> =>
  check(
    sqlJs,
    altered(sqlJs, file, (database) => database.run(sql)),
  );

describe('a valid file', () => {
  test('is described', async () => {
    const notes: FileNote[] = [];
    const tip = sample.node.chain.tip();
    expect(await check(sqlJs, file, notes)).toEqual({
      valid: true,
      network: { id: network.id, label: 'test', link: expect.stringMatching(/^#net=test&/) },
      height: 6,
      tip: tip.id,
      tipTime: tip.sealed.header.timeMs,
      blocks: 7,
      transactions: 5,
      accounts: 2,
      supply: formatCoins(6 * network.subsidy),
      work: String(tip.work),
    });
    expect(notes.map(({ step }) => step)).toEqual(expect.arrayContaining(['read', 'blocks', 'rows']));
    expect(notes.at(-1)!.fraction).toBeLessThanOrEqual(1);
  });

  test('may hold genesis only', async () => {
    const empty = await openNode(sqlJs, network);
    expect(await check(sqlJs, empty.store.export())).toMatchObject({ valid: true, height: 0, blocks: 1, accounts: 0, supply: '0' });
  });

  test('may be longer than the blocks that a check keeps', async () => {
    const node = await openNode(sqlJs, network);
    await feed(node, sample.builder.extend(sample.builder.genesis, 250, { miner: alex }));
    expect(await check(sqlJs, node.store.export())).toMatchObject({ valid: true, height: 250 });
  });

  test('keeps the rules on a device whose clock is behind', async () => {
    const node = await openNode(sqlJs, network);
    const timeMs = Date.now() + 10 * 365 * 86_400_000;
    node.clock.nowMs = timeMs;
    await feed(node, [sample.builder.next(sample.builder.genesis, { miner: alex, timeMs })]);
    expect(await check(sqlJs, node.store.export())).toMatchObject({ valid: true, height: 1 });
  });
});

/** Key of the row of a transaction. */
const key = (height: number, position: number): string => String(height * 65_536 + position);

/** Adds a copy of a row, with other values. */
const copied = (table: string, row: string, values: string): string =>
  `CREATE TEMP TABLE copy AS SELECT * FROM ${table} WHERE ${row}; UPDATE copy SET ${values}; INSERT INTO ${table} SELECT * FROM copy`;

describe('an altered row is the fault', () => {
  const place = (height: number | null, transaction: number | null, table: string, row: string): object => ({
    height,
    transaction,
    table,
    row,
  });

  test.each([
    [
      'an amount',
      'UPDATE transactions SET amount = 9 WHERE height = 3 AND position = 1',
      'file-row-altered',
      place(3, 1, 'transactions', key(3, 1)),
    ],
    [
      'a signature',
      `UPDATE transactions SET signature = zeroblob(256) WHERE height = 5`,
      'file-row-altered',
      place(5, 0, 'transactions', key(5, 0)),
    ],
    [
      'a huge signature',
      `UPDATE transactions SET signature = zeroblob(3000000) WHERE height = 5`,
      'file-row-altered',
      place(5, 0, 'transactions', key(5, 0)),
    ],
    [
      'a memo',
      `UPDATE transactions SET memo = 'tea' WHERE height = 3 AND position = 0`,
      'file-row-altered',
      place(3, 0, 'transactions', key(3, 0)),
    ],
    [
      'a kind',
      `UPDATE transactions SET kind = 'gift' WHERE height = 3 AND position = 0`,
      'file-row-altered',
      place(3, 0, 'transactions', key(3, 0)),
    ],
    [
      'a sender',
      `UPDATE transactions SET sender = recipient, recipient = sender WHERE height = 5`,
      'file-row-altered',
      place(5, 0, 'transactions', key(5, 0)),
    ],
    [
      'a registered name',
      `UPDATE accounts SET name = 'mallory' WHERE name = 'ming'`,
      'file-row-altered',
      place(1, 1, 'transactions', key(1, 1)),
    ],
    ['a time', 'UPDATE blocks SET time = time + 1 WHERE height = 4', 'file-row-altered', place(4, null, 'blocks', '4')],
    ['a time that is text', `UPDATE blocks SET time = 'noon' WHERE height = 4`, 'file-row-altered', place(4, null, 'blocks', '4')],
    ['a nonce that is missing', `UPDATE blocks SET nonce = x'' WHERE height = 4`, 'file-row-altered', place(4, null, 'blocks', '4')],
    [
      'a miner',
      `UPDATE blocks SET miner = (SELECT id FROM accounts WHERE name = 'ming') WHERE height = 2`,
      'file-row-altered',
      place(2, null, 'blocks', '2'),
    ],
    ['a miner without an account', 'UPDATE blocks SET miner = 99 WHERE height = 2', 'file-row-altered', place(2, null, 'blocks', '2')],
    ['an id', `UPDATE blocks SET id = '00' || substr(id, 3) WHERE height = 2`, 'file-row-altered', place(2, null, 'blocks', '2')],
    ['fees', 'UPDATE blocks SET fees = 1 WHERE height = 3', 'file-row-differs', place(3, null, 'blocks', '3')],
    [
      'a grant',
      'UPDATE transactions SET granted = 1 WHERE height = 1 AND position = 1',
      'file-row-differs',
      place(1, 1, 'transactions', key(1, 1)),
    ],
    [
      'the id of genesis',
      `UPDATE blocks SET id = '11' || substr(id, 3) WHERE height = 0`,
      'file-row-differs',
      place(0, null, 'blocks', '0'),
    ],
    [
      'a position',
      'UPDATE transactions SET position = 7 WHERE height = 3 AND position = 1',
      'file-row-differs',
      place(3, 1, 'transactions', key(3, 1)),
    ],
    ['a balance', `UPDATE accounts SET balance = balance + 1 WHERE name = 'ming'`, 'file-row-differs', place(null, null, 'accounts', '1')],
    [
      'a parameter',
      `UPDATE meta SET value = '51000000' WHERE key = 'subsidy'`,
      'file-row-differs',
      place(null, null, 'meta', 'network_id'),
    ],
    [
      'a senseless parameter',
      `UPDATE meta SET value = 'many' WHERE key = 'subsidy'`,
      'file-row-differs',
      place(null, null, 'meta', 'network_id'),
    ],
    ['a missing block', 'DELETE FROM blocks WHERE height = 4', 'file-row-missing', place(4, null, 'blocks', '4')],
    [
      'a missing transaction',
      'DELETE FROM transactions WHERE height = 3 AND position = 1',
      'transaction-root-wrong',
      place(3, null, 'blocks', '3'),
    ],
    ['a missing account', `DELETE FROM accounts WHERE name = 'ming'`, 'transaction-root-wrong', place(1, null, 'blocks', '1')],
    ['a block below genesis', copied('blocks', 'height = 0', 'height = -1'), 'file-row-extra', place(null, null, 'blocks', '-1')],
    [
      'a transaction above the tip',
      copied('transactions', 'height = 5', 'id = 65536 * 9'),
      'file-row-extra',
      place(9, 0, 'transactions', key(9, 0)),
    ],
    [
      'an account without a block',
      copied('accounts', 'id = 1', `id = 9, name = NULL, address = 'tab1'`),
      'file-row-extra',
      place(null, null, 'accounts', '9'),
    ],
  ])('%s', async (_what, sql, code, at) => {
    const report = await checkAltered(sql);
    expect(report).toMatchObject({ valid: false, fault: { code, ...at } });
  });

  test('with the value and the value that the blocks give', async () => {
    const report = await checkAltered(`UPDATE accounts SET balance = 999 WHERE name = 'ming'`);
    const balance = sample.node.store.sql.number(`SELECT balance FROM accounts WHERE name = 'ming'`);
    expect(report).toMatchObject({ fault: { values: { column: 'balance', found: '999', expected: String(balance) } } });
  });

  test('where several were altered, the lowest counts', async () => {
    const report = await checkAltered(
      `UPDATE accounts SET balance = 1; UPDATE blocks SET size = 1 WHERE height = 4; UPDATE transactions SET txid_start = 1 WHERE height = 3`,
    );
    expect(report).toMatchObject({ fault: { code: 'file-row-differs', height: 3, transaction: 0, values: { column: 'txid_start' } } });
  });
});

describe('a forged block, whose hashes are right, is the fault', () => {
  /** Checks a file whose seventh block was made by a forger. */
  async function checkForged(options: BlockOptions): ReturnType<typeof check> {
    const node = await openNode(sqlJs, network, file);
    forge(node, sample.builder.next(sample.blocks.at(-1)!, { miner: alex, ...options }));
    return check(sqlJs, node.store.export());
  }
  const pays = (amount: number, nonce: number, overrides = {}): ReturnType<typeof transferOf> =>
    transferOf(network, alex, { to: ming, amount, nonce, overrides });

  test.each([
    ['signature-invalid', 1, () => ({ unexecuted: true, transactions: [pays(1, 3), pays(1, 4, { signature: new Uint8Array(256) })] })],
    ['balance-insufficient', 0, () => ({ unexecuted: true, transactions: [pays(1e15, 3)] })],
    ['nonce-already-used', 0, () => ({ unexecuted: true, transactions: [pays(1, 0)] })],
    ['amount-not-positive', 1, () => ({ unexecuted: true, transactions: [pays(1, 3), pays(0, 4)] })],
    ['seal-above-target', null, () => ({ badSeal: true })],
    ['state-root-wrong', null, () => ({ header: { stateRoot: new Uint8Array(32) } })],
    ['transaction-root-wrong', null, () => ({ header: { transactionRoot: new Uint8Array(32) } })],
    ['time-not-after-parent', null, () => ({ header: { timeMs: 1 } })],
    ['version-unsupported', null, () => ({ header: { version: 99 } })],
  ] satisfies [string, number | null, () => BlockOptions][])('%s', async (code, transaction, options) => {
    const where = transaction === null ? { table: 'blocks', row: '7' } : { table: 'transactions', row: key(7, transaction) };
    const report = await checkForged(options());
    expect(report).toMatchObject({ valid: false, network: { id: network.id }, fault: { code, height: 7, transaction, ...where } });
  });
});

describe('a hostile file is refused', () => {
  const database = (sql: string): Uint8Array => {
    const made = new sqlJs.Database();
    made.run(sql);
    return made.export();
  };
  function recentFile(): Uint8Array {
    const { builder, blocks } = sample;
    return recentStore(sqlJs, builder, blocks[4]!).export();
  }
  const run = (sql: string) => (): Uint8Array => altered(sqlJs, file, (each: Database) => each.run(sql));

  test.each<[string, string, () => Uint8Array]>([
    ['an empty file', 'file-not-sqlite', () => new Uint8Array()],
    ['a text', 'file-not-sqlite', () => new TextEncoder().encode('not a database at all')],
    ['a compressed file', 'file-not-sqlite', () => Uint8Array.of(0x1f, 0x8b, ...file.subarray(0, 500))],
    ['only the first bytes', 'file-damaged', () => file.slice(0, 50)],
    ['a file that was cut', 'file-damaged', () => file.slice(0, 4096 * 3)],
    ['a file with junk in its first page', 'file-damaged', () => file.slice().fill(7, 100, 4096)],
    ['an empty database', 'file-not-tabchain', () => database('PRAGMA user_version = 1')],
    ['a database of another program', 'file-not-tabchain', () => database('CREATE TABLE notes (text); PRAGMA user_version = 900')],
    ['an older version', 'file-too-old', run('PRAGMA user_version = 1')],
    ['a newer version', 'file-too-new', run(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`)],
    ['a trigger', 'file-foreign-tables', run('CREATE TRIGGER mint AFTER INSERT ON blocks BEGIN UPDATE accounts SET balance = 1e9; END')],
    ['a view in place of a table', 'file-not-tabchain', run('DROP TABLE accounts; CREATE VIEW accounts AS SELECT 1 AS id')],
    [
      'a view that loops',
      'file-foreign-tables',
      run('DROP VIEW miners; CREATE VIEW miners AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n'),
    ],
    ['a column that computes', 'file-foreign-tables', run(`ALTER TABLE accounts ADD COLUMN more AS (hex(signing_key))`)],
    ['a recent chain', 'file-recent-only', () => recentFile()],
    ['headers of a recent chain', 'file-recent-only', run(`INSERT INTO earlier_headers VALUES (1, 'a', x'00')`)],
    ['a history of a recent chain', 'file-recent-only', run(`INSERT INTO earlier_history VALUES (1, 'a', '1')`)],
    ['a missing index', 'file-foreign-tables', run('DROP INDEX accounts_by_name')],
  ])('%s', async (_what, code, bytes) => {
    await expect(check(sqlJs, bytes())).rejects.toMatchObject({ code });
  });

  test('names the foreign trigger', async () => {
    const bytes = run('CREATE TRIGGER mint AFTER INSERT ON blocks BEGIN SELECT 1; END')();
    await expect(check(sqlJs, bytes)).rejects.toMatchObject({ details: { name: 'mint' } });
  });

  test('a file larger than the memory is not read', async () => {
    const endless = { size: MAX_FILE_BYTES + 1, slice: () => expect.unreachable() } as unknown as Blob;
    const session = new FileSession({ sql: sqlJs, verifier: testVerifier() }, () => undefined);
    await expect(session.open(endless)).rejects.toMatchObject({ code: 'file-too-large' });
  });

  test('a file that the browser cannot read', async () => {
    const gone = { size: 5_000, slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) };
    const session = new FileSession({ sql: sqlJs, verifier: testVerifier() }, () => undefined);
    await expect(session.open(gone as unknown as Blob)).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  test('a value larger than the heap limit is a fault, not a failure of the tab', async () => {
    const bytes = altered(sqlJs, file, (each) => each.run('UPDATE transactions SET signature = zeroblob(70000000) WHERE height = 5'));
    expect(await check(sqlJs, bytes)).toMatchObject({ valid: false, fault: { code: 'file-damaged', height: 5 } });
  });

  test('pages that refer to each other in a circle end with a fault', async () => {
    const root = sample.node.store.sql.number(`SELECT rootpage FROM sqlite_master WHERE name = 'transactions'`)!;
    const bytes = file.slice();
    const page = new DataView(bytes.buffer, (root - 1) * 4096, 4096);
    // An interior page of a table, with no cell: its only child is the page itself.
    [5, 0, 0, 0, 0, 0x10, 0, 0].forEach((value, index) => page.setUint8(index, value));
    page.setUint32(8, root);
    expect(await check(sqlJs, bytes)).toMatchObject({ valid: false, fault: { code: 'file-damaged' } });
  });
});

test('each language says each fault', () => {
  const codes = [
    ...Object.keys(RULES),
    'file-row-altered',
    'file-row-differs',
    'file-row-missing',
    'file-row-extra',
    'file-damaged',
  ].sort();
  expect(Object.keys(enFile.faults).sort()).toEqual(codes);
  expect(Object.keys(zhHantFile.faults).sort()).toEqual(codes);
  expect(Object.keys(jaFile.faults).sort()).toEqual(codes);
});
