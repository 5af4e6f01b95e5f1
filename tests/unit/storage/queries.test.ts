import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { ChainQueries, type HistoryRow } from '../../../src/storage/sql/queries.ts';
import type { Params, Sql } from '../../../src/storage/sql/database.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';

const network = testNetwork();
const alex = testAccount('alex');
const ming = testAccount('ming');
const [alexText, mingText] = [addressText(alex.address), addressText(ming.address)];
const COIN = 1_000_000;
const SUBSIDY = network.subsidy;

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

// 1 mined by alex, 2 both register (mined by alex), 3 three payments (mined by ming), 4 empty (mined by alex)
const builder = new BlockBuilder(network);
const registrations = [registrationOf(network, alex), registrationOf(network, ming)];
const payments = [
  transferOf(network, alex, { to: ming, amount: 2 * COIN, fee: 400, nonce: 0, memo: 'Tea 茶 50%' }),
  transferOf(network, alex, {
    to: alex,
    amount: COIN,
    fee: 500,
    nonce: 1,
    memo: { kind: 'sealed', ciphertext: new Uint8Array(256).fill(9) },
  }),
  transferOf(network, ming, { to: alex, amount: COIN / 2, fee: 600, nonce: 0 }),
];
const first = builder.next(builder.genesis, { miner: alex });
const second = builder.next(first, { miner: alex, transactions: registrations });
const third = builder.next(second, { miner: ming, transactions: payments });
const fourth = builder.next(third, { miner: alex });

let node: TestNode;
let queries: ChainQueries;
beforeEach(async () => {
  node = await openNode(sqlJs, network);
  await feed(node, [first, second, third, fourth]);
  queries = new ChainQueries(node.store.sql);
});

const keyOf = ({ transaction, block }: HistoryRow): string => transaction?.txid ?? block!.id;

describe('blocks', () => {
  test('newest first, page by page, down to genesis', () => {
    const page = queries.blocks({ limit: 3 });
    expect(page.map(({ id }) => id)).toEqual([fourth.id, third.id, second.id]);
    const rest = queries.blocks({ limit: 3, before: 2 });
    expect(rest.map(({ id }) => id)).toEqual([first.id, network.id]);
    expect(rest[1]).toMatchObject({ height: 0, miner: null, subsidy: 0, fees: 0, chainWork: 0n });
  });

  test('with the columns of a list', () => {
    expect(queries.block(3)).toEqual({
      height: 3,
      id: third.id,
      timeMs: third.header.timeMs,
      miner: { address: mingText, name: 'ming' },
      transactions: 3,
      size: third.size,
      subsidy: SUBSIDY,
      fees: 1_500,
      bits: third.header.bits,
      chainWork: node.chain.locate(third.id)!.work,
    });
    expect(queries.block(5)).toBeNull();
  });

  test('of one miner', () => {
    expect(queries.blocks({ limit: 9, miner: alexText }).map(({ height }) => height)).toEqual([4, 2, 1]);
    expect(queries.blocks({ limit: 9, miner: alexText, before: 2 }).map(({ height }) => height)).toEqual([1]);
    expect(queries.blocks({ limit: 9, miner: addressText('ab'.repeat(20)) })).toEqual([]);
  });
});

describe('transactions', () => {
  test('of a block in order, each with its encoded size', () => {
    for (const block of [second, third]) {
      const rows = queries.transactionsOf(block.header.height);
      expect(rows.map(({ txid, size }) => [txid, size])).toEqual(block.transactions.map(({ id, bytes }) => [id, bytes.length]));
    }
  });

  test('by id', () => {
    expect(queries.transaction(payments[0]!.id)).toEqual({
      txid: payments[0]!.id,
      kind: 'transfer',
      height: 3,
      position: 0,
      blockId: third.id,
      timeMs: third.header.timeMs,
      from: { address: alexText, name: 'alex' },
      to: { address: mingText, name: 'ming' },
      amount: 2 * COIN,
      fee: 400,
      granted: 0,
      nonce: 0,
      memo: 'Tea 茶 50%',
      sealedMemo: null,
      signature: payments[0]!.transaction.signature,
      size: payments[0]!.bytes.length,
      workBefore: node.chain.locate(second.id)!.work,
    });
    expect(queries.transaction(registrations[1]!.id)).toMatchObject({ kind: 'registration', to: null, nonce: null, position: 1 });
    expect(queries.transaction('00'.repeat(32))).toBeNull();
  });
});

describe('history', () => {
  const all = (): string[] => queries.history(alexText, { limit: 100, mined: true }).map(keyOf);

  test('newest first, a payment to oneself once, a reward after the transactions of its block', () => {
    expect(all()).toEqual([fourth.id, payments[2]!.id, payments[1]!.id, payments[0]!.id, second.id, registrations[0]!.id, first.id]);
    expect(queries.history(mingText, { limit: 100, mined: true }).map(keyOf)).toEqual([
      third.id,
      payments[2]!.id,
      payments[0]!.id,
      registrations[1]!.id,
    ]);
  });

  test('without rewards unless asked', () => {
    expect(queries.history(mingText, { limit: 100 }).map(keyOf)).toEqual([payments[2]!.id, payments[0]!.id, registrations[1]!.id]);
  });

  test.each([1, 2, 3])('in pages of %i no entry is lost or repeated', (limit) => {
    const seen: string[] = [];
    for (let before: number | undefined; ;) {
      const page = queries.history(alexText, { limit, mined: true, ...(before !== undefined && { before }) });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(limit);
      seen.push(...page.map(keyOf));
      before = page.at(-1)!.key;
    }
    expect(seen).toEqual(all());
  });

  test.each([
    ['tea', [0]],
    ['茶', [0]],
    ['50%', [0]],
    ['%', [0]],
    ['_', []],
    ['ming', [2, 0]],
    [payments[1]!.id.slice(3, 20), [1]],
  ])('searched for "%s"', (search, expected) => {
    const found = queries.history(alexText, { limit: 100, search }).map(keyOf);
    expect(found).toEqual(expected.map((index) => payments[index]!.id));
  });

  test('of an address that the chain does not know is empty', () => {
    expect(queries.history(addressText('ab'.repeat(20)), { limit: 5, mined: true })).toEqual([]);
  });
});

describe('accounts', () => {
  test('by name and by address', () => {
    const row = queries.account('alex');
    expect(row).toEqual({
      address: alexText,
      name: 'alex',
      balance: 3 * SUBSIDY - 2 * COIN - 900 + COIN / 2,
      nonce: 2,
      registeredHeight: 2,
      signingKey: alex.signingModulus,
      blocksMined: 3,
      transactions: 4,
    });
    expect(queries.account(alexText)).toEqual(row);
    expect(queries.account('nobody')).toBeNull();
    expect(queries.account(addressText('ab'.repeat(20)))).toBeNull();
  });

  test('and their names', () => {
    expect(queries.party(mingText)).toEqual({ address: mingText, name: 'ming' });
    expect(queries.party(addressText('ab'.repeat(20))).name).toBeNull();
  });
});

test('a fresh chain answers too', async () => {
  const fresh = new ChainQueries((await openNode(sqlJs, network)).store.sql);
  expect(fresh.blocks({ limit: 2 }).map(({ id }) => id)).toEqual([network.id]);
});

describe('cost', () => {
  /** The statements that `ask` runs, each with SQLite's query plan. */
  function plansOf(ask: () => unknown): { sql: string; plan: string[] }[] {
    const { sql } = node.store;
    const seen = new Map<string, Params>();
    const spied: Pick<Sql, 'all' | 'row' | 'number'> = {
      all: (text, params = []) => (seen.set(text, params), sql.all(text, params)),
      row: (text, params = []) => (seen.set(text, params), sql.row(text, params)),
      number: (text, params = []) => (seen.set(text, params), sql.number(text, params)),
    };
    queries = new ChainQueries(spied as Sql);
    ask();
    return [...seen].map(([text, params]) => ({
      sql: text,
      plan: sql.all(`EXPLAIN QUERY PLAN ${text}`, params).map((row) => row[3] as string),
    }));
  }

  test.each<[string, () => unknown]>([
    ['history page', () => queries.history(alexText, { limit: 5, mined: true })],
    ['next history page', () => queries.history(alexText, { limit: 5, mined: true, before: 200_000 })],
    ['search in the history', () => queries.history(alexText, { limit: 5, mined: true, search: 'tea' })],
    ['explorer: newest blocks', () => queries.blocks({ limit: 5 })],
    ['explorer: earlier blocks', () => queries.blocks({ limit: 5, before: 3 })],
    ['explorer: blocks of a miner', () => queries.blocks({ limit: 5, miner: alexText, before: 3 })],
    ['explorer: a block', () => [queries.block(3), queries.transactionsOf(3)]],
    ['explorer: a transaction', () => queries.transaction(payments[0]!.id)],
    ['account by name', () => queries.account('alex')],
    ['account by address', () => queries.account(alexText)],
    ['name of an address', () => queries.party(alexText)],
    ['blocks mined', () => queries.blocksMined(alexText)],
  ])('%s runs along an index and sorts nothing', (_, ask) => {
    const plans = plansOf(ask);
    expect(plans.length).toBeGreaterThan(0);
    for (const { sql, plan } of plans) {
      const slow = plan.filter((line) => /^SCAN (?!json_each)|TEMP B-TREE|AUTOMATIC/.test(line));
      // Queries for the newest blocks without a bound scan from the end of the table.
      const fromTheEnd = /ORDER BY (b\.)?height DESC LIMIT/.test(sql) && slow.every((line) => /^SCAN (b|blocks)$/.test(line));
      expect(fromTheEnd ? [] : slow, sql).toEqual([]);
    }
  });

  test('a template for the next block asks SQLite for no transaction', async () => {
    await node.mempool.accept(transferOf(network, alex, { to: ming, amount: 1, fee: 1_000, nonce: 2 }), false);
    const texts: string[] = [];
    const all = node.store.sql.all.bind(node.store.sql);
    const row = node.store.sql.row.bind(node.store.sql);
    node.store.sql.all = (text, params) => (texts.push(text), all(text, params));
    node.store.sql.row = (text, params) => (texts.push(text), row(text, params));
    const chosen = node.mempool.select(100_000);
    expect(chosen).toHaveLength(1);
    node.chain.nextFields(alex.address, chosen);
    expect(texts.filter((text) => /transactions|blocks/.test(text))).toEqual([]);
  });
});

describe('counts kept with the accounts', () => {
  const counted = `SELECT address, received, mined,
    (SELECT count(*) FROM transactions t WHERE t.recipient = a.id AND t.sender <> a.id),
    (SELECT count(*) FROM blocks b WHERE b.miner = a.id) FROM accounts a ORDER BY id`;

  function check(): void {
    const rows = node.store.sql.all(counted);
    for (const [address, received, mined, transfers, blocks] of rows) {
      expect({ address, received, mined }).toEqual({ address, received: transfers, mined: blocks });
    }
    expect(rows.reduce((sum, row) => sum + (row[2] as number), 0)).toBe(node.store.height());
  }

  test('equal fresh counts, through payments, rewards and a reorganisation', async () => {
    check();
    expect(queries.account(mingText)).toMatchObject({ blocksMined: 1, transactions: 3 });
    const rival = builder.next(second, { miner: ming, transactions: [payments[0]!] });
    await feed(node, [rival, ...builder.extend(rival, 2, { miner: ming })]);
    expect(node.changes.at(-1)!.disconnected).toHaveLength(2);
    check();
    expect(queries.account(mingText)).toMatchObject({ blocksMined: 3, transactions: 2 });
  });

  test('also of a miner who earns nothing', async () => {
    const poor = testNetwork({ subsidy: 1, halvingInterval: 1 });
    const maker = new BlockBuilder(poor);
    const blocks = maker.extend(maker.genesis, 3, { miner: ming });
    node = await openNode(sqlJs, poor);
    await feed(node, blocks);
    expect(node.store.account(ming.address)).toBeUndefined();
    check();
    await feed(node, maker.extend(blocks[0]!, 3, { miner: alex }));
    check();
  });
});
