import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database, SqlJsStatic } from 'sql.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlockHeader } from '../../src/protocol/block.ts';
import type { DecodedTransaction } from '../../src/protocol/transaction.ts';
import { stampHash } from '../../src/protocol/transactions/registration.ts';
import { findNonce, registrationOf, testAccount, transferOf } from '../scenarios/support/builders.ts';
import { loadSqlJs } from '../unit/chain/support.ts';
import { exportChain, grantNetwork, halvingNetwork, type ExportedChain } from './exported-chain.ts';
import { replaceTip } from './forged-tip.ts';
import { hasPython, verifyExport } from './verifier.ts';

/** More than the blocks that the difficulty rule looks back. */
const BLOCKS = 60;
const alex = testAccount('alex');
const zoe = testAccount('zoe');

/** The row of a transaction. */
const row = (height: number, position = 0): number => height * 65_536 + position;
const inTransactions = (height: number, position = 0): string => ` at height ${height}, table transactions, row ${row(height, position)}:`;
const inBlocks = (height: number): string => ` at height ${height}, table blocks, row ${height}:`;

/** Flips the lowest bit of the last byte of a blob. */
function flipBit(database: Database, table: string, column: string, condition: string): void {
  const [result] = database.exec(`SELECT ${column} FROM ${table} WHERE ${condition}`);
  const bytes = result!.values[0]![0] as Uint8Array;
  database.run(`UPDATE ${table} SET ${column} = ? WHERE ${condition}`, [bytes.with(-1, bytes.at(-1)! ^ 1)]);
}

describe.skipIf(!hasPython)('the independent verifier in Python', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabchain-interop-'));
  const file = join(folder, 'chain.sqlite');
  let sqlJs: SqlJsStatic;
  let chain: ExportedChain;

  beforeAll(async () => {
    sqlJs = await loadSqlJs();
    chain = await exportChain(sqlJs, halvingNetwork(), BLOCKS);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The verdict about the exported file after an alteration. */
  function verdictAfter(alter: (database: Database) => void): string {
    const database = new sqlJs.Database(chain.file);
    database.run('PRAGMA ignore_check_constraints = 1');
    alter(database);
    writeFileSync(file, database.export());
    database.close();
    const { status, output } = verifyExport(file, 0);
    expect(status, output).toBe(1);
    return output.slice(output.indexOf('invalid:'));
  }

  test.each([
    ['halvings until a block mints nothing', halvingNetwork],
    ['grants', grantNetwork],
  ])('accepts a chain with %s', async (_, network) => {
    const { file: bytes, blocks } = await exportChain(sqlJs, network(), BLOCKS);
    writeFileSync(file, bytes);
    const { status, output } = verifyExport(file, 'all');
    const { id, header } = blocks.at(-1)!;
    const count = blocks.reduce((sum, block) => sum + block.transactions.length, 0);
    const coins = (header.supply / 1e6).toFixed(6);
    expect(output).toContain(`valid: height ${BLOCKS}, tip ${id}, ${count} transactions, supply ${coins} coins\n`);
    expect(output).toContain(`openssl checked ${count} of ${count} signatures as well\n`);
    expect(status).toBe(0);
  });

  test('tells an unreadable file apart', () => {
    writeFileSync(file, 'not a database, but a text of some length'.repeat(100));
    expect(verifyExport(file, 0)).toMatchObject({ status: 2, output: expect.stringContaining('unreadable: ') as string });
  });

  test.each([
    ['earlier_headers', `INSERT INTO earlier_headers VALUES (9, '${'00'.repeat(32)}', x'00')`],
    ['earlier_history', `INSERT INTO earlier_history VALUES (0, '${'00'.repeat(32)}', '1')`],
  ])('does not judge a recent chain: a row in %s', (_, statement) => {
    const database = new sqlJs.Database(chain.file);
    database.exec(statement);
    writeFileSync(file, database.export());
    expect(verifyExport(file, 0)).toMatchObject({ status: 2, output: expect.stringContaining('unreadable: recent-only: ') as string });
  });

  const set = (table: string, assignment: string, condition: string): string => `UPDATE ${table} SET ${assignment} WHERE ${condition}`;

  test.each([
    ['a balance', set('accounts', 'balance = balance + 1', 'id = 1'), 'row-wrong, table accounts, row 1: balance'],
    ['a count of received transfers', set('accounts', 'received = 7', 'id = 1'), 'row-wrong, table accounts, row 1: received'],
    ['a name', set('accounts', "name = 'mina'", "name = 'ming'"), `transaction-root-wrong${inTransactions(1, 1)}`],
    ['an account', "DELETE FROM accounts WHERE name = 'wu'", 'row-missing at height 2, table accounts, row 3:'],
    ['an amount', set('transactions', 'amount = amount + 1', `id = ${row(2)}`), `transaction-root-wrong${inTransactions(2)}`],
    ['a fee', set('transactions', 'fee = 0', `id = ${row(2)}`), `transaction-root-wrong${inTransactions(2)}`],
    ['a memo', set('transactions', "memo = '茶'", `id = ${row(2)}`), `transaction-root-wrong${inTransactions(2)}`],
    ['a nonce', set('transactions', 'nonce = 9', `id = ${row(3, 1)}`), `transaction-root-wrong${inTransactions(3, 1)}`],
    ['a recipient', set('transactions', 'recipient = 3', `id = ${row(3)}`), `transaction-root-wrong${inTransactions(3)}`],
    ['a negative amount', set('transactions', 'amount = -1', `id = ${row(3)}`), `encoding-non-canonical${inTransactions(3)}`],
    ['a type', set('transactions', "memo = X'41'", `id = ${row(2)}`), `row-malformed${inTransactions(2)}`],
    ['a txid_start', set('transactions', 'txid_start = 1', `id = ${row(3)}`), `row-wrong${inTransactions(3)} txid_start`],
    ['a deleted transaction', `DELETE FROM transactions WHERE id = ${row(3, 1)}`, `transaction-root-wrong${inTransactions(3, 1)}`],
    [
      'two swapped transactions',
      [
        [row(3), -1],
        [row(3, 2), row(3)],
        [-1, row(3, 2)],
      ]
        .map(([from, to]) => set('transactions', `id = ${to}`, `id = ${from}`))
        .join(';'),
      `transaction-root-wrong${inBlocks(3)}`,
    ],
    [
      'a transaction above the tip',
      set('transactions', `id = ${row(99)}, height = 99`, `id = ${row(BLOCKS)}`),
      `transaction-root-wrong${inBlocks(BLOCKS)}`,
    ],
    ['a deleted block', 'DELETE FROM blocks WHERE height = 20', `height-wrong${inBlocks(21)}`],
    ['the last block', `DELETE FROM blocks WHERE height = ${BLOCKS}`, `row-extra, table transactions, row ${row(BLOCKS)}:`],
    ['a block’s time', set('blocks', 'time = time + 1', 'height = 7'), `seal-above-target${inBlocks(7)}`],
    ['a time before the parent’s', set('blocks', 'time = time - 9999999', 'height = 7'), `time-not-after-parent${inBlocks(7)}`],
    ['bits', set('blocks', 'bits = bits - 1', 'height = 7'), `bits-wrong${inBlocks(7)}`],
    ['a miner', set('blocks', 'miner = 3', 'height = 7'), `seal-above-target${inBlocks(7)}`],
    ['a version', set('blocks', 'version = 1', 'height = 7'), `version-unsupported${inBlocks(7)}`],
    ['a supply', set('blocks', 'supply = supply + 1', 'height = 7'), `seal-above-target${inBlocks(7)}`],
    ['a state root', set('blocks', 'state_root = history_root', 'height = 7'), `seal-above-target${inBlocks(7)}`],
    ['fees', set('blocks', 'fees = fees + 1', 'height = 3'), `row-wrong${inBlocks(3)} fees`],
    ['a block’s id', set('blocks', "id = replace(id, '1', '2')", 'height = 7'), `row-wrong${inBlocks(7)} id`],
    ['cumulative work', set('blocks', 'chain_work = chain_work + 1', 'height = 7'), `row-wrong${inBlocks(7)} chain_work`],
    ['a view', 'DROP VIEW miners; CREATE VIEW miners AS SELECT name FROM accounts', 'schema-wrong: view miners'],
    ['an index', 'DROP INDEX accounts_by_name', 'schema-wrong: absent: CREATE UNIQUE INDEX accounts_by_name'],
    ['the time of genesis', set('blocks', 'time = 0', 'height = 0'), `row-wrong${inBlocks(0)} time`],
    ['a parameter', set('meta', "value = '2000000'", "key = 'subsidy'"), 'row-wrong, table meta, row network_id:'],
    ['a parameter out of range', set('meta', "value = '1'", "key = 'block_time_ms'"), 'network-invalid, table meta, row block_time_ms:'],
  ])('finds an alteration: %s', (_, statements, place) => {
    expect(verdictAfter((database) => database.exec(statements))).toContain(`invalid: ${place}`);
  });

  test.each([
    ['a signature', 'transactions', 'signature', `id = ${row(3, 1)}`, inTransactions(3, 1)],
    ['a sealed memo', 'transactions', 'sealed_memo', `id = ${row(3)}`, inTransactions(3)],
    ['a stamp', 'transactions', 'stamp', `id = ${row(1)}`, inTransactions(1)],
    ['a signing key', 'accounts', 'signing_key', "name = 'ming'", inTransactions(1, 1)],
    ['an encryption key', 'accounts', 'encryption_key', "name = 'alex'", inTransactions(1)],
  ])('finds a single altered bit: %s', (_, table, column, condition, place) => {
    expect(verdictAfter((database) => flipBit(database, table, column, condition))).toContain(`invalid: transaction-root-wrong${place}`);
  });

  /** A payment of alex that fits the last block, but for some fields. */
  const payment = (fields: Partial<Parameters<typeof transferOf>[2]>): DecodedTransaction =>
    transferOf(chain.network, alex, { to: testAccount('wu'), amount: 3, fee: 1, nonce: 3, ...fields });

  /** A stamp of zoe's registration that misses the target. */
  function badStamp(): Uint8Array {
    const { id, stampBits } = chain.network;
    return findNonce(stampHash(id, registrationOf(chain.network, zoe).transaction), stampBits, false);
  }

  interface Forgery {
    readonly transactions?: () => DecodedTransaction[];
    readonly header?: (honest: BlockHeader) => Partial<BlockHeader>;
  }
  const forgeries: [code: string, place: string, Forgery][] = [
    ['supply-wrong', inBlocks(BLOCKS), { header: ({ supply }) => ({ supply: supply + 1_000_000 }) }],
    ['state-root-wrong', inBlocks(BLOCKS), { header: () => ({ stateRoot: new Uint8Array(32) }) }],
    ['history-root-wrong', inBlocks(BLOCKS), { header: () => ({ historyRoot: new Uint8Array(32) }) }],
    ['transaction-root-wrong', inBlocks(BLOCKS), { header: () => ({ transactionRoot: new Uint8Array(32) }) }],
    ['bits-wrong', inBlocks(BLOCKS), { header: () => ({ bits: 0x207fffff }) }],
    ['signature-invalid', inTransactions(BLOCKS), { transactions: () => [payment({ overrides: { signature: new Uint8Array(256) } })] }],
    ['balance-insufficient', inTransactions(BLOCKS), { transactions: () => [payment({ amount: 1e12 })] }],
    ['amount-not-positive', inTransactions(BLOCKS), { transactions: () => [payment({ amount: 0 })] }],
    ['memo-invalid', inTransactions(BLOCKS), { transactions: () => [payment({ memo: 'a\u202eb' })] }],
    ['nonce-gap', inTransactions(BLOCKS), { transactions: () => [payment({ nonce: 4 })] }],
    ['nonce-already-used', inTransactions(BLOCKS, 1), { transactions: () => [payment({}), payment({ amount: 4 })] }],
    [
      'block-duplicate-transaction',
      inBlocks(BLOCKS),
      {
        transactions: () => [payment({}), payment({})],
      },
    ],
    [
      'sender-not-registered',
      inTransactions(BLOCKS),
      { transactions: () => [transferOf(chain.network, zoe, { to: alex, amount: 1, nonce: 0 })] },
    ],
    ['stamp-invalid', inTransactions(BLOCKS), { transactions: () => [registrationOf(chain.network, zoe, { stamp: badStamp() })] }],
    ['name-invalid', inTransactions(BLOCKS), { transactions: () => [registrationOf(chain.network, zoe, { name: 'Zoe' })] }],
    ['name-taken', inTransactions(BLOCKS), { transactions: () => [registrationOf(chain.network, zoe, { name: 'alex' })] }],
  ];

  test.each(forgeries)('finds a last block sealed again: %s', (code, place, { transactions, header }) => {
    const [parent, tip] = chain.blocks.slice(-2) as [(typeof chain.blocks)[0], (typeof chain.blocks)[0]];
    const block = chain.builder.next(parent, {
      miner: tip.header.miner,
      timeMs: tip.header.timeMs,
      transactions: transactions?.() ?? tip.transactions,
      unexecuted: transactions !== undefined,
      header: header?.(tip.header) ?? {},
    });
    expect(verdictAfter((database) => replaceTip(database, block))).toContain(`invalid: ${code}${place}`);
  });
});
