import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { Views } from '../../../src/node/views/views.ts';
import { encodeBlock, transactionSlices } from '../../../src/protocol/block.ts';
import type { DecodedTransaction, Kind, TransactionOf } from '../../../src/protocol/transaction.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode } from '../chain/support.ts';

const network = testNetwork();
const [alex, ming] = [testAccount('alex'), testAccount('ming')];

/** A transaction of each kind, valid after alex has registered and mined one block. */
const SAMPLES: { readonly [K in Kind]: DecodedTransaction<TransactionOf<K>> } = {
  transfer: transferOf(network, alex, { to: ming, amount: 5_000_000, fee: 1_000, nonce: 0, memo: 'Tea 茶' }),
  registration: registrationOf(network, ming),
};

const builder = new BlockBuilder(network);
const mined = builder.next(builder.genesis, { miner: alex });
const joined = builder.next(mined, { transactions: [registrationOf(network, alex)] });

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

describe.each(Object.entries(SAMPLES))('a %s', (kind, sample: DecodedTransaction) => {
  test('waits, enters a block, is read back as the same bytes, and waits again when its block is undone', async () => {
    const node = await openNode(sqlJs, network);
    await feed(node, [mined, joined]);
    const views = new Views(node, null, null);
    expect(await node.mempool.accept(sample, true)).toBe('added');
    const pending = (await views.transaction(sample.id))!;
    expect(pending).toMatchObject({ kind, status: 'pending', bytes: sample.bytes.length });

    const block = builder.next(joined, { transactions: node.mempool.select(network.maxBlockBytes) });
    expect(block.transactions).toEqual([sample]);
    expect(await feed(node, [block])).toEqual(['connected']);
    expect(node.mempool.has(sample.id)).toBe(false);
    expect(encodeBlock(node.store.block(3)!)).toEqual(encodeBlock(block));
    expect(transactionSlices(encodeBlock(block))).toEqual([sample.bytes]);
    const { from, to, amount, fee, nonce, memo, sealed, name, bytes, signature } = pending;
    const shown = { kind, from, to, amount, fee, nonce, memo, sealed, name, bytes, signature };
    expect(await views.transaction(sample.id)).toMatchObject({ ...shown, status: 'confirmed', height: 3, blockId: block.id, position: 0 });
    const [entry] = await views.history({ account: 'alex' });
    const ofAlex = pending.from.name === 'alex';
    expect(entry).toMatchObject(ofAlex ? { txid: sample.id, kind } : { kind: 'registration' });

    const rivals = builder.extend(joined, 2, { variant: 1_000_000 });
    expect(await feed(node, rivals)).toEqual(['side', 'connected']);
    expect(node.mempool.get(sample.id)).toEqual(sample);
    expect(await views.transaction(sample.id)).toMatchObject({ ...shown, status: 'pending' });
  });
});
