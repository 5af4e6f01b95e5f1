import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { Views } from '../../../src/node/views/views.ts';
import { MOVEMENTS } from '../../../src/storage/sql/activity.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import type { DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';

const COIN = 1_000_000;
const FEE = 1_000;
const network = testNetwork({ grant: 10 * COIN });
const builder = new BlockBuilder(network);
const [alex, ming, kai] = [testAccount('alex'), testAccount('ming'), testAccount('kai')];
const party = (account: typeof alex, name: string | null = account.name) => ({ address: addressText(account.address), name });

const blocks: DecodedBlock[] = [];
function mine(miner: typeof alex, ...transactions: DecodedTransaction[]): DecodedBlock {
  const block = builder.next(blocks.at(-1) ?? builder.genesis, { miner, transactions });
  blocks.push(block);
  return block;
}

mine(alex);
mine(kai, registrationOf(network, alex), registrationOf(network, ming));
mine(kai, transferOf(network, alex, { to: ming, amount: 5 * COIN, fee: FEE, nonce: 0 }));
mine(
  alex,
  transferOf(network, alex, { to: alex, amount: 7 * COIN, fee: FEE, nonce: 1 }),
  transferOf(network, ming, { to: alex, amount: 2 * COIN, fee: FEE, nonce: 0 }),
  transferOf(network, alex, { to: kai, amount: COIN, fee: FEE, nonce: 2 }),
);

let sqlJs: SqlJsStatic;
let node: TestNode;
let views: Views;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network);
  await feed(node, blocks);
  views = new Views(node, null, null);
});

const at = (height: number, balance: string) => ({ height, time: blocks[height - 1]!.header.timeMs, balance });

test('the curve has the balance before, and after each block that changed it', () => {
  expect(views.activity('alex')).toMatchObject({
    address: addressText(alex.address),
    entries: 7,
    complete: true,
    // A subsidy of 50, a grant of 10, a payment of 5, a payment of 1 and one of 2 received; fees come back with the mined block.
    balances: [at(1, '0'), at(1, '50'), at(2, '60'), at(3, '54.999'), at(4, '106')],
  });
  expect(views.activity('ming')!.balances.map(({ balance }) => balance)).toEqual(['0', '10', '15', '12.999']);
});

test('the last balance is the account’s', async () => {
  for (const account of [alex, ming, kai]) {
    const text = addressText(account.address);
    expect(views.activity(text)!.balances.at(-1)!.balance).toBe((await views.account(text))!.balance);
  }
});

test('counterparties come with what was paid and received, the most first', () => {
  expect(views.activity('alex')).toMatchObject({
    counterparties: [
      { party: party(ming), paid: '5', received: '2', transfers: 2, last: { height: 4, time: blocks[3]!.header.timeMs } },
      { party: party(kai, null), paid: '1', received: '0', transfers: 1, last: { height: 4, time: blocks[3]!.header.timeMs } },
    ],
    otherCounterparties: 0,
  });
  expect(views.activity('ming')).toMatchObject({ counterparties: [{ party: party(alex), paid: '2', received: '5', transfers: 2 }] });
});

test('of an unknown account there is none', () => {
  for (const unknown of ['nobody', addressText('ab'.repeat(20)), 'neither name nor address']) expect(views.activity(unknown)).toBeNull();
});

test('a long history is cut at 1,000 entries, and the curve at 200 points', async () => {
  const long = new BlockBuilder(network);
  const chain: DecodedBlock[] = [];
  for (let height = 1; height <= 1_010; height++) chain.push(long.next(chain.at(-1) ?? long.genesis, { miner: alex }));
  const big = await openNode(sqlJs, network);
  await big.chain.acceptBlocks(chain);
  const { entries, complete, balances } = new Views(big, null, null).activity(addressText(alex.address))!;
  expect([entries, complete, balances.length]).toEqual([1_000, false, 200]);
  // The balance before entry 11, which is the first of the last 1,000.
  expect(balances[0]).toMatchObject({ height: 11, balance: '500' });
  expect(balances.at(-1)).toMatchObject({ height: 1_010, balance: '50500' });
  // Each point tells the true balance of its height, and no part of the curve is left out.
  for (const { height, balance } of balances.slice(1)) expect(balance).toBe(String(50 * height));
  const gaps = balances.slice(2).map(({ height }, i) => height - balances[i + 1]!.height);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(6);
}, 60_000);

test.each(Object.entries(MOVEMENTS))('the query "%s" runs along an index and sorts nothing', (_name, sql) => {
  const parameters = ['[1]', 5].slice(0, new Set(sql.match(/\?\d/g)).size);
  const plan = node.store.sql.all(`EXPLAIN QUERY PLAN ${sql}`, parameters).map((row) => row[3] as string);
  expect(plan.length).toBeGreaterThan(0);
  expect(plan.filter((line) => /^SCAN (?!json_each)|TEMP B-TREE|AUTOMATIC/.test(line))).toEqual([]);
});
