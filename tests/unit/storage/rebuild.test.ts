import type { Database, SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../../src/storage/sql/schema.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { asFirstVersion } from './first-version.ts';

const network = testNetwork();
const alex = testAccount('alex');
const ming = testAccount('ming');
let sqlJs: SqlJsStatic;
let node: TestNode;
const waiting = transferOf(network, alex, { to: ming, amount: 1, fee: 1_000, nonce: 1, memo: '\u3000spaces' });

beforeAll(async () => {
  sqlJs = await loadSqlJs();
  node = await openNode(sqlJs, network);
  const builder = new BlockBuilder(network);
  const first = builder.next(builder.genesis, {
    miner: alex,
    transactions: [registrationOf(network, alex), registrationOf(network, ming)],
  });
  // Text that sql.js would return changed.
  const payment = transferOf(network, alex, { to: ming, amount: 7, fee: 400, nonce: 0, memo: '\ufefftea' });
  const second = builder.next(first, { miner: ming, transactions: [payment] });
  await feed(node, [first, second, ...builder.extend(first, 1, { miner: alex })]);
  await node.mempool.accept(waiting, true);
});

const firstVersion = (): Database => asFirstVersion(sqlJs, node.store.export());

describe('a database of version 1', () => {
  test('opens as one of the current version with the same rows', async () => {
    const again = await openNode(sqlJs, network, firstVersion().export());
    expect(again.store.sql.number('PRAGMA user_version')).toBe(SCHEMA_VERSION);
    expect(dump(again)).toBe(dump(node));
    expect(again.store.sideBlocks()).toEqual(node.store.sideBlocks());
    expect(again.store.ownTransactions()).toEqual(node.store.ownTransactions());
    expect(again.mempool.has(waiting.id)).toBe(true);
    expect(again.store.sql.row('PRAGMA integrity_check')).toEqual(['ok']);
    expect(again.store.sql.all('PRAGMA foreign_key_check')).toEqual([]);
    expect(again.chain.blockBytes(node.chain.tip().id)).toEqual(node.chain.blockBytes(node.chain.tip().id));
  });

  test('whose rows cannot be read is damaged', () => {
    const old = firstVersion();
    old.exec('DROP TABLE side_blocks');
    expect(() => SqlChainStore.open(sqlJs, network, old.export())).toThrow(expect.objectContaining({ code: 'storage-damaged' }));
  });
});
