import { describe, expect, it } from 'vitest';
import { buildCompactBlock, fillFromMempool } from '../../../src/net/compact-message.ts';
import { COMPACT_PATIENCE_MS, COMPACT_TIMEOUT_MS, MAX_PREFILLED_BYTES } from '../../../src/net/peer-limits.ts';
import type { LinkWorth } from '../../../src/net/transport.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { shortIdFunction, type CompactBlockMessage, type Message } from '../../../src/protocol/wire.ts';
import { CHEAT, FORGER, makeBlock, makeBranch, makeTransfer } from './support/fake-chain.ts';
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
  it('include transactions that the receiver surely lacks, within a limit', () => {
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

  it('leave a place empty if two transactions match it, and give up if two short ids are equal', () => {
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
  it('credits only the link that brings the block first', async () => {
    const world = new World();
    const node = world.node('node');
    const [first, second] = [new Puppet(world, 'first', node), new Puppet(world, 'second', node)];
    for (const puppet of [first, second]) {
      // Without pongs, only the block makes a worth.
      puppet.isFrozen = true;
      puppet.hello();
    }
    await world.time.advance(100);
    const [block] = makeBranch(NETWORK, NETWORK.genesis, 1);
    const worth = (): (LinkWorth | null)[] => [first, second].map(({ link }) => link.other.worth);
    expect(worth()).toEqual([null, null]);
    for (const puppet of [first, second]) {
      puppet.send({ type: 'compactBlock', sealed: block!, salt: new Uint8Array(8), shortIds: [], prefilled: [] });
      await world.time.advance(100);
    }
    expect(node.tip).toBe(block!.id);
    expect(worth()).toEqual([{ latencyMs: null, broughtAt: expect.any(Number) as number, broughtTransactionAt: null }, null]);
    const ping = second.of('ping').at(-1)!;
    second.send({ type: 'pong', nonce: ping.nonce, clockMs: world.time.now() });
    await world.time.advance(100);
    expect(worth()[1]).toEqual({ latencyMs: expect.any(Number) as number, broughtAt: null, broughtTransactionAt: null });
  });

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
  ])('falls back to the whole block when %s, and blames no peer', async (_what, wrong) => {
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

  it('asks another peer when the missing transactions do not come', async () => {
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

  it('serves the transactions that a peer lacks, and answers notFound otherwise', async () => {
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

/** Longest added delay of a block compared with an honest peer alone, whichever peers announced the block before. */
const MOST_DELAY_MS = 2_000;

describe('reconstruction beside peers that withhold', () => {
  type Malice = (puppet: Puppet, message: Message, world: World) => void;
  const mute: Malice = () => undefined;
  const lateAndEmpty: Malice = (puppet, message, world) => {
    if (message.type !== 'getBlockTransactions') return;
    world.time.set(() => puppet.send({ type: 'blockTransactions', blockId: message.blockId, transactions: [] }), 2_700);
  };
  const emptyAtOnce: Malice = (puppet, message) => {
    if (message.type === 'getBlockTransactions') puppet.send({ type: 'blockTransactions', blockId: message.blockId, transactions: [] });
  };
  const wrong: Malice = (puppet, message) => {
    if (message.type !== 'getBlockTransactions') return;
    const transactions = message.indexes.map((index) => makeTransfer(NETWORK, 500 + index));
    puppet.send({ type: 'blockTransactions', blockId: message.blockId, transactions });
  };
  const nothing: Malice = (puppet, message) => {
    if (message.type === 'getBlockTransactions') puppet.send({ type: 'notFound', kind: 'block', ids: [message.blockId] });
    if (message.type === 'getData') puppet.send({ type: 'notFound', kind: message.kind, ids: message.ids });
  };
  const kinds: Record<string, Malice> = { mute, lateAndEmpty, emptyAtOnce, wrong, nothing };

  /** Answers as a peer with the whole block does. */
  function serve(puppet: Puppet, message: Message): void {
    if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce, clockMs: 0 });
    if (message.type === 'getData' && message.kind === 'block') puppet.send({ type: 'block', block });
    if (message.type === 'getBlockTransactions') {
      const transactions = message.indexes.map((index) => block.transactions[index]!);
      puppet.send({ type: 'blockTransactions', blockId: block.id, transactions });
    }
  }

  const compactly = (known: (id: string) => boolean) => (puppet: Puppet) => puppet.send(compact(block, known));
  const announcements: Record<string, (puppet: Puppet) => void> = {
    'the whole block': (puppet) => puppet.send({ type: 'block', block }),
    'a compact block that is complete here': compactly((id) => id === transfers[0]!.id),
    'a compact block that is not complete here': compactly(() => true),
    'its header alone': (puppet) => puppet.send({ type: 'headers', headers: [block] }),
    'its id alone': (puppet) => {
      // From now on the node knows that this peer has the tip.
      puppet.send({ type: 'ping', nonce: 1, height: 1, tip: block.id, work: 2n ** 20n, base: 0 });
      puppet.send({ type: 'inventory', kind: 'block', ids: [block.id] });
    },
  };
  const cases = Object.keys(kinds).flatMap((kind) =>
    Object.keys(announcements).flatMap((how) => [1, 4, 9].map((n) => [n, kind, how] as const)),
  );

  it.each(cases)('is not late by %i that are %s, where an honest one sends %s', async (number, kind, how) => {
    const { world, node, puppet: honest } = await scene([0]);
    honest.onMessage = (message) => serve(honest, message);
    const evil = Array.from({ length: number }, (_, i) => {
      const puppet = new Puppet(world, `evil${i}`, node);
      puppet.hello();
      puppet.onMessage = (message) => kinds[kind]!(puppet, message, world);
      return puppet;
    });
    await world.time.advance(200);
    for (const puppet of evil) puppet.send(compact(block));
    await world.time.advance(100);
    announcements[how]!(honest);
    expect(await world.time.until(() => node.tip === block.id, MOST_DELAY_MS)).toBe(true);
    // No misbehaviour is provable, so no link is ended.
    expect(node.readyPeers).toHaveLength(number + 1);
    expect(node.faults).toEqual([]);
  });

  it('learns: the next block is requested from the peer that brought the last', async () => {
    const { world, node, puppet: honest } = await scene([0]);
    honest.onMessage = (message) => serve(honest, message);
    const evil = new Puppet(world, 'evil', node);
    evil.hello();
    await world.time.advance(200);
    evil.send(compact(block));
    honest.send(compact(block));
    expect(await world.time.until(() => node.tip === block.id, MOST_DELAY_MS)).toBe(true);
    const next = makeBlock(NETWORK, block, { transactions: [makeTransfer(NETWORK, 70)] });
    evil.send(compact(next));
    await world.time.advance(100);
    const before = honest.of('getBlockTransactions').length;
    honest.send(compact(next));
    await world.time.advance(50);
    expect(honest.of('getBlockTransactions')).toHaveLength(before + 1);
  });

  it('uses transactions that arrive by gossip meanwhile', async () => {
    const { world, node, puppet: evil } = await scene([0, 1, 2]);
    evil.send(compact(block));
    await world.time.advance(100);
    const friend = new Puppet(world, 'friend', node);
    friend.hello();
    await world.time.advance(100);
    for (const serial of [4, 3]) friend.send({ type: 'transaction', transaction: transfers[serial]! });
    await world.time.advance(50);
    expect(node.tip).toBe(block.id);
  });

  it('combines transactions from different announcements', async () => {
    const { world, node, puppet: one } = await scene([0, 1]);
    const other = new Puppet(world, 'other', node);
    other.hello();
    await world.time.advance(200);
    one.send(compact(block, (id) => id !== transfers[2]!.id));
    other.send(compact(block, (id) => id !== transfers[3]!.id));
    await world.time.advance(50);
    other.send({ type: 'transaction', transaction: transfers[4]! });
    await world.time.advance(50);
    expect(node.tip).toBe(block.id);
  });

  it('blames the peer that announced an invalid block, not the peer whose message completed it', async () => {
    const { world, node, puppet: evil } = await scene([0, 1, 2, 3]);
    const invalid = makeBlock(NETWORK, NETWORK.genesis, { transactions: transfers, miner: CHEAT });
    evil.send(compact(invalid));
    const friend = new Puppet(world, 'friend', node);
    friend.hello();
    await world.time.advance(100);
    friend.send({ type: 'transaction', transaction: transfers[4]! });
    await world.time.advance(100);
    expect(evil.of('bye').map(({ reason }) => reason)).toEqual(['violation']);
    expect(node.readyPeers).toEqual([friend.peerId]);
  });

  it('asks few peers at a time, and a single peer only once', async () => {
    const { world, node, puppet } = await scene([0]);
    const others = Array.from({ length: 12 }, (_, i) => {
      const other = new Puppet(world, `other${i}`, node);
      other.hello();
      return other;
    });
    await world.time.advance(200);
    puppet.send(compact(block));
    await world.time.advance(COMPACT_TIMEOUT_MS - 100);
    expect(puppet.of('getBlockTransactions')).toHaveLength(1);
    expect(puppet.of('getData')).toEqual([]);
    const sibling = makeBlock(NETWORK, NETWORK.genesis, { transactions: transfers, nonce: 5 });
    for (const other of others) other.send(compact(sibling));
    const asked = (): number => others.filter((other) => other.of('getBlockTransactions').length > 0).length;
    await world.time.advance(50);
    expect(asked()).toBe(1);
    await world.time.advance(COMPACT_PATIENCE_MS);
    expect(asked()).toBe(3);
    await world.time.advance(COMPACT_PATIENCE_MS);
    expect(asked()).toBe(7);
  });

  it('does not start for a header on an old block, because such headers cost nothing', async () => {
    const { world, node, puppet } = await scene([0]);
    await node.load(makeBranch(NETWORK, NETWORK.genesis, 5, { nonce: 3 }));
    puppet.send(compact(block));
    await world.time.advance(100);
    expect(puppet.of('getBlockTransactions')).toEqual([]);
    expect(puppet.of('getData')).toEqual([]);
  });
});
