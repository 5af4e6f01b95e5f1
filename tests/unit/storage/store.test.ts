import { readFileSync } from 'node:fs';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkBlock, connectBlock } from '../../../src/consensus/block.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import { addressText } from '../../../src/crypto/address.ts';
import { encodeSealedHeader } from '../../../src/protocol/block.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { Sql } from '../../../src/storage/sql/database.ts';
import { BY_TXID } from '../../../src/storage/sql/blocks.ts';
import { SCHEMA_VERSION } from '../../../src/storage/sql/schema.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import {
  BlockBuilder,
  NOBODY,
  registrationOf,
  testAccount,
  testNetwork,
  testVerifier,
  transferOf,
} from '../../scenarios/support/builders.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';

const network = testNetwork();
const alex = testAccount('alex');
const ming = testAccount('ming');
const schema = readFileSync(new URL('../../../src/storage/sql/schema.sql', import.meta.url), 'utf8');

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

const builder = new BlockBuilder(network);
const first = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex), registrationOf(network, ming)] });
const payment = transferOf(network, alex, { to: ming, amount: 2_500_000, fee: 400, nonce: 0, memo: 'tea' });
const second = builder.next(first, { transactions: [payment], miner: ming });

let node: TestNode;
beforeEach(async () => {
  node = await openNode(sqlJs, network);
  await feed(node, [first, second]);
});

describe('the schema', () => {
  test('explains every table, view and column to its reader', () => {
    const objects = schema.split(/^CREATE (?=TABLE|VIEW)/m);
    for (const before of objects.slice(0, -1)) expect(before.trimEnd().split('\n').at(-1)).toMatch(/^-- /);
    const columns = objects
      .filter((text) => text.startsWith('TABLE'))
      .flatMap((text) =>
        text.split('\n').slice(
          1,
          text.split('\n').findIndex((line) => line.startsWith(')')),
        ),
      );
    expect(columns.length).toBeGreaterThan(40);
    expect(columns.filter((line) => !line.includes('-- '))).toEqual([]);
  });

  test('is bound to its network and version', () => {
    expect(node.store.sql.number('PRAGMA user_version')).toBe(SCHEMA_VERSION);
    const image = node.store.export();
    const other = testNetwork({ label: 'other' });
    expect(() => SqlChainStore.open(sqlJs, other, image)).toThrow(expect.objectContaining({ code: 'storage-other-network' }));
    node.store.sql.script(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    expect(() => SqlChainStore.open(sqlJs, network, node.store.export())).toThrow(expect.objectContaining({ code: 'storage-too-new' }));
    node.store.sql.script('PRAGMA user_version = 2');
    expect(() => SqlChainStore.open(sqlJs, network, node.store.export())).toThrow(expect.objectContaining({ code: 'storage-damaged' }));
  });

  test.each([
    ['a file that is not a database', () => new TextEncoder().encode('not a database, but long enough to look at it'.repeat(100))],
    ['a database of another program', () => foreignDatabase()],
    ['half a file', () => node.store.export().slice(0, 8_192)],
  ])('%s is storage-damaged', (_, image) => {
    expect(() => {
      const store = SqlChainStore.open(sqlJs, network, image());
      store.block(2);
      store.account(alex.address);
    }).toThrow(expect.objectContaining({ code: expect.stringMatching(/storage-(damaged|sql)/) }));
  });

  function foreignDatabase(): Uint8Array {
    const sql = new Sql(new sqlJs.Database());
    sql.script('CREATE TABLE meta (x); CREATE TABLE blocks (x);');
    return sql.export();
  }
});

describe('views', () => {
  const all = (sql: string): unknown[] => {
    const [result] = new sqlJs.Database(node.store.export()).exec(sql);
    return result!.values.map((row) => Object.fromEntries(result!.columns.map((column, i) => [column, row[i]])));
  };

  test('transfers: who paid whom, in coins', () => {
    expect(all('SELECT * FROM transfers')).toMatchObject([
      {
        height: 2,
        sender_name: 'alex',
        recipient_name: 'ming',
        coins: 2.5,
        fee_coins: 0.0004,
        memo: 'tea',
        sealed: 0,
        confirmations: 1,
        txid: payment.id,
      },
    ]);
  });

  test('registrations: who joined', () => {
    expect(all('SELECT name, height, confirmations FROM registrations ORDER BY id')).toEqual([
      { name: 'alex', height: 1, confirmations: 2 },
      { name: 'ming', height: 1, confirmations: 2 },
    ]);
  });

  test('ledger: everything, newest first', () => {
    expect(all('SELECT kind FROM ledger')).toEqual([{ kind: 'transfer' }, { kind: 'registration' }, { kind: 'registration' }]);
  });

  test('rich_list and miners', () => {
    expect(all('SELECT * FROM rich_list')).toMatchObject([
      { rank: 1, name: 'ming', coins: 52.5004, transfers_sent: 0 },
      { rank: 2, name: 'alex', coins: 47.4996, transfers_sent: 1 },
    ]);
    expect(all('SELECT name, blocks, reward_coins FROM miners ORDER BY name')).toEqual([
      { name: 'alex', blocks: 1, reward_coins: 50 },
      { name: 'ming', blocks: 1, reward_coins: 50.0004 },
    ]);
  });

  test('block_list: each block names the one before', () => {
    expect(all('SELECT height, id, previous, miner_name, confirmations FROM block_list')).toEqual([
      { height: 2, id: second.id, previous: first.id, miner_name: 'ming', confirmations: 1 },
      { height: 1, id: first.id, previous: network.id, miner_name: 'alex', confirmations: 2 },
      { height: 0, id: network.id, previous: null, miner_name: null, confirmations: 3 },
    ]);
  });
});

describe('access paths', () => {
  const plan = (sql: string): string =>
    node.store.sql
      .all(`EXPLAIN QUERY PLAN ${sql}`)
      .map((row) => row[3])
      .join('; ');

  test.each([
    ['balance by address', `SELECT balance FROM accounts WHERE address = 'tab1'`, 'accounts_by_address'],
    ['account by name', `SELECT address FROM accounts WHERE name = 'alex'`, 'accounts_by_name'],
    ['all accounts', 'SELECT id, name FROM accounts INDEXED BY accounts_by_address ORDER BY address', 'accounts_by_address'],
    ['history as sender', 'SELECT memo FROM transactions WHERE sender = 1 AND id < 9 ORDER BY id DESC LIMIT 5', 'transactions_by_sender'],
    [
      'history as recipient',
      'SELECT memo FROM transactions WHERE recipient = 1 AND id < 9 ORDER BY id DESC LIMIT 5',
      'transactions_by_recipient',
    ],
    [
      'transaction by id',
      `SELECT memo FROM transactions WHERE ${BY_TXID.replace('?', '171').replace('?', "'ab'")}`,
      'transactions_by_txid',
    ],
    ['transactions of a block', 'SELECT memo FROM transactions WHERE id >= 65536 AND id < 131072 ORDER BY id', 'INTEGER PRIMARY KEY'],
    ['page of blocks', 'SELECT id FROM blocks WHERE height < 9 ORDER BY height DESC LIMIT 5', 'INTEGER PRIMARY KEY'],
    ['blocks of a miner', 'SELECT id FROM blocks WHERE miner = 1 AND height < 9 ORDER BY height DESC LIMIT 5', 'blocks_by_miner'],
    ['top of the ledger', 'SELECT * FROM ledger LIMIT 5', 'SCAN t'],
  ])('%s', (_, sql, path) => {
    expect(plan(sql)).toContain(path);
    expect(plan(sql)).not.toMatch(/TEMP B-TREE/);
  });
});

describe('a transaction of the store', () => {
  test('that fails leaves rows and caches as they were', () => {
    const { store } = node;
    const before = { rows: dump(node), alex: store.account(alex.address), height: store.height() };
    const third = builder.next(second, {
      miner: NOBODY,
      transactions: [transferOf(network, alex, { to: '33'.repeat(20), amount: 9, fee: 1, nonce: 1 })],
    });
    const effect = connectBlock(
      network,
      checkBlock(network, third),
      second.header,
      store,
      StateTree.build(store.accounts()),
      testVerifier(),
    );
    expect(() =>
      store.atomically(() => {
        store.connect(effect, 1n);
        expect(store.account(alex.address)!.nonce).toBe(2);
        expect(store.account('33'.repeat(20))).toBeDefined();
        throw new TypeError('stop');
      }),
    ).toThrow('stop');
    expect({ rows: dump(node), alex: store.account(alex.address), height: store.height() }).toEqual(before);
    expect(store.account('33'.repeat(20))).toBeUndefined();
    expect(store.account(NOBODY)).toBeUndefined();
    expect([...store.accounts()].map(({ address }) => address).sort()).toEqual([alex.address, ming.address].sort());
  });

  test('does not nest, and writes of blocks need one', () => {
    expect(() => node.store.atomically(() => node.store.atomically(() => 1))).toThrow(
      expect.objectContaining({ code: 'invariant-broken' }),
    );
    expect(() => node.store.atomically(() => node.store.export())).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });
});

test('a block whose reward is zero leaves no account behind', async () => {
  const poor = testNetwork({ subsidy: 0 });
  const poorBuilder = new BlockBuilder(poor);
  const poorNode = await openNode(sqlJs, poor);
  const [a1, a2] = poorBuilder.extend(poor.genesis, 2, { miner: alex }) as [typeof first, typeof first];
  expect(await feed(poorNode, [a1])).toEqual(['connected']);
  const before = dump(poorNode);
  expect(await feed(poorNode, [a2])).toEqual(['connected']);
  expect(poorNode.store.account(alex.address)).toBeUndefined();
  expect(poorNode.chain.blockBytes(a1.id)).not.toBeNull();
  const rivals = poorBuilder.extend(poor.genesis, 3, { miner: ming });
  await feed(poorNode, rivals);
  expect(poorNode.store.sql.all('SELECT address FROM accounts')).toEqual([[addressText(ming.address)]]);
  expect(before).toContain(addressText(alex.address));
});

test('the newest blocks within a number of bytes are found', () => {
  const [one, two] = [first.size, second.size];
  const cases = [
    [one + two + network.genesis.size, -1, -1],
    [one + two, -1, 0],
    [one + two, 0, 0],
    [one + two - 1, 0, 1],
    [two, 0, 1],
    [two - 1, 0, 2],
    [0, 1, 2],
    [0, 2, 2],
  ] as const;
  for (const [bytes, lowest, height] of cases) expect(node.store.heightWithin(bytes, lowest)).toBe(height);
});

test('packed headers are the encoded headers of the rows', () => {
  for (const from of [1, 2, 3]) {
    const sealed = node.store.headers(from, 9);
    const parts = [...node.store.packedHeaders(from)];
    expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(3 - from);
    expect(parts.map(({ ids }) => ids).join('')).toBe(sealed.map(({ id }) => id).join(''));
    expect(parts.map((part) => toHex(part.sealed)).join('')).toBe(sealed.map((each) => toHex(encodeSealedHeader(each))).join(''));
  }
});

describe('an altered database', () => {
  const altered = (sql: string): Uint8Array => {
    node.store.sql.script(sql);
    return node.store.export();
  };

  test('with other balances does not open', async () => {
    const image = altered(`UPDATE accounts SET balance = balance + 1 WHERE name = 'alex'`);
    await expect(openNode(sqlJs, network, image)).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  test.each([
    ['in capital letters', 'upper(address)'],
    ['that is none', `'tab1junk'`],
    ['of another account', `'${addressText(NOBODY)}'`],
  ])('with an address %s does not open', async (_, address) => {
    const image = altered(`UPDATE accounts SET address = ${address} WHERE name = 'alex'`);
    await expect(openNode(sqlJs, network, image)).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  test('with a hole in the chain does not open', async () => {
    const image = altered('DELETE FROM transactions; DELETE FROM blocks WHERE height = 1');
    await expect(openNode(sqlJs, network, image)).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  test.each([
    ['an id in capital letters', 'id = upper(id)'],
    ['another id', `id = replace(id, substr(id, 1, 1), 'f')`],
    ['a longer id', `id = id || '00'`],
    ['a later time', 'time = time + 1'],
    ['a longer root', `state_root = state_root || '00'`],
    ['a root that is no hexadecimal text', `state_root = 'x' || substr(state_root, 2)`],
    ['a field that moved to the next column', `history_root = history_root || 'aa', transaction_root = substr(transaction_root, 3)`],
    ['a negative version', 'version = -1'],
    ['another miner', 'miner = (SELECT max(id) FROM accounts WHERE id <> miner)'],
    ['a miner without an account', 'miner = 99'],
    ['no miner', 'miner = NULL'],
  ])('with a header with %s does not open', async (_, set) => {
    const image = altered(`PRAGMA foreign_keys = OFF; UPDATE blocks SET ${set} WHERE height = 1`);
    await expect(openNode(sqlJs, network, image)).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  test.each([
    ['below genesis', -1],
    ['above the tip', 4],
    ['above all heights', 2 ** 32 + 3],
  ])('with a block %s does not open', async (_, height) => {
    const columns =
      'id, version, time, miner, bits, nonce, history_root, transaction_root, state_root, supply, 0, size, subsidy, fees, difficulty, chain_work';
    const image = altered(`INSERT INTO blocks SELECT ${height}, ${columns} FROM blocks WHERE height = 2`);
    await expect(openNode(sqlJs, network, image)).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  test('with another memo serves no block', async () => {
    const after = await openNode(sqlJs, network, altered(`UPDATE transactions SET memo = 'coffee' WHERE memo IS NOT NULL`));
    expect(after.chain.blockBytes(second.id)).toBeNull();
  });
});

test('the exported file is sound', () => {
  const database = new sqlJs.Database(node.store.export());
  expect(database.exec('PRAGMA integrity_check')[0]!.values).toEqual([['ok']]);
  expect(database.exec('PRAGMA foreign_key_check')).toEqual([]);
});
