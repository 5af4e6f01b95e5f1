import { describe, expect, it } from 'vitest';
import { createNetwork } from '../../../src/protocol/network.ts';
import { encodeMessage } from '../../../src/protocol/wire.ts';
import { DISCOURAGE_MS, HELLO_TIMEOUT_MS, PING_INTERVAL_MS, SILENCE_TIMEOUT_MS } from '../../../src/net/peer-limits.ts';
import { FORGER, makeBlock } from './support/fake-chain.ts';
import type { LinkOptions } from './support/memory-transport.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

async function meet(link: LinkOptions = {}): Promise<{ world: World; node: TestNode; puppet: Puppet }> {
  const world = new World();
  const node = world.node('node');
  const puppet = new Puppet(world, 'puppet', node, link);
  await world.time.advance(100);
  return { world, node, puppet };
}

const { genesis } = NETWORK;
const byeReasons = (puppet: Puppet): string[] => puppet.of('bye').map(({ reason }) => reason);

describe('handshake', () => {
  it('makes two nodes ready for each other and shows each other’s details', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b', { clockAheadMs: 5_000 })];
    world.connect(a, b, { latencyMs: 20 });
    await world.time.advance(1_000);
    const { peers, clockSkewMs } = a.service.status();
    expect(peers).toMatchObject([{ id: b.peerId, kind: 'direct', state: 'ready', height: 0, latencyMs: 40, agent: 'test/b' }]);
    expect(clockSkewMs).toBe(-5_000);
    expect(b.service.status().clockSkewMs).toBe(5_000);
    expect(peers[0]!.sent).toBe(b.service.status().peers[0]!.received);
  });

  it('sends hello first and counts a link as connecting until the answer', async () => {
    const { node, puppet } = await meet();
    expect(puppet.received.map(({ type }) => type)).toEqual(['hello']);
    expect(node.service.status().peers).toMatchObject([{ state: 'connecting' }]);
  });

  it.each([
    ['the same tip', { height: 0, tip: genesis.id }, true],
    ['a block that the chain lacks', { height: 0, tip: 'ab'.repeat(32) }, false],
    ['a height without a block', { height: 4_000_000_000, tip: genesis.id }, false],
  ])('says whether the chain has the claimed tip: %s', async (_what, claim, agrees) => {
    const { world, node, puppet } = await meet();
    expect(node.service.status().peers).toMatchObject([{ tip: null, agrees: null, base: null, greeting: null }]);
    puppet.hello({ ...claim, base: 0 });
    await world.time.advance(100);
    expect(node.service.status().peers).toMatchObject([{ tip: claim.tip, agrees, base: 0, greeting: { height: claim.height, agrees } }]);
    puppet.send({ type: 'ping', nonce: 1, height: 9, tip: 'cd'.repeat(32), work: 5n, base: 0 });
    await world.time.advance(100);
    // The greeting stays what the peer had when the link opened.
    expect(node.service.status().peers).toMatchObject([{ tip: 'cd'.repeat(32), greeting: { height: claim.height } }]);
  });

  it('ends the link at data before hello', async () => {
    const { world, node, puppet } = await meet();
    puppet.send({ type: 'getMempool' });
    puppet.hello();
    await world.time.advance(100);
    expect(byeReasons(puppet)).toEqual(['handshake']);
    expect(node.service.status().peers).toEqual([]);
    expect(puppet.closed).toBe(true);
  });

  it.each([
    ['network', { networkId: createNetwork({ label: 'other' }).id }],
    ['handshake', { peerId: '0'.repeat(16) }],
  ])('ends the link with %s at a hello that does not fit', async (reason, fields) => {
    const { world, puppet } = await meet();
    puppet.hello(fields);
    await world.time.advance(100);
    expect(byeReasons(puppet)).toEqual([reason]);
    expect(puppet.closed).toBe(true);
  });

  it('ends the link at a second hello', async () => {
    const { world, puppet } = await meet();
    puppet.hello();
    puppet.hello();
    await world.time.advance(100);
    expect(byeReasons(puppet)).toEqual(['handshake']);
  });

  it('recognises itself', async () => {
    const { world, node, puppet } = await meet();
    puppet.hello({ peerId: node.peerId });
    await world.time.advance(100);
    expect(byeReasons(puppet)).toEqual(['self']);
  });

  it('tells a peer of another version, without discouraging it', async () => {
    const { world, node, puppet } = await meet();
    const bytes = encodeMessage({
      type: 'hello',
      networkId: NETWORK.id,
      peerId: puppet.peerId,
      agent: '',
      height: 0,
      tip: NETWORK.id,
      work: 0n,
      base: 0,
      clockMs: 0,
    });
    bytes[2] = 99;
    puppet.sendBytes(bytes);
    await world.time.advance(100);
    expect(byeReasons(puppet)).toEqual(['version']);
    const again = new Puppet(world, 'puppet', node);
    again.hello();
    await world.time.advance(100);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });

  it('waits for hello only for a limited time', async () => {
    const { world, node, puppet } = await meet();
    await world.time.advance(HELLO_TIMEOUT_MS + 2_000);
    expect(byeReasons(puppet)).toEqual(['handshake']);
    expect(node.service.status().peers).toEqual([]);
  });
});

describe('a link', () => {
  it('is pinged, counts as silent within five seconds without an answer, and ends when it stays silent', async () => {
    const { world, node, puppet } = await meet();
    puppet.hello();
    await world.time.advance(PING_INTERVAL_MS * 2);
    expect(puppet.of('ping').length).toBeGreaterThanOrEqual(2);
    expect(node.readyPeers).toEqual([puppet.peerId]);
    puppet.isFrozen = true;
    await world.time.advance(5_000);
    expect(node.service.status().peers).toMatchObject([{ id: puppet.peerId, state: 'silent' }]);
    expect(byeReasons(puppet)).toEqual([]);
    await world.time.advance(SILENCE_TIMEOUT_MS - 4_000);
    expect(byeReasons(puppet)).toEqual(['silent']);
  });

  it('that was silent works again as soon as anything arrives, and its frozen peer is not discouraged', async () => {
    const { world, node, puppet } = await meet();
    puppet.hello();
    await world.time.advance(1_000);
    puppet.isFrozen = true;
    await world.time.advance(10_000);
    expect(node.readyPeers).toEqual([]);
    puppet.send({ type: 'ping', nonce: 1, height: 0, tip: NETWORK.genesis.id, work: 0n, base: 0 });
    await world.time.advance(100);
    expect(node.readyPeers).toEqual([puppet.peerId]);
    expect(puppet.of('pong')).toHaveLength(1);
    await world.time.advance(2 * SILENCE_TIMEOUT_MS);
    expect(byeReasons(puppet)).toEqual(['silent']);
    const again = new Puppet(world, 'puppet', node);
    again.hello();
    await world.time.advance(100);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });

  it('gives way to a working link to the same peer while it is silent, whatever their kinds', async () => {
    const { world, node, puppet } = await meet({ kind: 'direct' });
    puppet.hello();
    await world.time.advance(1_000);
    puppet.isFrozen = true;
    await world.time.advance(6_000);
    const relayed = new Puppet(world, 'puppet', node, { kind: 'relayed' });
    relayed.hello();
    await world.time.advance(100);
    expect(node.service.status().peers).toMatchObject([{ id: puppet.peerId, kind: 'relayed', state: 'ready' }]);
    await world.time.advance(SILENCE_TIMEOUT_MS);
    expect([byeReasons(puppet), byeReasons(relayed)]).toEqual([['silent'], []]);
  });

  it.each([1, 8, 24])('costs few pings: %i links together at most three a second', async (links) => {
    const world = new World();
    const node = world.node('node');
    const puppets = Array.from({ length: links }, (_, i) => new Puppet(world, `puppet ${i}`, node));
    for (const puppet of puppets) puppet.hello();
    await world.time.advance(60_000);
    const pings = puppets.reduce((sum, puppet) => sum + puppet.of('ping').length, 0);
    expect(pings).toBeLessThanOrEqual(3 * 60 + links);
    expect(node.readyPeers).toHaveLength(links);
  });

  it('of a tab that nobody watches gets a ping only each ten seconds', async () => {
    const { world, node, puppet } = await meet();
    node.attentive = false;
    puppet.hello();
    await world.time.advance(60_000);
    expect(puppet.of('ping').length).toBeLessThanOrEqual(7);
  });

  it('lives on while the other end answers', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    const link = world.connect(a, b);
    await world.time.advance(10 * SILENCE_TIMEOUT_MS);
    expect(a.readyPeers).toEqual([b.peerId]);
    link.frozen = link.other.frozen = true;
    await world.time.advance(SILENCE_TIMEOUT_MS + PING_INTERVAL_MS);
    expect(a.readyPeers).toEqual([]);
    expect(b.readyPeers).toEqual([]);
  });

  it('is not ended for silence while this tab slept', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    world.connect(a, b);
    await world.time.advance(1_000);
    world.time.sleep(3_600_000);
    await world.time.advance(2_000);
    expect(a.readyPeers).toEqual([b.peerId]);
  });

  it.each([-600_000, 600_000])(
    'lives by a stopwatch: a wall clock set by %i ms changes neither pings nor the patience with silence',
    async (ms) => {
      const world = new World();
      const [a, b] = [world.node('a'), world.node('b')];
      const link = world.connect(a, b);
      await world.time.advance(1_000);
      const sent = a.service.status().peers[0]!.sent;
      a.clockAhead.ms = ms;
      await world.time.advance(2 * PING_INTERVAL_MS);
      const [peer] = a.service.status().peers;
      expect(peer!.sent).toBeGreaterThan(sent);
      expect(peer!.latencyMs).toBe(2);
      expect(world.time.now() + ms - peer!.connectedAt).toBe(1_000 + 2 * PING_INTERVAL_MS);
      link.frozen = link.other.frozen = true;
      await world.time.advance(SILENCE_TIMEOUT_MS - PING_INTERVAL_MS);
      expect(a.service.status().peers).toMatchObject([{ id: b.peerId, state: 'silent' }]);
      await world.time.advance(2 * PING_INTERVAL_MS);
      expect(a.service.status().peers).toEqual([]);
    },
  );

  it('of two to the same tab of this browser is the one over WebRTC', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    const slow = world.connect(a, b, { kind: 'local', rtc: false });
    await world.time.advance(500);
    const fast = world.connect(b, a, { kind: 'local', rtc: true });
    await world.time.advance(500);
    expect([slow.open, fast.open]).toEqual([false, true]);
    const late = world.connect(a, b, { kind: 'local', rtc: false });
    await world.time.advance(500);
    expect([late.open, fast.open]).toEqual([false, true]);
  });

  it('shows a peer once, also while two links to it overlap', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    world.connect(a, b, { kind: 'relayed', latencyMs: 20 });
    await world.time.advance(500);
    world.connect(a, b, { kind: 'direct', latencyMs: 20 });
    const seen: string[] = [];
    for (let i = 0; i < 100; i++) {
      const rows = a.service.status().peers;
      seen.push(rows.map(({ kind, state }) => `${kind} ${state}`).join(', '));
      await world.time.advance(1);
    }
    expect([...new Set(seen)]).toEqual(['relayed ready', 'direct ready']);
  });

  it('is one of two to the same peer, the better kind', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    world.connect(a, b, { kind: 'relayed' });
    await world.time.advance(500);
    world.connect(a, b, { kind: 'direct' });
    await world.time.advance(500);
    for (const node of [a, b]) expect(node.service.status().peers.map(({ kind }) => kind)).toEqual(['direct']);
    world.connect(b, a, { kind: 'relayed' });
    await world.time.advance(500);
    for (const node of [a, b]) expect(node.service.status().peers.map(({ kind }) => kind)).toEqual(['direct']);
  });

  it('ends with a goodbye when the person cuts all links, and new links can be made afterwards', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    world.connect(a, b);
    await world.time.advance(500);
    a.service.stop();
    await world.time.advance(500);
    expect([a.readyPeers, b.readyPeers]).toEqual([[], []]);
    a.service.start();
    world.connect(a, b);
    await world.time.advance(500);
    expect([a.readyPeers, b.readyPeers]).toEqual([[b.peerId], [a.peerId]]);
  });
});

describe('a provable breach', () => {
  const malformed = (puppet: Puppet): void => puppet.sendBytes(Uint8Array.of(200, 1, 2, 3));
  const crumbs = (puppet: Puppet): void => puppet.link.send(Uint8Array.of(1, 1));
  const forged = (puppet: Puppet): void =>
    puppet.send({ type: 'headers', headers: [makeBlock(NETWORK, NETWORK.genesis, { miner: FORGER })] });

  it.each([
    ['malformed bytes', malformed],
    ['malformed frames', crumbs],
    ['a header without its work', forged],
  ])('%s closes that link, discourages the peer, and changes nothing else', async (_what, misbehave) => {
    const { world, node, puppet } = await meet();
    const friend = world.node('friend');
    world.connect(node, friend);
    puppet.hello();
    await world.time.advance(500);
    misbehave(puppet);
    await world.time.advance(500);
    expect(byeReasons(puppet)).toEqual(['violation']);
    expect(node.readyPeers).toEqual([friend.peerId]);
    expect(node.faults).toEqual([]);

    const again = new Puppet(world, 'puppet', node);
    await world.time.advance(100);
    expect(again.closed).toBe(true);
    expect(again.received).toEqual([]);
    await world.time.advance(DISCOURAGE_MS);
    const later = new Puppet(world, 'puppet', node);
    later.hello();
    await world.time.advance(100);
    expect(node.readyPeers).toContain(puppet.peerId);
  });

  it("is not this node's own failure: that reaches the mailbox and the link stays", async () => {
    const { world, node, puppet } = await meet();
    puppet.hello();
    node.chain.acceptHeaders = () => {
      throw new RangeError('disk on fire');
    };
    puppet.send({ type: 'headers', headers: [makeBlock(NETWORK, NETWORK.genesis)] });
    await world.time.advance(500);
    expect(node.faults).toHaveLength(1);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });
});
