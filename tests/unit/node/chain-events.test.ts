import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { chainEvents, incomingEvent } from '../../../src/node/chain-events.ts';
import { AccountSession } from '../../../src/node/own-account.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf, type TestAccount } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { boundTo } from './support.ts';

const network = testNetwork();
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const builder = new BlockBuilder(network);
const first = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex)] });
const payment = transferOf(network, alex, { to: ming, amount: 2_500_000, fee: 700, nonce: 0 });
const second = builder.next(first, { miner: ming, transactions: [payment, registrationOf(network, ming)] });

let sqlJs: SqlJsStatic;
let node: TestNode;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network);
});

/** Events for the page of an account after the last change of the tip. */
const told = (account: TestAccount | null, team = false) =>
  chainEvents(node.changes.at(-1)!, account && new AccountSession(boundTo(account)), node, team);

describe('a block', () => {
  test('is reported with its height and id, and to its miner as its own', async () => {
    await feed(node, [first]);
    const block = { type: 'block', height: 1, id: first.id };
    expect(told(alex)).toEqual([{ ...block, own: true }]);
    expect(told(ming)).toEqual([{ ...block, own: false }]);
    expect(told(null)).toEqual([{ ...block, own: false }]);
  });

  test('tells the sender of a transfer that it is confirmed, and the recipient that it came, from whom', async () => {
    await feed(node, [first, second]);
    expect(told(alex).slice(1)).toEqual([{ type: 'confirmed', txid: payment.id, height: 2 }]);
    const from = { address: addressText(alex.address), name: 'alex' };
    expect(told(ming).slice(1)).toEqual([{ type: 'received', txid: payment.id, from, amount: '2.5' }]);
    expect(told(wu)).toHaveLength(1);
    expect(told(null)).toHaveLength(1);
  });
});

describe('a reorganisation', () => {
  test('is reported first, with its depth, then the new tip and the transactions of its blocks', async () => {
    const rivals = [builder.next(first, { miner: wu })];
    rivals.push(builder.next(rivals[0]!), builder.next(builder.next(rivals[0]!), { transactions: [payment] }));
    await feed(node, [first, second, builder.next(second)]);
    expect(await feed(node, rivals)).toEqual(['side', 'side', 'connected']);
    expect(told(alex)).toEqual([
      { type: 'reorganisation', from: 3, depth: 2, height: 4, team: false },
      { type: 'block', height: 4, id: rivals[2]!.id, own: false },
      { type: 'confirmed', txid: payment.id, height: 4 },
    ]);
    expect(told(alex, true)[0]).toEqual({ type: 'reorganisation', from: 3, depth: 2, height: 4, team: true });
  });
});

describe('a payment that waits', () => {
  /** Events for the page of an account after each change of the mempool. */
  const pooled = (account: TestAccount | null) =>
    node.events.flatMap((event) => incomingEvent(event, account && new AccountSession(boundTo(account)), node) ?? []);

  test('is told to its recipient, once a block could take it', async () => {
    await feed(node, [first, second]);
    const later = transferOf(network, alex, { to: wu, amount: 1_000_000, fee: 700, nonce: 2 });
    await node.mempool.accept(later, false);
    expect(pooled(wu)).toEqual([]);
    expect(node.mempool.incoming(wu.address)).toBe(0);
    const sooner = transferOf(network, alex, { to: wu, amount: 500_000, fee: 700, nonce: 1 });
    await node.mempool.accept(sooner, false);
    const from = { address: addressText(alex.address), name: 'alex' };
    expect(pooled(wu)).toEqual([
      { type: 'incoming', txid: sooner.id, from, amount: '0.5' },
      { type: 'incoming', txid: later.id, from, amount: '1' },
    ]);
    expect(node.mempool.incoming(wu.address)).toBe(1_500_000);
    expect(pooled(alex)).toEqual([]);
    expect(pooled(null)).toEqual([]);
  });

  test('to oneself is none, and one that a reorganisation returned is not new', async () => {
    await feed(node, [first]);
    await node.mempool.accept(transferOf(network, alex, { to: alex, amount: 5, fee: 700, nonce: 0 }), false);
    expect(pooled(alex)).toEqual([]);
    expect(node.mempool.incoming(alex.address)).toBe(0);
    await feed(node, [second]);
    await feed(node, [builder.next(first, { variant: 7 }), builder.next(builder.next(first, { variant: 7 }), { variant: 8 })]);
    expect(node.events.some((event) => event.type === 'added' && event.returned)).toBe(true);
    expect(pooled(ming)).toEqual([]);
    expect(node.mempool.incoming(ming.address)).toBe(2_500_000);
  });
});
