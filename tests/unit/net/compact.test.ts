import { describe, expect, it } from 'vitest';
import { buildCompactBlock, fillFromMempool } from '../../../src/net/compact.ts';
import { COMPACT_TIMEOUT_MS, MAX_PREFILLED_BYTES } from '../../../src/net/limits.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { shortIdFunction, type CompactBlockMessage } from '../../../src/protocol/wire.ts';
import { CHEAT, FORGER, makeBlock, makeTransfer } from './support/fake-chain.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

const SALT = new Uint8Array(8).fill(3);
const transfers = Array.from({ length: 5 }, (_, i) => makeTransfer(NETWORK, i));
const block = makeBlock(NETWORK, NETWORK.genesis, { transactions: transfers });

function compact(of: DecodedBlock, isKnown: (id: string) => boolean = () => true): CompactBlockMessage {
  const shortIds = of.transactions.map(({ id }) => id).map(shortIdFunction(of, SALT));
  return buildCompactBlock(of, SALT, shortIds, isKnown);
}

describe('compact blocks', () => {
  it('carry what the receiver surely lacks, within a limit', () => {
    expect(compact(block, (id) => id !== transfers[2]!.id).prefilled.map(({ index }) => index)).toEqual([2]);
    const many = makeBlock(NETWORK, NETWORK.genesis, { transactions: Array.from({ length: 200 }, (_, i) => makeTransfer(NETWORK, i)) });
    const message = compact(many, () => false);
    expect(message.prefilled.reduce((sum, { transaction }) => sum + transaction.bytes.length, 0)).toBeLessThanOrEqual(MAX_PREFILLED_BYTES);
    expect(message.prefilled.length + message.shortIds.length).toBe(200);
  });

  it('are filled from the mempool in block order', () => {
    const others = [makeTransfer(NETWORK, 90), makeTransfer(NETWORK, 91)];
    const message = compact(block, (id) => id !== transfers[3]!.id);
    expect(fillFromMempool(message, [...others, transfers[4]!, transfers[0]!])).toEqual([
      transfers[0],
      undefined,
      undefined,
      transfers[3],
      transfers[4],
    ]);
  });

  it('leave a place empty that two transactions fit, and give up where two short ids are equal', () => {
    const message = compact(block);
    const twin = { ...transfers[1]!, bytes: new Uint8Array(1) };
    expect(fillFromMempool(message, [transfers[0]!, transfers[1]!, twin])?.[1]).toBeUndefined();
    expect(fillFromMempool({ ...message, shortIds: [1, 2, 1] }, [])).toBeNull();
  });
});

interface Scene {
  world: World;
  node: TestNode;
  puppet: Puppet;
}

async function scene(mempool: readonly number[]): Promise<Scene> {
  const world = new World();
  const node = world.node('node');
  for (const serial of mempool) await node.submit(transfers[serial]!);
  const puppet = new Puppet(world, 'puppet', node);
  puppet.hello();
  await world.time.advance(200);
  return { world, node, puppet };
}

describe('reconstruction', () => {
  it('needs nothing more when the mempool has everything', async () => {
    const { world, node, puppet } = await scene([0, 1, 2, 3, 4]);
    puppet.send(compact(block));
    await world.time.advance(100);
    expect(node.tip).toBe(block.id);
    expect(puppet.of('getBlockTransactions')).toEqual([]);
    expect(puppet.of('getData')).toEqual([]);
  });

  it('asks for just the missing transactions', async () => {
    const { world, node, puppet } = await scene([0, 2, 4]);
    puppet.send(compact(block));
    await world.time.advance(100);
    expect(puppet.of('getBlockTransactions').map(({ indexes }) => indexes)).toEqual([[1, 3]]);
    puppet.send({ type: 'blockTransactions', blockId: block.id, transactions: [transfers[1]!, transfers[3]!] });
    await world.time.advance(100);
    expect(node.tip).toBe(block.id);
    expect(puppet.of('getData')).toEqual([]);
  });

  it.each([
    ['the wrong ones come', [transfers[3]!, transfers[1]!]],
    ['too few come', [transfers[1]!]],
  ])('falls back to the whole block when %s, and blames nobody', async (_what, wrong) => {
    const { world, node, puppet } = await scene([0, 2, 4]);
    puppet.send(compact(block));
    await world.time.advance(100);
    puppet.send({ type: 'blockTransactions', blockId: block.id, transactions: wrong });
    await world.time.advance(100);
    expect(puppet.of('getData').map(({ ids }) => ids)).toEqual([[block.id]]);
    puppet.send({ type: 'block', block });
    await world.time.advance(100);
    expect(node.tip).toBe(block.id);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });

  it('asks somebody else when the missing transactions do not come', async () => {
    const { world, node, puppet } = await scene([0]);
    const honest = world.node('honest');
    world.connect(node, honest);
    await world.time.advance(200);
    puppet.send(compact(block));
    await world.time.advance(50);
    honest.chain.onConnected = () => undefined;
    await honest.load([block]);
    honest.service.announceBlock(block.id);
    expect(await world.time.until(() => node.tip === block.id, COMPACT_TIMEOUT_MS + 2_000)).toBe(true);
  });

  it('fetches the headers between when the parent is unknown', async () => {
    const { world, puppet } = await scene([]);
    const child = makeBlock(NETWORK, block);
    puppet.send(compact(child));
    await world.time.advance(100);
    expect(puppet.of('getHeaders')).toHaveLength(1);
  });

  it('does nothing for a header without proof of work, and ends the link', async () => {
    const { world, node, puppet } = await scene([0]);
    puppet.send(compact(makeBlock(NETWORK, NETWORK.genesis, { transactions: transfers, miner: FORGER })));
    await world.time.advance(100);
    expect(puppet.of('bye').map(({ reason }) => reason)).toEqual(['violation']);
    expect(node.chain.acceptedBlocks).toBe(0);
  });

  it('blames the sender of a block that breaks a rule', async () => {
    const { world, puppet } = await scene([0, 1, 2, 3, 4]);
    puppet.send(compact(makeBlock(NETWORK, NETWORK.genesis, { transactions: transfers, miner: CHEAT })));
    await world.time.advance(100);
    expect(puppet.of('bye').map(({ reason }) => reason)).toEqual(['violation']);
  });

  it('serves the transactions that another lacks, and says so when it cannot', async () => {
    const { world, node, puppet } = await scene([]);
    await node.load([block]);
    puppet.send({ type: 'getBlockTransactions', blockId: block.id, indexes: [1, 4] });
    puppet.send({ type: 'getBlockTransactions', blockId: block.id, indexes: [5] });
    puppet.send({ type: 'getBlockTransactions', blockId: 'ab'.repeat(32), indexes: [0] });
    await world.time.advance(100);
    expect(puppet.of('blockTransactions').map((m) => m.transactions.map(({ id }) => id))).toEqual([[transfers[1]!.id, transfers[4]!.id]]);
    expect(puppet.of('notFound').map(({ ids }) => ids)).toEqual([[block.id], ['ab'.repeat(32)]]);
  });
});
