import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DecodedBlock } from '../../src/protocol/block.ts';
import type { DecodedTransaction } from '../../src/protocol/transaction.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from '../unit/chain/support.ts';
import { BlockBuilder, NOBODY, registrationOf, testAccount, testNetwork, transferOf, type TestAccount } from './support/builders.ts';

/** Registrations of a network that grants coins: what they mint, and the exact code of each breach. */

const COIN = 1_000_000;
const GRANT = 100 * COIN;
const SUPPLY_CAP = Number.MAX_SAFE_INTEGER;
const network = testNetwork({ grant: GRANT });
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

let node: TestNode;
let builder: BlockBuilder;
/** genesis ─ a1 (mined by nobody's address) ─ a2* (alex registers) */
let a1: DecodedBlock, a2: DecodedBlock;

beforeEach(async () => {
  builder = new BlockBuilder(network);
  node = await openNode(sqlJs, network);
  a1 = builder.next(builder.genesis);
  a2 = builder.next(a1, { transactions: [registrationOf(network, alex)] });
  expect(await feed(node, [a1, a2])).toEqual(['connected', 'connected']);
});

const balance = (account: TestAccount): number => node.store.account(account.address)?.balance ?? 0;
const rows = (sql: string): unknown[] => node.store.sql.all(sql);

/** The code of a block on a2 with these transactions, which changes nothing. */
async function refusal(...transactions: DecodedTransaction[]): Promise<string> {
  const before = dump(node);
  const [code] = await feed(node, [builder.next(a2, { transactions, unexecuted: true })]);
  expect(dump(node)).toBe(before);
  return code!;
}

describe('a grant', () => {
  test('is in the balance, the supply and the rows', () => {
    expect(balance(alex)).toBe(GRANT);
    expect(a2.header.supply).toBe(2 * network.subsidy + GRANT);
    expect(rows('SELECT name, granted_coins FROM registrations')).toEqual([['alex', 100]]);
    expect(rows('SELECT kind, coins, fee_coins, granted_coins FROM ledger')).toEqual([['registration', 0, 0, 100]]);
    expect(rows('SELECT name, coins FROM rich_list')).toEqual([
      [null, 100],
      ['alex', 100],
    ]);
  });

  test('adds to the coins from before', async () => {
    const paid = builder.next(a2, { transactions: [transferOf(network, alex, { to: ming, amount: 3 * COIN, nonce: 0 })] });
    const joined = builder.next(paid, { transactions: [registrationOf(network, ming)] });
    expect(await feed(node, [paid, joined])).toEqual(['connected', 'connected']);
    expect([balance(alex), balance(ming)]).toEqual([97 * COIN, 103 * COIN]);
    expect(rows('SELECT kind, granted FROM transactions ORDER BY id')).toEqual([
      ['registration', GRANT],
      ['transfer', 0],
      ['registration', GRANT],
    ]);
  });

  test('can be spent in the same block, after the registration', async () => {
    const all = transferOf(network, ming, { to: wu, amount: GRANT - 400, fee: 400, nonce: 0 });
    const block = builder.next(a2, { transactions: [registrationOf(network, ming), all] });
    expect(await feed(node, [block])).toEqual(['connected']);
    expect([balance(ming), balance(wu)]).toEqual([0, GRANT - 400]);
  });

  test('cannot be spent before the registration, or twice', async () => {
    const registration = registrationOf(network, ming);
    const all = transferOf(network, ming, { to: wu, amount: GRANT, nonce: 0 });
    const more = transferOf(network, ming, { to: wu, amount: GRANT + 1, nonce: 0 });
    expect(await refusal(all, registration)).toBe('sender-not-registered');
    expect(await refusal(registration, more)).toBe('balance-insufficient');
    expect(await refusal(registration, all, transferOf(network, ming, { to: wu, amount: 1, nonce: 1 }))).toBe('balance-insufficient');
  });

  test('comes once an address', async () => {
    expect(await refusal(registrationOf(network, alex, { name: 'alexander' }))).toBe('already-registered');
    expect(balance(alex)).toBe(GRANT);
  });

  test.each([
    ['a supply without it', (right: number) => right - GRANT, 'supply-wrong'],
    ['a supply with two', (right: number) => right + GRANT, 'supply-wrong'],
  ])('%s is refused', async (_, wrong, code) => {
    const transactions = [registrationOf(network, ming)];
    const { supply } = builder.next(a2, { transactions }).header;
    expect(supply).toBe(a2.header.supply + GRANT + network.subsidy);
    expect(await feed(node, [builder.next(a2, { transactions, header: { supply: wrong(supply) } })])).toEqual([code]);
  });

  test('to another account is refused', async () => {
    // The state of a block in which the miner, not the newcomer, has the grant.
    const elsewhere = new BlockBuilder(testNetwork({ grant: GRANT }));
    const b1 = elsewhere.next(elsewhere.genesis);
    const b2 = elsewhere.next(b1, { transactions: [registrationOf(network, alex)] });
    const moved = elsewhere.next(b2, {
      transactions: [registrationOf(network, ming), transferOf(network, ming, { to: NOBODY, amount: GRANT, nonce: 0 })],
    });
    const { stateRoot } = moved.header;
    expect(await feed(node, [builder.next(a2, { transactions: [registrationOf(network, ming)], header: { stateRoot } })])).toEqual([
      'state-root-wrong',
    ]);
  });
});

describe('a waiting registration', () => {
  test('gives nothing to spend before a block has it', async () => {
    expect(await node.mempool.accept(registrationOf(network, ming), true)).toBe('added');
    expect(node.mempool.spendable(ming.address)).toBe(0);
    const early = transferOf(network, ming, { to: wu, amount: COIN, fee: 1_000, nonce: 0 });
    await expect(node.mempool.accept(early, true)).rejects.toMatchObject({ code: 'sender-not-registered' });
    const block = builder.next(a2, { transactions: node.mempool.select(network.maxBlockBytes) });
    expect(await feed(node, [block])).toEqual(['connected']);
    expect(node.mempool.spendable(ming.address)).toBe(GRANT);
    expect(await node.mempool.accept(early, true)).toBe('added');
  });

  test('waits again, without its grant, when its block is undone', async () => {
    const spent = [registrationOf(network, ming), transferOf(network, ming, { to: alex, amount: COIN, fee: 1_000, nonce: 0 })];
    const block = builder.next(a2, { transactions: spent });
    expect(await feed(node, [block])).toEqual(['connected']);
    expect([balance(alex), balance(ming)]).toEqual([GRANT + COIN, GRANT - COIN - 1_000]);
    const rivals = builder.extend(a2, 2, { variant: 1_000_000 });
    expect(await feed(node, rivals)).toEqual(['side', 'connected']);
    expect([balance(alex), balance(ming)]).toEqual([GRANT, 0]);
    expect(node.mempool.has(spent[0]!.id)).toBe(true);
    const fresh = await openNode(sqlJs, network);
    await feed(fresh, [a1, a2, ...rivals]);
    expect(dump(node)).toBe(dump(fresh));
  });
});

describe('near the largest supply', () => {
  const rich = testNetwork({ subsidy: 1e15, grant: 5e12 });
  /** Units left after nine blocks. */
  const LEFT = SUPPLY_CAP - 9e15;

  test('the last registrations share what is left, and the miner gets only fees', async () => {
    const maker = new BlockBuilder(rich);
    node = await openNode(sqlJs, rich);
    const nine = maker.extend(maker.genesis, 9);
    const transactions = [alex, ming, wu].map((account) => registrationOf(rich, account));
    const fee = transferOf(rich, alex, { to: wu, amount: 1, fee: 400, nonce: 0 });
    const last = maker.next(nine.at(-1)!, { miner: wu, transactions: [...transactions, fee] });
    const after = maker.next(last, { miner: ming });
    expect(await feed(node, [...nine, last, after])).not.toContain('side');
    expect(node.store.height()).toBe(11);
    expect([LEFT, last.header.supply, after.header.supply]).toEqual([7_199_254_740_991, SUPPLY_CAP, SUPPLY_CAP]);
    expect(rows('SELECT granted FROM transactions ORDER BY id')).toEqual([[5e12], [LEFT - 5e12], [0], [0]]);
    expect(rows('SELECT subsidy, fees FROM blocks WHERE height = 10')).toEqual([[0, 400]]);
    expect([balance(alex), balance(ming), balance(wu)]).toEqual([5e12 - 401, LEFT - 5e12, 401]);

    // A branch whose ninth block reaches the tip again, so that all of this is undone, and then a node that never saw it.
    const rivals = maker.extend(nine.at(-1)!, 3, { variant: 1_000_000 });
    expect((await feed(node, rivals)).at(-1)).toBe('connected');
    const fresh = await openNode(sqlJs, rich);
    await feed(fresh, [...nine, ...rivals]);
    expect(dump(node)).toBe(dump(fresh));
  });
});

test('a repaired body has its grants again', async () => {
  const before = dump(node);
  node.store.sql.run('UPDATE transactions SET granted = 7, signature = zeroblob(256)');
  expect(node.chain.activeBlock(2)).toBeNull();
  expect(await node.chain.acceptBlock(a2)).toBe('known');
  expect(dump(node)).toBe(before);
});
