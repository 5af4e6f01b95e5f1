import { beforeAll, expect, test } from 'vitest';
import type { SqlJsStatic } from 'sql.js';
import { addressText } from '../../../src/crypto/address.ts';
import { Views } from '../../../src/node/views/views.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode } from '../chain/support.ts';

const COIN = 1_000_000;
const network = testNetwork({ subsidy: 50 * COIN });
const [alex, ming] = [testAccount('alex'), testAccount('ming')];

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

test('a history tells transfers, registrations and mined blocks apart', async () => {
  const builder = new BlockBuilder(network);
  const first = builder.next(builder.genesis, { miner: alex });
  const second = builder.next(first, { transactions: [registrationOf(network, alex)] });
  const payment = transferOf(network, alex, { to: ming, amount: 2 * COIN, fee: 1_000, nonce: 0 });
  const third = builder.next(second, { transactions: [payment] });
  const node = await openNode(sqlJs, network);
  await feed(node, [first, second, third]);
  const views = new Views(node, null, null);
  const history = await views.history({ account: 'alex', mined: true });
  expect(history.map(({ kind, direction, change, amount }) => ({ kind, direction, change, amount }))).toEqual([
    { kind: 'transfer', direction: 'out', change: '-2.001', amount: '2' },
    { kind: 'registration', direction: 'registration', change: '0', amount: '0' },
    { kind: 'mined', direction: 'mined', change: '+50', amount: '50' },
  ]);
  expect(history[2]).toMatchObject({ txid: first.id, to: { address: addressText(alex.address), name: 'alex' } });
  expect((await views.history({ account: 'alex' })).map(({ kind }) => kind)).toEqual(['transfer', 'registration']);
});

test('a history explains the balance of an account with a grant', async () => {
  const granting = testNetwork({ grant: 100 * COIN, subsidy: 50 * COIN });
  const builder = new BlockBuilder(granting);
  const joined = builder.next(builder.genesis, { transactions: [registrationOf(granting, alex)] });
  const payment = transferOf(granting, alex, { to: ming, amount: 2 * COIN, fee: 1_000, nonce: 0 });
  const paid = builder.next(joined, { transactions: [payment] });
  const node = await openNode(sqlJs, granting);
  const views = new Views(node, null, null);
  const registration = joined.transactions[0]!;
  await node.mempool.accept(registration, true);
  expect(await views.transaction(registration.id)).toMatchObject({ status: 'pending', granted: '0' });
  expect((await views.history({ account: addressText(alex.address) }))[0]).toMatchObject({ status: 'pending', change: '0' });

  await feed(node, [joined, paid]);
  expect(await views.transaction(registration.id)).toMatchObject({ status: 'confirmed', amount: '0', granted: '100' });
  const history = await views.history({ account: 'alex', mined: true });
  expect(history.map(({ direction, change, granted }) => ({ direction, change, granted }))).toEqual([
    { direction: 'out', change: '-2.001', granted: '0' },
    { direction: 'registration', change: '+100', granted: '100' },
  ]);
  const sum = history.reduce((total, { change }) => total + Number(change), 0);
  expect((await views.account('alex'))!.balance).toBe(String(sum));
  expect((await views.block(1))!.items[0]).toMatchObject({ granted: '100' });
  // The grant is no reward of the miner.
  expect(await views.block(1)).toMatchObject({ reward: '50', supply: '150' });
});

test('a block off the active chain shows the reward of its miner without the grants', async () => {
  const granting = testNetwork({ grant: 100 * COIN, subsidy: 50 * COIN });
  const builder = new BlockBuilder(granting);
  const active = builder.next(builder.genesis, { miner: alex });
  const side = builder.next(builder.genesis, { miner: ming, transactions: [registrationOf(granting, alex)] });
  const node = await openNode(sqlJs, granting);
  expect(await feed(node, [active, side])).toEqual(['connected', 'side']);
  const views = new Views(node, null, null);
  expect(await views.block(side.id)).toMatchObject({ active: false, reward: '50', supply: '150' });
  expect((await views.block(side.id))!.items[0]).toMatchObject({ status: 'pending', granted: '0' });
});
