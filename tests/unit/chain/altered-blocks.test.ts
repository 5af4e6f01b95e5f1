import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeBlock, sealBlock, type DecodedBlock } from '../../../src/protocol/block.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from './support.ts';

const network = testNetwork();
const alex = testAccount('alex');
const builder = new BlockBuilder(network);
const HEIGHT = 4;

let sqlJs: SqlJsStatic;
let blocks: DecodedBlock[];
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  let tip = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex)] });
  blocks = [tip];
  for (let nonce = 0; nonce < 6; nonce++) {
    const memo = { kind: 'plain', text: `lunch ${nonce}` } as const;
    const payment = transferOf(network, alex, { to: testAccount('ming'), amount: 10, nonce, memo });
    blocks.push((tip = builder.next(tip, { miner: alex, transactions: [payment] })));
  }
});

const ALTERATIONS: Readonly<Record<string, string>> = {
  'another memo': `UPDATE transactions SET memo = 'dinner' WHERE height = ${HEIGHT}`,
  'a memo that cannot be encoded': `UPDATE transactions SET memo = '' WHERE height = ${HEIGHT}`,
  'another signature': `UPDATE transactions SET signature = zeroblob(256) WHERE height = ${HEIGHT}`,
  'another amount': `UPDATE transactions SET amount = amount + 1 WHERE height = ${HEIGHT}`,
  'a transaction lost': `DELETE FROM transactions WHERE height = ${HEIGHT}`,
};

async function altered(sql: string): Promise<{ node: TestNode; told: string[] }> {
  const node = await openNode(sqlJs, network);
  await feed(node, blocks);
  const told: string[] = [];
  node.chain.altered.watch({
    altered: (height) => told.push(`altered ${height}`),
    mended: (height) => told.push(`mended ${height}`),
  });
  node.store.sql.script(sql);
  return { node, told };
}

describe.each(Object.keys(ALTERATIONS))('a stored body with %s', (name) => {
  test('is detected when it is read, reported once, and given to no peer', async () => {
    const { node, told } = await altered(ALTERATIONS[name]!);
    const block = blocks[HEIGHT - 1]!;
    expect(node.chain.activeBlock(HEIGHT)).toBeNull();
    expect(node.chain.blockBytes(block.id)).toBeNull();
    expect(node.chain.altered.ids(10)).toEqual([block.id]);
    expect(told).toEqual([`altered ${HEIGHT}`]);
    expect(node.chain.activeBlock(HEIGHT - 1)).not.toBeNull();
  });

  test('is repaired by the true one, and by no other', async () => {
    const { node, told } = await altered(ALTERATIONS[name]!);
    const block = blocks[HEIGHT - 1]!;
    node.chain.activeBlock(HEIGHT);
    const other = sealBlock(block.header, block.nonce, blocks[HEIGHT]!.transactions);
    expect(await feed(node, [other])).toEqual(['transaction-root-wrong']);
    expect(node.chain.activeBlock(HEIGHT)).toBeNull();
    expect(await feed(node, [block])).toEqual(['known']);
    expect(told).toEqual([`altered ${HEIGHT}`, `mended ${HEIGHT}`]);
    expect(node.chain.blockBytes(block.id)).toEqual(encodeBlock(block));
    const untouched = await openNode(sqlJs, network);
    await feed(untouched, blocks);
    expect(dump(node)).toBe(dump(untouched));
  });

  test('delays a reorganisation until it is repaired', async () => {
    const { node, told } = await altered(ALTERATIONS[name]!);
    let tip = blocks[1]!;
    const branch: DecodedBlock[] = [];
    while (branch.length < 8) branch.push((tip = builder.next(tip, { miner: testAccount('wu') })));
    const old = node.chain.tip().id;
    await feed(node, branch);
    expect(node.chain.tip().id).toBe(old);
    expect(told).toEqual([`altered ${HEIGHT}`]);
    await feed(node, [blocks[HEIGHT - 1]!]);
    expect(node.chain.tip().id).toBe(tip.id);
  });
});
