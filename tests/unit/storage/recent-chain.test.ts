import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import { ChainQueries } from '../../../src/storage/sql/queries.ts';
import { SCHEMA_VERSION } from '../../../src/storage/sql/schema.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { baseAt, dump, feed, loadSqlJs, openNode, openNodeOn, recentStore, type TestNode } from '../chain/support.ts';

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming] = [testAccount('alex'), testAccount('ming')];
const pay = (nonce: number) => transferOf(network, alex, { to: ming, amount: 5, fee: 1, nonce });

/** Blocks 1 to 44; the base is block 42, whose history has three complete subtrees. */
const joined = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex)] });
const lower = [joined, ...builder.extend(joined, 40, { miner: alex })];
const base = builder.next(lower.at(-1)!, { miner: alex, transactions: [pay(0)] });
const first = builder.next(base, { miner: ming, transactions: [pay(1), registrationOf(network, ming)] });
const second = builder.next(first, { miner: alex, transactions: [pay(2)] });

let store: SqlChainStore;
let node: TestNode;
beforeEach(async () => {
  store = recentStore(sqlJs, builder, base);
  node = await openNodeOn(store);
});

describe('a database that begins at a base', () => {
  test('has the headers, the history and the accounts of the base, also in its image', () => {
    for (const each of [store, SqlChainStore.open(sqlJs, network, store.export())]) {
      const { headers, history } = each.base()!;
      expect(headers).toEqual(baseAt(builder, base).headers);
      expect([headers.length, headers[0]!.header.height]).toEqual([34, 9]);
      expect([history.size, history.work, toHex(history.root)]).toEqual([43, 84n, toHex(builder.historyAfter(base).root)]);
      expect([each.height(), each.lowest(), [...each.packedHeaders(43)], each.block(0), each.block(42)]).toEqual([
        42,
        null,
        [],
        null,
        null,
      ]);
      expect([each.header(42)!.id, each.header(8), each.header(43)]).toEqual([base.id, null, null]);
      expect([...each.accounts()].sort((a, b) => (a.address < b.address ? -1 : 1))).toMatchObject(builder.stateAfter(base).accounts());
    }
  });

  test('takes blocks, whose rows are those of the whole chain', async () => {
    const whole = await openNode(sqlJs, network);
    await feed(whole, [...lower, base, first, second]);
    expect(await feed(node, [first, second])).toEqual(['connected', 'connected']);
    const [recent, all] = [new ChainQueries(store.sql), new ChainQueries(whole.store.sql)];
    expect(recent.blocks({ limit: 9 })).toEqual(all.blocks({ limit: 2 }));
    for (const { header } of [first, second]) expect(recent.transactionsOf(header.height)).toEqual(all.transactionsOf(header.height));
    expect(recent.history(addressText(alex.address), { limit: 9, mined: true })).toEqual(
      all.history(addressText(alex.address), { limit: 3, mined: true }),
    );
    const view = (sql: SqlChainStore) => sql.sql.all('SELECT * FROM block_list WHERE height > 42');
    expect(view(store)).toEqual(view(whole.store));
    expect(store.sql.all('SELECT name, balance, nonce FROM accounts ORDER BY name')).toEqual(
      whole.store.sql.all('SELECT name, balance, nonce FROM accounts ORDER BY name'),
    );
  });

  test('opens again with its blocks', async () => {
    await feed(node, [first, second]);
    const { chain } = await openNode(sqlJs, network, store.export());
    expect(chain.tip()).toEqual(node.chain.tip());
    expect([chain.base(), chain.block(first.id)?.header, chain.block(second.id)?.header]).toEqual([42, first.header, second.header]);
  });

  test('counts what came after the base, and names the base for what came before', async () => {
    await feed(node, [first, second]);
    const columns = 'name, received, mined, registered_height, first_height';
    expect(store.sql.all(`SELECT ${columns} FROM accounts ORDER BY name`)).toEqual([
      ['alex', 0, 1, 42, 42],
      ['ming', 2, 1, 43, 42],
    ]);
  });

  test('has no canonical dump', () => {
    expect(() => canonicalDump(store.sql)).toThrow(expect.objectContaining({ code: 'file-recent-only' }));
  });

  test('never begins at genesis, or where its history ends at another block', () => {
    const { headers, history } = baseAt(builder, base);
    const begin = (given: typeof headers, size = history): unknown =>
      SqlChainStore.beginAt(sqlJs, network, { headers: given, history: size });
    expect(() => begin(headers.slice(0, -1))).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
    const atGenesis = baseAt(builder, builder.genesis);
    expect(() => begin(atGenesis.headers, atGenesis.history)).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });
});

describe('accounts', () => {
  test('can come in parts; those that are there already are refused, and nothing changes', () => {
    const parts = SqlChainStore.beginAt(sqlJs, network, baseAt(builder, first));
    const [one, two] = builder.stateAfter(first).accounts();
    expect(parts.account(one!.address)).toBeUndefined();
    parts.addAccounts([one!]);
    expect(() => parts.addAccounts([two!, one!])).toThrow(expect.objectContaining({ code: 'storage-sql' }));
    expect([...parts.accounts()]).toMatchObject([one]);
    expect(parts.account(two!.address)).toBeUndefined();
    parts.addAccounts([two!]);
    expect([parts.account(one!.address), parts.account(two!.address)]).toMatchObject([one, two]);
  });

  test('are only added before the first block, and never to a whole chain', async () => {
    await feed(node, [first]);
    expect(() => store.addAccounts([])).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
    expect(() => SqlChainStore.open(sqlJs, network).addAccounts([])).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });

  test.each([
    ['a balance too high', (accounts: ReturnType<typeof changed>) => accounts.map((each) => ({ ...each, balance: each.balance + 1 }))],
    ['a missing account', (accounts: ReturnType<typeof changed>) => accounts.slice(1)],
  ])('with %s give no chain', async (_, change) => {
    const wrong = SqlChainStore.beginAt(sqlJs, network, baseAt(builder, base));
    wrong.addAccounts(change(changed()));
    await expect(openNodeOn(wrong)).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  const changed = () => builder.stateAfter(base).accounts();
});

test('the progress of a join is kept with the database', () => {
  expect(store.joinProgress()).toBeNull();
  store.setJoinProgress('one');
  store.setJoinProgress('two');
  expect(SqlChainStore.open(sqlJs, network, store.export()).joinProgress()).toBe('two');
  store.setJoinProgress(null);
  expect(store.joinProgress()).toBeNull();
});

describe('an altered base', () => {
  const lastHeader = 'WHERE height = 42';
  test.each([
    [
      'a header of another block',
      `UPDATE earlier_headers SET header = (SELECT header FROM earlier_headers WHERE height = 41) ${lastHeader}`,
    ],
    ['half a header', `UPDATE earlier_headers SET header = substr(header, 1, 99) ${lastHeader}`],
    ['a header that is too long', `UPDATE earlier_headers SET header = CAST(header || x'00' AS BLOB) ${lastHeader}`],
    ['another id', `UPDATE earlier_headers SET id = replace(id, substr(id, 64), 'x') ${lastHeader}`],
    ['no last header', `DELETE FROM earlier_headers ${lastHeader}`],
    ['no first header', 'DELETE FROM earlier_headers WHERE height = 9'],
    ['a hole in the headers', 'DELETE FROM earlier_headers WHERE height = 20'],
    ['no headers', 'DELETE FROM earlier_headers'],
    ['no history', 'DELETE FROM earlier_history'],
    ['a subtree less', 'DELETE FROM earlier_history WHERE level = 0'],
    ['a subtree more', `INSERT INTO earlier_history VALUES (2, '${'00'.repeat(32)}', '1')`],
    ['another hash', `UPDATE earlier_history SET hash = '${'ab'.repeat(32)}' WHERE level = 3`],
    ['a short hash', `UPDATE earlier_history SET hash = 'abab' WHERE level = 3`],
    ['more work', 'UPDATE earlier_history SET work = work + 1 WHERE level = 5'],
    ['more work in the base', 'UPDATE earlier_history SET work = work + 1 WHERE level = 0'],
    ['negative work', `UPDATE earlier_history SET work = '-1' WHERE level = 5`],
    ['work that fits no field', `UPDATE earlier_history SET work = '${'9'.repeat(78)}' WHERE level = 5`],
    ['no base', 'DELETE FROM earlier_headers; DELETE FROM earlier_history'],
  ])('with %s does not open', async (_, sql) => {
    await feed(node, [first, second]);
    store.sql.script(sql);
    await expect(openNode(sqlJs, network, store.export())).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  test.each([
    ['before the first block', [], 'hash', 3],
    ['before the first block', [], 'work', 5],
    ['before the first block', [], 'work', 0],
  ] as const)('%s is noticed by the %s of level %d', async (_, _blocks, column, level) => {
    store.sql.script(
      `UPDATE earlier_history SET ${column} = ${column === 'work' ? 'work + 1' : `'${'ab'.repeat(32)}'`} WHERE level = ${level}`,
    );
    await expect(openNode(sqlJs, network, store.export())).rejects.toMatchObject({ code: 'storage-damaged' });
  });

  test('before a base of a block with an odd height is noticed by the next block', async () => {
    const odd = await openNodeOn(recentStore(sqlJs, builder, first));
    await feed(odd, [second]);
    odd.store.sql.script('UPDATE earlier_history SET work = work + 1 WHERE level = 2');
    await expect(openNode(sqlJs, network, odd.store.export())).rejects.toMatchObject({ code: 'storage-damaged' });
  });
});

describe('a database of version 3', () => {
  /** The file as version 3 wrote it. */
  async function former(): Promise<Uint8Array> {
    const whole = await openNode(sqlJs, network);
    await feed(whole, [...lower, base]);
    whole.store.sql.script(`
      DROP TABLE earlier_headers; DROP TABLE earlier_history; DROP VIEW block_list;
      CREATE VIEW block_list AS SELECT height FROM blocks; PRAGMA user_version = 3;
    `);
    return whole.store.export();
  }

  test('gets the new tables, and keeps its chain', async () => {
    const opened = await openNode(sqlJs, network, await former());
    const current = await openNode(sqlJs, network);
    await feed(current, [...lower, base]);
    expect(dump(opened)).toBe(dump(current));
    expect(opened.store.sql.number('PRAGMA user_version')).toBe(SCHEMA_VERSION);
    expect(await feed(opened, [first])).toEqual(['connected']);
    expect((await openNode(sqlJs, network, opened.store.export())).chain.tip().id).toBe(first.id);
  });

  test('with another table than it had is refused', async () => {
    const altered = new sqlJs.Database(await former());
    altered.exec('CREATE TABLE more (x)');
    await expect(openNode(sqlJs, network, altered.export())).rejects.toMatchObject({ code: 'storage-damaged' });
  });
});
