import { describe, expect, it } from 'vitest';
import {
  LINK_BURST_MS,
  LINK_MS_PER_SECOND,
  MAX_BACKLOG_BYTES,
  MAX_SERVE_QUEUE,
  MAX_ITEMS_AN_ANSWER,
  MAX_WAITING_PARTS,
  SEND_HIGH_WATER_BYTES,
} from '../../../src/net/peer-limits.ts';
import { encodeBlock, type DecodedBlock } from '../../../src/protocol/block.ts';
import { encodeMessage, MAX_HEADERS, MAX_INVENTORY, type Message } from '../../../src/protocol/wire.ts';
import { makeBlock, makeBranch, makeTransfer } from './support/fake-chain.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

/** Time to rebuild a full block from its rows, and to read a batch of headers. */
const BLOCK_MS = 7;
const HEADERS_MS = 13;
const STEP_MS = 100;
/** Enough attackers to request several times the work that one thread can do. */
const ATTACKERS = 12;
const SECONDS = 3;

const { genesis } = NETWORK;

/** A node whose answers take time, with a neighbour that sends it blocks. */
async function besieged(blocks: readonly DecodedBlock[]): Promise<{ world: World; node: TestNode; friend: TestNode }> {
  const world = new World();
  const node = world.node('node');
  await node.load(blocks);
  const friend = world.node('friend');
  await friend.load(blocks);
  const { chain } = node;
  const read = chain.blockBytes.bind(chain);
  chain.blockBytes = (id) => {
    world.time.sleep(BLOCK_MS);
    return read(id);
  };
  const batch = chain.headersAfter.bind(chain);
  chain.headersAfter = (locator, limit) => {
    world.time.sleep(HEADERS_MS);
    return batch(locator, limit);
  };
  world.connect(node, friend, { latencyMs: 10 });
  await world.time.advance(500);
  return { world, node, friend };
}

/** Peers that have sent `hello` and send as told, whatever the answers. */
async function attackers(world: World, node: TestNode, count: number): Promise<Puppet[]> {
  const puppets = Array.from({ length: count }, (_, i) => new Puppet(world, `attacker${i}`, node));
  await world.time.advance(100);
  for (const puppet of puppets) puppet.hello();
  await world.time.advance(1_000);
  for (const puppet of puppets) puppet.isDeaf = true;
  return puppets;
}

/** Longest wait of the node's own calls and longest delay of the friend's blocks during `seconds` of `flood`. */
async function endure(
  { world, node, friend }: { world: World; node: TestNode; friend: TestNode },
  puppets: readonly Puppet[],
  seconds: number,
  flood: (puppet: Puppet) => void,
): Promise<{ callMs: number; blockMs: number }> {
  let callMs = 0;
  let blockMs = 0;
  let mined: { id: string; at: number } | null = null;
  for (let elapsed = 0; elapsed < seconds * 1_000; elapsed += STEP_MS) {
    for (const puppet of puppets) if (!puppet.closed) flood(puppet);
    const askedAt = world.time.now();
    void node.post(() => (callMs = Math.max(callMs, world.time.now() - askedAt)));
    if (mined === null && elapsed % 2_000 === 0) mined = { id: (await friend.mine()).id, at: world.time.now() };
    await world.time.advance(STEP_MS);
    if (mined !== null && node.chain.hasBlock(mined.id)) {
      blockMs = Math.max(blockMs, world.time.now() - mined.at);
      mined = null;
    }
  }
  expect(mined).toBeNull();
  return { callMs, blockMs };
}

describe('a flood of expensive requests', () => {
  const branch = makeBranch(NETWORK, genesis, MAX_HEADERS + 100);
  let asked = 0;
  const next = (): DecodedBlock => branch[asked++ % branch.length]!;
  const floods: readonly (readonly [string, () => Message, number])[] = [
    ["a block's transactions without naming any", () => ({ type: 'getBlockTransactions', blockId: next().id, indexes: [] }), 4],
    ['headers from a different place each time', () => ({ type: 'getHeaders', locator: [next().id] }), 4],
    [
      'as many blocks as a message can name',
      () => ({ type: 'getData', kind: 'block', ids: branch.slice(0, MAX_INVENTORY).map(({ id }) => id) }),
      1,
    ],
  ];

  it.each(floods)('from many links, for %s, keeps neither calls waiting nor blocks of others', async (_what, message, count) => {
    const scene = await besieged(branch);
    const puppets = await attackers(scene.world, scene.node, ATTACKERS);
    const worst = await endure(scene, puppets, SECONDS, (puppet) => {
      for (let i = 0; i < count; i++) puppet.send(message());
    });
    expect(worst.callMs).toBeLessThan(100);
    expect(worst.blockMs).toBeLessThan(2_000);
    expect(scene.node.readyPeers).toContain(scene.friend.peerId);
    expect(scene.node.faults).toEqual([]);
  });

  it('from one link leaves the thread most of its time', async () => {
    const { world, node } = await besieged(branch);
    const [puppet] = await attackers(world, node, 1);
    let busyMs = 0;
    const sleep = world.time.sleep.bind(world.time);
    world.time.sleep = (ms) => {
      busyMs += ms;
      sleep(ms);
    };
    for (let second = 0; second < SECONDS; second++) {
      for (let i = 0; i < 100; i++) puppet!.send({ type: 'getBlockTransactions', blockId: next().id, indexes: [] });
      await world.time.advance(1_000);
    }
    expect(busyMs).toBeGreaterThan(0.8 * SECONDS * LINK_MS_PER_SECOND);
    expect(busyMs).toBeLessThan(1.2 * (LINK_BURST_MS + SECONDS * LINK_MS_PER_SECOND));
  });

  it('that does not wait for its turns costs only that link', async () => {
    const { world, node, friend } = await besieged(branch);
    const [patient, greedy] = await attackers(world, node, 2);
    node.chain.header = () => {
      world.time.sleep(600);
      return null;
    };
    const inventory = encodeMessage({ type: 'inventory', kind: 'transaction', ids: branch.map(({ id }) => id) });
    greedy!.isDeaf = false;
    for (const puppet of [patient!, greedy!]) puppet.send({ type: 'getHeaders', locator: [branch[0]!.id] });
    const room = Math.floor(MAX_BACKLOG_BYTES / inventory.length);
    for (let i = 0; i < room / 2; i++) patient!.sendBytes(inventory);
    for (let i = 0; i < room + 10; i++) greedy!.sendBytes(inventory);
    await world.time.advance(3_000);
    expect(greedy!.of('bye').map(({ reason }) => reason)).toEqual(['overload']);
    expect(greedy!.closed).toBe(true);
    expect(node.readyPeers).toEqual([friend.peerId, patient!.peerId]);
  });
});

describe('answers', () => {
  const transfers = Array.from({ length: 5 }, (_, i) => makeTransfer(NETWORK, i));
  const block = makeBlock(NETWORK, genesis, { transactions: transfers });

  async function asking(bytesPerSecond = Infinity): Promise<{ world: World; node: TestNode; puppet: Puppet }> {
    const world = new World();
    const node = world.node('node');
    await node.load([block]);
    const puppet = new Puppet(world, 'puppet', node, { bytesPerSecond });
    puppet.hello();
    await world.time.advance(1_000);
    return { world, node, puppet };
  }

  it('hold the requested transactions, and none for other blocks or places beyond the end', async () => {
    const { world, puppet } = await asking();
    puppet.send({ type: 'getBlockTransactions', blockId: block.id, indexes: [1, 4] });
    puppet.send({ type: 'getBlockTransactions', blockId: block.id, indexes: [] });
    puppet.send({ type: 'getBlockTransactions', blockId: block.id, indexes: [5] });
    puppet.send({ type: 'getBlockTransactions', blockId: 'ab'.repeat(32), indexes: [] });
    await world.time.advance(100);
    const given = puppet.of('blockTransactions').map(({ transactions }) => transactions.map(({ id }) => id));
    expect(given).toEqual([[transfers[1]!.id, transfers[4]!.id], []]);
    expect(puppet.of('notFound').map(({ kind, ids }) => [kind, ids])).toEqual([
      ['block', [block.id]],
      ['block', ['ab'.repeat(32)]],
    ]);
  });

  it('are made once for the same request, and again after the chain has changed', async () => {
    const { world, node, puppet } = await asking();
    let reads = 0;
    const batch = node.chain.headersAfter.bind(node.chain);
    node.chain.headersAfter = (...args) => {
      reads++;
      return batch(...args);
    };
    const ask = async (locator: string[]): Promise<string[]> => {
      puppet.send({ type: 'getHeaders', locator });
      await world.time.advance(50);
      return puppet
        .of('headers')
        .at(-1)!
        .headers.map(({ id }) => id);
    };
    expect(await ask([genesis.id])).toEqual([block.id]);
    expect(await ask(['cd'.repeat(32)])).toEqual([block.id]);
    expect(reads).toBe(1);
    const second = await node.mine();
    expect(await ask([genesis.id])).toEqual([block.id, second.id]);
    expect(await ask([block.id])).toEqual([second.id]);
    expect(await ask([second.id])).toEqual([]);
    // Another chain of the same height.
    const other = makeBranch(NETWORK, genesis, 3, { nonce: 9 });
    await node.load(other);
    expect(await ask([genesis.id])).toEqual(other.map(({ id }) => id));
    expect(await ask([second.id, block.id])).toEqual(other.map(({ id }) => id));
  });

  it('wait for space on the link', async () => {
    const { world, node, puppet } = await asking(60_000);
    const large = makeBlock(NETWORK, block, { transactions: Array.from({ length: 700 }, (_, i) => makeTransfer(NETWORK, 10 + i)) });
    await node.load([large]);
    const size = encodeBlock(large).length;
    for (let i = 0; i < 3; i++) puppet.send({ type: 'getData', kind: 'block', ids: Array<string>(MAX_INVENTORY).fill(large.id) });
    for (let i = 0; i < MAX_WAITING_PARTS + 3; i++) puppet.send({ type: 'getBlockTransactions', blockId: large.id, indexes: [0] });
    let most = 0;
    for (let i = 0; i < 200; i++) {
      await world.time.advance(100);
      most = Math.max(most, puppet.link.other.bufferedBytes());
    }
    expect(most).toBeGreaterThan(SEND_HIGH_WATER_BYTES / 2);
    // The high-water mark, and one answer beyond it.
    expect(most).toBeLessThan(SEND_HIGH_WATER_BYTES + size + 10_000);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });

  it('to requests beyond the queue are refusals, and none while the link has no space', async () => {
    const { world, node, puppet } = await asking();
    const { other } = puppet.link;
    const bufferedBytes = other.bufferedBytes.bind(other);
    const ask = async (times: number): Promise<number[]> => {
      for (let i = 0; i < times; i++)
        puppet.send({ type: 'getData', kind: 'block', ids: Array<string>(MAX_INVENTORY).fill('ab'.repeat(32)) });
      await world.time.advance(2_000);
      return puppet.of('notFound').map(({ ids }) => ids.length);
    };
    other.bufferedBytes = () => SEND_HIGH_WATER_BYTES;
    expect(await ask(MAX_SERVE_QUEUE / MAX_INVENTORY + 3)).toEqual([]);
    other.bufferedBytes = bufferedBytes;
    const refused = await ask(1);
    // All of the queue, and none of the requests beyond the queue, except the last.
    expect(refused.reduce((sum, length) => sum + length, 0)).toBe(MAX_SERVE_QUEUE + MAX_INVENTORY);
    expect(refused.some((length) => length > MAX_ITEMS_AN_ANSWER)).toBe(true);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });
});
