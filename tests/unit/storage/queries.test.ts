import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { ChainQueries, type HistoryRow } from '../../../src/storage/queries.ts';
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

  test('with what a list shows', () => {
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

  test.each([1, 2, 3])('in pages of %i nothing is lost or repeated', (limit) => {
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

  test('who mined most', () => {
    expect(queries.miners(5)).toEqual([
      { address: alexText, name: 'alex', blocks: 3, reward: 3 * SUBSIDY },
      { address: mingText, name: 'ming', blocks: 1, reward: SUBSIDY + 1_500 },
    ]);
  });

  test('totals and hash rate', () => {
    expect(queries.totals()).toEqual({ blocks: 4, transactions: 5, accounts: 2, registered: 2 });
    // Blocks a second apart, each worth two hashes.
    expect(queries.hashrate(2)).toBeCloseTo(2);
    expect(queries.hashrate(100)).toBeCloseTo(2);
  });
});

test('a fresh chain answers too', async () => {
  const fresh = new ChainQueries((await openNode(sqlJs, network)).store.sql);
  expect(fresh.totals()).toEqual({ blocks: 0, transactions: 0, accounts: 0, registered: 0 });
  expect(fresh.hashrate(10)).toBe(0);
  expect(fresh.miners(3)).toEqual([]);
  expect(fresh.blocks({ limit: 2 }).map(({ id }) => id)).toEqual([network.id]);
});
