import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import type { Address } from '../../../src/crypto/address.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { bucketOf } from '../../../src/protocol/state-root.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';

/** More accounts than a bucket may have to be read as a whole for one account. */
const CROWD = 80;

const network = testNetwork();
const alex = testAccount('alex');
const builder = new BlockBuilder(network);
/** Addresses with the same prefix of twelve bits, unordered. */
const crowd: readonly Address[] = Array.from({ length: CROWD }, (_, i) => `abc${((i * 37) % CROWD).toString(16).padStart(37, '5')}`);
const BUCKET = bucketOf(crowd[0]!);

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

const addresses = (): Address[] => node.store.bucket(BUCKET).map(({ address }) => address);

describe('a bucket that is too large to be read for one account', () => {
  test('holds all accounts in order, also after reopening', async () => {
    expect(addresses()).toEqual([...crowd].sort());
    expect(StateTree.build(node.store).root).toEqual(crowding.header.stateRoot);
    const again = await openNode(sqlJs, network, node.store.export());
    expect(again.store.bucket(BUCKET)).toEqual(node.store.bucket(BUCKET));
  });

  test('answers for one account without reading the others', () => {
    const store = SqlChainStore.open(sqlJs, network, node.store.export());
    expect(store.account(alex.address)).toMatchObject({ nonce: CROWD });
    const read = vi.spyOn(store.sql, 'all');
    for (const [nonce, address] of crowd.entries()) expect(store.account(address)).toMatchObject({ address, balance: 1 + nonce });
    expect(store.account(`abc${'0'.repeat(37)}`)).toBeUndefined();
    expect(read).not.toHaveBeenCalled();
    expect(store.bucket(BUCKET)).toHaveLength(CROWD);
    expect(read).toHaveBeenCalledOnce();
  });

  test('is restored when a block is undone, and again when the block is reconnected', async () => {
    const before = await openNode(sqlJs, network);
    await feed(before, [registered]);
    const [rival, child] = builder.extend(registered, 2, { miner: alex }) as [DecodedBlock, DecodedBlock];
    expect(await feed(node, [rival, child])).toEqual(['side', 'connected']);
    expect(addresses()).toEqual([]);
    const longer = builder.extend(crowding, 2, { miner: alex });
    expect(await feed(node, longer)).toEqual(['side', 'connected']);
    expect(addresses()).toEqual([...crowd].sort());
    const straight = await openNode(sqlJs, network);
    await feed(straight, [registered, crowding, ...longer]);
    expect(dump(node)).toBe(dump(straight));
  });

  test('is restored when a block that changes it turns out invalid', async () => {
    const before = { rows: dump(node), bucket: node.store.bucket(BUCKET) };
    const more = crowd.map((to, i) => transferOf(network, alex, { to: to.replace('5', '6'), amount: 1, nonce: CROWD + i }));
    const wrong = builder.next(crowding, { transactions: more, header: { stateRoot: new Uint8Array(32) } });
    expect(await feed(node, [wrong])).toEqual(['state-root-wrong']);
    expect({ rows: dump(node), bucket: node.store.bucket(BUCKET) }).toEqual(before);
    expect(await feed(node, [builder.next(crowding, { transactions: more })])).toEqual(['connected']);
    expect(addresses()).toHaveLength(2 * CROWD);
  });
});
