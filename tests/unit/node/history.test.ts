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
