import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PeopleOptions, PersonInfo } from '../../../src/api/api.ts';
import { addressText } from '../../../src/crypto/address.ts';
import { peoplePage } from '../../../src/node/views/people.ts';
import { formatCoins } from '../../../src/protocol/amount.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { PEOPLE } from '../../../src/storage/sql/people.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, recentStore, openNodeOn, type TestNode } from '../chain/support.ts';

const COIN = 1_000_000;
const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu, lin, kai, zoe] = [
  testAccount('alex'),
  testAccount('ming'),
  testAccount('wu'),
  testAccount('lin'),
  testAccount('kai'),
  testAccount('zoe'),
];
const accounts = [alex, ming, wu, lin, kai, zoe];
const ORDERS = ['name', 'balance', 'blocks', 'payments', 'seen'] as const;

// alex, ming and lin have names; wu mined a block and kai got a payment, both without a name; zoe is not on the chain.
const first = builder.next(builder.genesis, { miner: alex });
const second = builder.next(first, { miner: wu, transactions: [alex, ming, lin].map((each) => registrationOf(network, each)) });
const pay = (to: typeof alex, amount: number, nonce: number) => transferOf(network, alex, { to, amount, fee: 1_000, nonce });
const third = builder.next(second, { miner: alex, transactions: [pay(ming, 2 * COIN, 0), pay(lin, 30 * COIN, 1)] });
const fourth = builder.next(third, { miner: ming, transactions: [pay(kai, 2 * COIN, 2)] });
const chain = [first, second, third, fourth];

let sqlJs: SqlJsStatic;
let node: TestNode;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network);
  await feed(node, chain);
});

/** With `walked`, the chain is walked down so many blocks at a time, as in a chain with many accounts. */
function list(options: PeopleOptions, walked: number | null = null, of = node): PersonInfo[] {
  const people: PersonInfo[] = [];
  for (let after: string | undefined, calls = 0; ; calls++) {
    const limits = { lookedUp: walked === null ? 1_000 : 0, walked: walked ?? 1 };
    const page = peoplePage(of, { ...options, ...(after !== undefined && { after }) }, limits);
    expect(page.people.length).toBeLessThanOrEqual(options.limit ?? 50);
    people.push(...page.people);
    if (page.next === null) return people;
    expect(calls).toBeLessThan(100);
    after = page.next;
  }
}

const names = (people: readonly PersonInfo[]): (string | undefined)[] =>
  people.map(({ address }) => accounts.find((each) => addressText(each.address) === address)?.name);

/** Every account with what the tables say, by other queries. */
function naive(of: TestNode): (PersonInfo & { id: number; key: number })[] {
  const blocks = of.store.sql.all('SELECT height, time, miner FROM blocks');
  const transactions = of.store.sql.all('SELECT id, sender, recipient, nonce FROM transactions');
  return of.store.sql.all('SELECT id, address, name, balance FROM accounts').map(([id, address, name, balance]) => {
    const mined = blocks.filter(([, , miner]) => miner === id).map(([height]) => (height as number) * 65_536 + 65_535);
    const parts = transactions.filter(([, sender, recipient]) => [sender, recipient].includes(id!)).map(([key]) => key as number);
    const key = Math.max(-1, ...mined, ...parts);
    const height = Math.floor(key / 65_536);
    const seen = key < 0 ? null : { height, time: blocks.find(([at]) => at === height)![1] as number };
    return {
      id: id as number,
      key,
      address: address as string,
      name: name as string | null,
      balance: formatCoins(balance as number),
      blocksMined: mined.length,
      // The numbers of an account's transfers have no gaps.
      payments: 1 + Math.max(-1, ...transactions.filter(([, sender]) => sender === id).map(([, , , nonce]) => (nonce ?? -1) as number)),
      seen,
    };
  });
}

function sorted(order: (typeof ORDERS)[number], of = node): PersonInfo[] {
  const rank = {
    name: (a, b) =>
      (a.name === null ? 1 : 0) - (b.name === null ? 1 : 0) || (a.name !== null && b.name !== null && a.name < b.name ? -1 : 1),
    balance: (a, b) => Number(b.balance) - Number(a.balance) || a.id - b.id,
    blocks: (a, b) => b.blocksMined - a.blocksMined || a.id - b.id,
    payments: (a, b) => b.payments - a.payments || a.id - b.id,
    seen: (a, b) => b.key - a.key || a.id - b.id,
  } satisfies Record<string, (a: ReturnType<typeof naive>[0], b: ReturnType<typeof naive>[0]) => number>;
  const byId = naive(of).sort((a, b) => a.id - b.id);
  return byId.sort(rank[order]).map(({ id: _id, key: _key, ...person }) => person);
}

describe('the people', () => {
  test('have names, balances, mined blocks, and the block in which they were last seen', () => {
    expect(peoplePage(node).total).toBe(5);
    const people = list({});
    expect(names(people).slice(0, 3)).toEqual(['alex', 'lin', 'ming']);
    expect(names(people).slice(3).sort()).toEqual(['kai', 'wu']);
    expect(people[0]).toEqual({
      address: addressText(alex.address),
      name: 'alex',
      balance: '65.999',
      blocksMined: 2,
      payments: 3,
      seen: { height: 4, time: fourth.header.timeMs },
    });
    expect(people.find(({ address }) => address === addressText(kai.address))).toMatchObject({ name: null, balance: '2', blocksMined: 0 });
    expect(names(people)).not.toContain(zoe.name);
  });

  test.each(ORDERS)('are sorted by %s, in pages of any size', (order) => {
    const expected = sorted(order);
    for (const limit of [1, 2, 3, 4, 5, 50]) expect(list({ order, limit })).toEqual(expected);
  });

  test.each([1, 2, 3, 9])('are sorted by time also by walking down the chain, %i blocks at a time', (walked) => {
    for (const limit of [1, 2, 50]) expect(list({ order: 'seen', limit }, walked)).toEqual(sorted('seen'));
  });

  test('are found by the beginning of their names', () => {
    expect(names(list({ prefix: 'al' }))).toEqual(['alex']);
    expect(names(list({ prefix: ' ＭＩ ' }))).toEqual(['ming']);
    expect(names(list({ prefix: '@Ming', order: 'balance' }))).toEqual(['ming']);
    for (const none of ['x', 'alexa', '~', '%', '_', '茶']) expect(list({ prefix: none })).toEqual([]);
    expect(names(list({ prefix: '', limit: 1 }))).toHaveLength(5);
  });

  test('keep their order when blocks come and go', async () => {
    for (const order of ORDERS) expect(list({ order })).toEqual(sorted(order));
    const next = builder.next(fourth, { miner: zoe, transactions: [pay(wu, 20 * COIN, 3)] });
    await feed(node, [next]);
    for (const order of ORDERS) expect(list({ order, limit: 2 })).toEqual(sorted(order));
    // A longer branch from the third block on: kai and zoe have never been on it.
    const branch: DecodedBlock[] = [];
    for (let at = third, i = 0; i < 3; i++) branch.push((at = builder.next(at, { miner: wu, variant: 1_000 * (i + 1) })));
    await feed(node, branch);
    expect(node.chain.tip().id).toBe(branch[2]!.id);
    expect(names(list({}))).not.toContain('kai');
    for (const order of ORDERS) expect(list({ order })).toEqual(sorted(order));
  });

  test('of a recent chain are those of the whole chain; who was not seen since its base comes last', async () => {
    const recent = await openNodeOn(recentStore(sqlJs, builder, third));
    await feed(recent, [fourth]);
    const people = list({ order: 'seen' }, null, recent);
    expect(people).toEqual(sorted('seen', recent));
    expect(names(people).slice(0, 3).sort()).toEqual(['alex', 'kai', 'ming']);
    expect(people.slice(3).map(({ seen }) => seen)).toEqual([null, null]);
  });

  test.each<[string, unknown]>([
    ['an unknown order', { order: 'age' }],
    ['no limit', { limit: 0 }],
    ['a long list', { limit: 501 }],
    ['a cursor of another list', { order: 'balance', after: 'alex' }],
    ['a cursor that is no text', { after: 5 }],
    ['a prefix that is no text', { prefix: {} }],
    ['something else', 'name'],
  ])('are refused for %s', (_what, options) => {
    expect(errorCodeOf(() => peoplePage(node, options as PeopleOptions))).toBe('argument-invalid');
  });
});

function errorCodeOf(action: () => unknown): string {
  try {
    action();
    return 'no error';
  } catch (error) {
    return errorCode(error);
  }
}

test('any cursor gives a page or a refusal, and never an account twice', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ORDERS),
      fc.oneof(fc.string(), fc.stringMatching(/^-?\d{1,17}\.\d{1,11}$/), fc.stringMatching(/^#\d{1,11}$/)),
      (order, after) => {
        let people: PersonInfo[];
        try {
          ({ people } = peoplePage(node, { order, after }));
        } catch (error) {
          expect(errorCode(error)).toBe('argument-invalid');
          return;
        }
        expect(new Set(people.map(({ address }) => address)).size).toBe(people.length);
      },
    ),
  );
});

test.each(Object.entries(PEOPLE).filter(([name]) => name !== 'standings'))(
  'the query "%s" runs along an index and sorts nothing',
  (_name, sql) => {
    const parameters = ['[1]', '[1]', 5].slice(0, (sql.match(/\?\d/g) ?? []).length);
    const plan = node.store.sql.all(`EXPLAIN QUERY PLAN ${sql}`, parameters).map((row) => row[3] as string);
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.filter((line) => /^SCAN (?!json_each)|TEMP B-TREE|AUTOMATIC/.test(line))).toEqual([]);
  },
);

test.each(Object.entries(PEOPLE).filter(([name]) => name !== 'standings'))(
  'the query "%s" runs along an index and sorts nothing',
  (_name, sql) => {
    const parameters = ['[1]', '[1]', 5].slice(0, (sql.match(/\?\d/g) ?? []).length);
    const plan = node.store.sql.all(`EXPLAIN QUERY PLAN ${sql}`, parameters).map((row) => row[3] as string);
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.filter((line) => /^SCAN (?!json_each)|TEMP B-TREE|AUTOMATIC/.test(line))).toEqual([]);
  },
);
