import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import type { Address } from '../../../src/crypto/address.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';

const CROWD = 80;

const network = testNetwork();
const alex = testAccount('alex');
const builder = new BlockBuilder(network);
/** Addresses that somebody chose with a common prefix, unordered. */
const crowd: readonly Address[] = Array.from({ length: CROWD }, (_, i) => `abc${((i * 37) % CROWD).toString(16).padStart(37, '5')}`);

let sqlJs: SqlJsStatic;
let registered: DecodedBlock;
let crowding: DecodedBlock;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  registered = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex)] });
  const payments = crowd.map((to, nonce) => transferOf(network, alex, { to, amount: 1 + nonce, nonce }));
  crowding = builder.next(registered, { transactions: payments });
});

let node: TestNode;
beforeEach(async () => {
  node = await openNode(sqlJs, network);
  expect(await feed(node, [registered, crowding])).toEqual(['connected', 'connected']);
});

const known = ({ store }: TestNode): Address[] => crowd.filter((address) => store.account(address) !== undefined);
const rootOf = ({ store }: TestNode): Uint8Array => StateTree.build(store.accounts()).root;

describe('many first payments in a block', () => {
  test('make accounts that a reopened node has too', async () => {
    const again = await openNode(sqlJs, network, node.store.export());
    for (const each of [node, again]) {
      expect(crowd.map((address) => each.store.account(address)?.balance)).toEqual(crowd.map((_, nonce) => 1 + nonce));
      expect(rootOf(each)).toEqual(crowding.header.stateRoot);
    }
    const addresses = [...again.store.accounts()].map(({ address }) => address);
    expect(addresses.filter((address) => crowd.includes(address)).toSorted()).toEqual(crowd.toSorted());
  });

  test('are undone with their block, and made again when it is reconnected', async () => {
    const [rival, child] = builder.extend(registered, 2, { miner: alex }) as [DecodedBlock, DecodedBlock];
    expect(await feed(node, [rival, child])).toEqual(['side', 'connected']);
    expect(known(node)).toEqual([]);
    expect(rootOf(node)).toEqual(child.header.stateRoot);
    const longer = builder.extend(crowding, 2, { miner: alex });
    expect(await feed(node, longer)).toEqual(['side', 'connected']);
    expect(known(node)).toEqual(crowd);
    const straight = await openNode(sqlJs, network);
    await feed(straight, [registered, crowding, ...longer]);
    expect(dump(node)).toBe(dump(straight));
  });

  test('leave no trace when a later block of the same movement is invalid', async () => {
    const before = dump(node);
    const rival = builder.next(registered, { miner: alex, variant: 7 });
    const more = crowd.map((to, nonce) => transferOf(network, alex, { to: to.replace('5', '6'), amount: 1, nonce }));
    const paying = builder.next(rival, { transactions: more });
    const wrong = builder.next(paying, { header: { stateRoot: new Uint8Array(32) } });
    // The movement undoes `crowding`, connects `rival` and `paying`, and fails at `wrong`.
    const [last] = builder.extend(crowding, 1, { miner: alex });
    await feed(node, [last!]);
    const held = dump(node);
    expect(await feed(node, [rival, paying, wrong])).toEqual(['side', 'side', 'state-root-wrong']);
    expect(dump(node)).toBe(held);
    expect(held).not.toBe(before);
    expect(known(node)).toEqual(crowd);
    expect(more.filter(({ transaction }) => node.store.account(transaction.recipient)).length).toBe(0);
    expect(rootOf(node)).toEqual(last!.header.stateRoot);
    // The tree in memory is that of the tip, so the next block fits.
    expect(await feed(node, builder.extend(last!, 1))).toEqual(['connected']);
  });
});
