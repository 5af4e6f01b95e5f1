import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock } from '../../../src/protocol/block.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';
import { MAX_HEADERS, type Message } from '../../../src/protocol/wire.ts';
import {
  CATCH_UP_PATIENCE_MS,
  PATIENCE_PER_BLOCK_MS,
  DOWNLOAD_WINDOW_BYTES,
  MAX_IN_FLIGHT_BLOCKS,
  PING_INTERVAL_MS,
  UNPROVEN_IN_FLIGHT_BLOCKS,
} from '../../../src/net/peer-limits.ts';
import { CHEAT, makeBlock, makeBranch } from './support/fake-chain.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

const { genesis } = NETWORK;
/** Twice the work of an ordinary block. */
const HEAVY_BITS = compactBits(expandBits(NETWORK.powLimitBits) / 2n);
/** Approximate work of one ordinary block. */
const UNIT = 2n ** 20n;

function tips(nodes: readonly TestNode[]): Set<string> {
  return new Set(nodes.map(({ tip }) => tip));
}

/** A puppet that serves `blocks`, except those that `withhold` names. */
function servant(
  world: World,
  name: string,
  node: TestNode,
  blocks: readonly ReturnType<typeof makeBlock>[],
  withhold: (id: string) => boolean = () => false,
): Puppet {
  const puppet = new Puppet(world, name, node);
  const byId = new Map(blocks.map((block) => [block.id, block]));
  puppet.onMessage = (message: Message) => {
    if (message.type === 'hello') {
      const last = blocks.at(-1)!;
      puppet.hello({ height: last.header.height, tip: last.id, work: 2n * UNIT * BigInt(blocks.length) });
    }
    if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce, clockMs: world.time.now() });
    if (message.type === 'getHeaders') {
      const start = blocks.findIndex(({ id }) => message.locator.includes(id)) + 1;
      puppet.send({ type: 'headers', headers: blocks.slice(start, start + MAX_HEADERS) });
    }
    if (message.type === 'getData') {
      for (const id of message.ids) if (byId.has(id) && !withhold(id)) puppet.send({ type: 'block', block: byId.get(id)! });
    }
  };
  return puppet;
}

describe('sync', () => {
  it('brings a newcomer up from nothing, over several batches of headers', async () => {
    const world = new World();
    const [old, fresh] = [world.node('old'), world.node('fresh')];
    await old.load(makeBranch(NETWORK, genesis, MAX_HEADERS + 30));
    world.connect(old, fresh, { latencyMs: 5 });
    expect(await world.time.until(() => fresh.service.status().sync.syncing, 5_000)).toBe(true);
    expect(await world.time.until(() => fresh.tip === old.tip, 20_000)).toBe(true);
    expect(fresh.service.status().sync).toEqual({
      target: MAX_HEADERS + 30,
      height: MAX_HEADERS + 30,
      syncing: false,
      unsure: false,
      cutOff: false,
    });
  });

  it('fetches each block once, except one per peer to test it, and shares the work among peers', async () => {
    const world = new World();
    const branch = makeBranch(NETWORK, genesis, 120);
    const olds = ['a', 'b', 'c'].map((name) => world.node(name));
    for (const old of olds) await old.load(branch);
    const fresh = world.node('fresh');
    for (const old of olds) world.connect(fresh, old, { latencyMs: 20, bytesPerSecond: 50_000 });
    expect(await world.time.until(() => fresh.tip === olds[0]!.tip, 30_000)).toBe(true);
    expect(fresh.chain.acceptedBlocks).toBeLessThanOrEqual(120 + olds.length - 1);
    for (const { received } of fresh.service.status().peers) expect(received).toBeGreaterThan(2_000);
  });

  it('continues with other peers when one stalls, and does not wait for it again', async () => {
    const world = new World();
    const branch = makeBranch(NETWORK, genesis, 60);
    const fresh = world.node('fresh');
    servant(world, 'staller', fresh, branch, () => true);
    expect(await world.time.until(() => fresh.chain.bestHeader().height === 60, 5_000)).toBe(true);
    const honest = world.node('honest');
    await honest.load(branch);
    world.connect(fresh, honest);
    expect(await world.time.until(() => fresh.tip === honest.tip, 20_000)).toBe(true);
    expect(fresh.readyPeers).toHaveLength(2);
  });

  it('does not let one withheld block delay the rest for long', async () => {
    const world = new World();
    const branch = makeBranch(NETWORK, genesis, 40);
    const fresh = world.node('fresh');
    servant(world, 'withholder', fresh, branch, (id) => id === branch[0]!.id);
    const honest = world.node('honest');
    await honest.load(branch);
    world.connect(fresh, honest);
    expect(await world.time.until(() => fresh.tip === honest.tip, 9_000)).toBe(true);
  });

  it('falls back to another branch, however long, if the bodies of the best are not available', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const withheld = makeBranch(NETWORK, genesis, 1_200, { nonce: 1 });
    servant(world, 'withholder', fresh, withheld, () => true);
    expect(await world.time.until(() => fresh.chain.bestHeader().height === withheld.length, 30_000)).toBe(true);
    const honest = world.node('honest');
    await honest.load(makeBranch(NETWORK, genesis, 1_100));
    world.connect(fresh, honest);
    expect(await world.time.until(() => fresh.tip === honest.tip, 120_000)).toBe(true);
  });

  it('does not give a peer more time for the rest when requesting more from it', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    // A longer branch without bodies that grows all the time, so that the node always has something new to request from every peer.
    const withheld = makeBranch(NETWORK, genesis, 60, { nonce: 1 });
    const withholder = servant(world, 'withholder', fresh, withheld.slice(0, 30), () => true);
    const branch = makeBranch(NETWORK, genesis, 10);
    const hoarder = servant(world, 'hoarder', fresh, branch, () => true);
    const serve = hoarder.onMessage;
    hoarder.onMessage = (message) => {
      serve(message);
      const foreign = message.type === 'getData' ? message.ids.filter((id) => withheld.some((block) => block.id === id)) : [];
      if (foreign.length > 0) hoarder.send({ type: 'notFound', kind: 'block', ids: foreign });
    };
    await world.time.advance(1_000);
    // A claim high enough that the node asks this peer for the growing branch.
    hoarder.send({ type: 'ping', nonce: 1, height: 100, tip: branch[9]!.id, work: 40n * UNIT, base: 0 });
    const honest = world.node('honest');
    await honest.load(branch);
    world.connect(fresh, honest);
    for (let i = 30; i < 60 && fresh.tip !== honest.tip; i++) {
      withholder.send({ type: 'headers', headers: [withheld[i]!] });
      await world.time.advance(1_000);
    }
    expect(fresh.tip).toBe(honest.tip);
  });

  it('fills a gap under blocks of a branch that is not the best known', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    servant(world, 'withholder', fresh, makeBranch(NETWORK, genesis, 40, { nonce: 1 }), () => true);
    const branch = makeBranch(NETWORK, genesis, 10);
    let lost: string | null = branch[3]!.id;
    servant(world, 'forgetful', fresh, branch, (id) => id === lost);
    expect(await world.time.until(() => fresh.chain.hasBlock(branch[9]!.id), 60_000)).toBe(true);
    lost = null;
    expect(await world.time.until(() => fresh.tip === branch[9]!.id, 120_000)).toBe(true);
  });

  it('asks the next peer when one claims work that it cannot prove', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const liar = new Puppet(world, 'liar', fresh);
    liar.hello({ height: 1_000_000, tip: 'ab'.repeat(32), work: 2n ** 100n });
    await world.time.advance(500);
    expect(liar.of('getHeaders')).toHaveLength(1);
    expect(fresh.service.status().sync).toEqual({ target: 0, height: 0, syncing: false, unsure: true, cutOff: false });
    expect(fresh.service.status().peers[0]!.height).toBe(0);
    const honest = world.node('honest');
    await honest.load(makeBranch(NETWORK, genesis, 5));
    world.connect(fresh, honest);
    expect(await world.time.until(() => fresh.tip === honest.tip, 2_000)).toBe(true);
    expect(fresh.service.status().sync).toEqual({ target: 5, height: 5, syncing: false, unsure: false, cutOff: false });
  });

  it('asks a peer for a bounded number of blocks at a time', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const branch = makeBranch(NETWORK, genesis, 100);
    let given = 0;
    const puppet = servant(world, 'slow', fresh, branch, () => ++given > 1);
    await world.time.advance(20);
    expect(
      puppet
        .of('getData')
        .flatMap(({ ids }) => ids)
        .slice(0, UNPROVEN_IN_FLIGHT_BLOCKS),
    ).toEqual(branch.slice(0, UNPROVEN_IN_FLIGHT_BLOCKS).map(({ id }) => id));
    await world.time.advance(1_000);
    expect(puppet.of('getData').flatMap(({ ids }) => ids)).toHaveLength(1 + MAX_IN_FLIGHT_BLOCKS);
  });

  it('requests little from a peer that has never delivered', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const puppet = servant(world, 'withholder', fresh, makeBranch(NETWORK, genesis, 100), () => true);
    await world.time.advance(1_500);
    expect(puppet.of('getData').flatMap(({ ids }) => ids)).toHaveLength(UNPROVEN_IN_FLIGHT_BLOCKS);
  });

  it('does not run far ahead of a block that does not come', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const branch = makeBranch(NETWORK, genesis, 300);
    const puppet = servant(world, 'withholder', fresh, branch, (id) => id === branch[0]!.id);
    await world.time.advance(5_000);
    const asked = new Set(puppet.of('getData').flatMap(({ ids }) => ids));
    expect(asked.size).toBe(Math.floor(DOWNLOAD_WINDOW_BYTES / NETWORK.maxBlockBytes));
  });

  it('finds another branch when the best headers have no bodies', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    servant(world, 'ghost', fresh, makeBranch(NETWORK, genesis, 10, { nonce: 1 }), () => true);
    await world.time.advance(1_000);
    const honest = world.node('honest');
    await honest.load(makeBranch(NETWORK, genesis, 8, { nonce: 2 }));
    world.connect(fresh, honest);
    expect(await world.time.until(() => fresh.tip === honest.tip, 20_000)).toBe(true);
  });

  it('does not wait for ever for withheld bodies: it mines and gossips on its own tip', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    servant(world, 'ghost', fresh, makeBranch(NETWORK, genesis, 10), () => true);
    await world.time.advance(2_000);
    expect(fresh.service.holdsUp()).toBe('syncing');
    expect(fresh.service.status().sync.syncing).toBe(true);
    await world.time.advance(CATCH_UP_PATIENCE_MS);
    expect(fresh.service.holdsUp()).toBe(null);
    expect(fresh.service.status().sync.syncing).toBe(false);
    expect(fresh.chain.tip().height).toBe(0);
    // Blocks that others find meanwhile do not restart the wait.
    await fresh.load(makeBranch(NETWORK, genesis, 2, { nonce: 1 }));
    await world.time.advance(2_000);
    expect(fresh.chain.tip().height).toBe(2);
    expect(fresh.service.holdsUp()).toBe(null);
  });

  it('is not kept from mining by bodies that drip in just in time', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const branch = makeBranch(NETWORK, genesis, 30);
    let given = 0;
    const dripper = servant(world, 'dripper', fresh, branch, (id) => branch.findIndex((block) => block.id === id) >= given);
    await world.time.advance(2_000);
    let heldMs = 0;
    const stepMs = 1_000;
    for (let elapsedMs = 0; elapsedMs < 10 * CATCH_UP_PATIENCE_MS; elapsedMs += stepMs) {
      if (elapsedMs % (CATCH_UP_PATIENCE_MS - stepMs) === 0) dripper.send({ type: 'block', block: branch[given++]! });
      if (fresh.service.holdsUp() === 'syncing') heldMs += stepMs;
      await world.time.advance(stepMs);
    }
    expect(fresh.chain.tip().height).toBe(given);
    expect(fresh.service.status().sync.syncing).toBe(true);
    expect(heldMs).toBeLessThanOrEqual(CATCH_UP_PATIENCE_MS + given * PATIENCE_PER_BLOCK_MS);
  });

  it('blames a peer for an invalid block, and no peer for a block ahead of this clock', async () => {
    const world = new World();
    const node = world.node('node');
    const cheat = servant(world, 'cheat', node, [makeBlock(NETWORK, genesis, { miner: CHEAT })]);
    await world.time.advance(1_000);
    expect(cheat.of('bye').map(({ reason }) => reason)).toEqual(['violation']);
    const early = servant(world, 'early', node, [makeBlock(NETWORK, genesis, { timeMs: world.time.now() + 1e9 })]);
    await world.time.advance(1_000);
    early.send({ type: 'block', block: makeBlock(NETWORK, genesis, { timeMs: world.time.now() + 1e9 }) });
    await world.time.advance(1_000);
    expect(node.chain.tip().height).toBe(0);
    expect(node.readyPeers).toEqual([early.peerId]);
  });

  it('requests a branch again at once, from its beginning, if it was only counted so far', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const branch = makeBranch(NETWORK, genesis, MAX_HEADERS + 20);
    const accept = fresh.chain.acceptHeaders.bind(fresh.chain);
    let counted = 0;
    fresh.chain.acceptHeaders = (headers) => {
      if (counted >= branch.length) return accept(headers);
      counted += headers.length;
      const added = headers.length;
      return counted < branch.length ? { status: 'accepted', added, held: 0 } : { status: 'again', added };
    };
    const peer = servant(world, 'peer', fresh, branch);
    expect(await world.time.until(() => fresh.chain.bestHeader().id === branch.at(-1)!.id, 10_000)).toBe(true);
    expect(counted).toBe(branch.length);
    const asked = peer.of('getHeaders').map(({ locator }) => locator);
    expect(asked[1]).toContain(branch[MAX_HEADERS - 1]!.id);
    expect(asked[2]).toEqual([genesis.id]);
  });

  it('fetches the blocks below an orphan block', async () => {
    const world = new World();
    const node = world.node('node');
    const branch = makeBranch(NETWORK, genesis, 4);
    const puppet = servant(world, 'puppet', node, branch);
    puppet.hello = () => undefined;
    await world.time.advance(10);
    Puppet.prototype.hello.call(puppet);
    puppet.send({ type: 'block', block: branch[3]! });
    expect(await world.time.until(() => node.tip === branch[3]!.id, 2_000)).toBe(true);
  });
});

describe('forks', () => {
  it('are resolved by work, not by height, on both sides', async () => {
    const world = new World();
    const [long, heavy] = [world.node('long'), world.node('heavy')];
    const common = makeBranch(NETWORK, genesis, 3);
    await long.load(common);
    await heavy.load(common);
    for (let i = 0; i < 5; i++) await long.mine();
    for (let i = 0; i < 3; i++) await heavy.mine({ bits: HEAVY_BITS });
    const winner = heavy.tip;
    world.connect(long, heavy);
    expect(await world.time.until(() => long.tip === winner, 5_000)).toBe(true);
    expect(heavy.tip).toBe(winner);
  });

  it('of equal work stay until the next block', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    await a.mine();
    await b.mine();
    const [tipA, tipB] = [a.tip, b.tip];
    world.connect(a, b);
    await world.time.advance(3 * PING_INTERVAL_MS);
    expect([a.tip, b.tip]).toEqual([tipA, tipB]);
    await b.mine();
    expect(await world.time.until(() => a.tip === b.tip, 2_000)).toBe(true);
    expect(a.chain.activeId(1)).toBe(tipB);
  });

  it('of three miners at once converge with the next blocks', async () => {
    const world = new World();
    const nodes = ['a', 'b', 'c'].map((name) => world.node(name));
    for (const [i, node] of nodes.entries()) world.connect(node, nodes[(i + 1) % 3]!, { latencyMs: 50 });
    await world.time.advance(500);
    for (let round = 0; round < 6; round++) {
      await Promise.all(nodes.map((node) => node.mine()));
      await world.time.advance(1_000);
      await nodes[round % 3]!.mine();
      expect(await world.time.until(() => tips(nodes).size === 1, 2_000)).toBe(true);
    }
    expect(nodes[0]!.chain.tip().height).toBe(12);
    expect(nodes.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('grown while disconnected are given up after reconnecting', async () => {
    const world = new World();
    const nodes = ['a', 'b', 'c'].map((name) => world.node(name));
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode];
    const link = world.connect(a, b);
    world.connect(b, c);
    await world.time.advance(500);
    await a.mine();
    expect(await world.time.until(() => tips(nodes).size === 1, 2_000)).toBe(true);
    link.cut();
    for (let i = 0; i < 4; i++) await a.mine();
    for (let i = 0; i < 7; i++) {
      await b.mine();
      await world.time.advance(100);
    }
    const lost: string[] = [];
    a.chain.onDisconnected = (block) => lost.push(block.id);
    world.connect(a, b);
    expect(await world.time.until(() => tips(nodes).size === 1, 5_000)).toBe(true);
    expect(a.tip).toBe(b.tip);
    expect(lost).toHaveLength(4);
  });
});

it('heals a lost announcement with the next ping', async () => {
  const world = new World();
  const [a, b] = [world.node('a'), world.node('b')];
  world.connect(a, b);
  await world.time.advance(500);
  a.chain.onConnected = () => undefined;
  await a.mine();
  expect(await world.time.until(() => b.tip === a.tip, PING_INTERVAL_MS + 2_000)).toBe(true);
});

it('serves no faster than the link accepts', async () => {
  const world = new World();
  const node = world.node('node');
  const branch = makeBranch(NETWORK, genesis, 2_500);
  await node.load(branch);
  const puppet = new Puppet(world, 'puppet', node, { bytesPerSecond: 100_000 });
  puppet.hello();
  puppet.send({ type: 'getData', kind: 'block', ids: branch.slice(0, 1_000).map(({ id }) => id) });
  puppet.send({ type: 'getData', kind: 'block', ids: branch.slice(1_000, 2_000).map(({ id }) => id) });
  puppet.send({ type: 'getData', kind: 'block', ids: branch.slice(2_000).map(({ id }) => id) });
  let most = 0;
  const all = await world.time.until(() => {
    most = Math.max(most, puppet.link.other.bufferedBytes());
    return puppet.of('block').length === 2_500;
  }, 20_000);
  expect(all).toBe(true);
  expect(most).toBeGreaterThan(100_000);
  expect(most).toBeLessThan(300_000);
  const size = encodeBlock(branch[0]!).length;
  expect(decodeBlock(encodeBlock(puppet.of('block')[0]!.block), size).id).toBe(branch[0]!.id);
});

it('continues on the same links when the chain is exchanged', async () => {
  const world = new World();
  const [a, b, donor] = [world.node('a'), world.node('b'), world.node('donor')];
  world.connect(a, b);
  await world.time.advance(500);
  await donor.load(makeBranch(NETWORK, genesis, 6));
  await a.post(() => a.service.rebind(donor.chain, donor.mempool));
  expect(await world.time.until(() => b.tip === donor.tip, 3_000)).toBe(true);
  expect(a.service.status().sync.height).toBe(6);
  expect(a.readyPeers).toEqual([b.peerId]);
});
