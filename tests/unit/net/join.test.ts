import { describe, expect, it, test } from 'vitest';
import {
  CHUNK_PATIENCE_MS,
  CHUNKS_SILENT_MS,
  JOIN_BLOCKS,
  JOIN_BUDGET_MS,
  JOIN_HEAD_START_MS,
  JOIN_PATIENCE_MS,
  JOIN_PAUSE_MS,
  JOIN_STALL_MS,
} from '../../../src/net/peer-limits.ts';
import { sampleCount } from '../../../src/protocol/sample-points.ts';
import { MAX_SAMPLE_POINTS } from '../../../src/protocol/work-proof.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';
import { RuleError } from '../../../src/consensus/rule-error.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import { forged, makeAccounts, newcomer, servant, SnapshotChain, type Answers } from './support/join-world.ts';
import { NETWORK, World } from './support/test-node.ts';

const ACCOUNTS = makeAccounts(200);
const CHAIN = new SnapshotChain(700, ACCOUNTS);
/** Twice the work of an ordinary block. */
const HEAVY = { bits: compactBits(expandBits(NETWORK.powLimitBits) / 2n) };

const sorted = (accounts: Iterable<{ address: string }>) => [...accounts].sort((a, b) => (a.address < b.address ? -1 : 1));

describe('fetching a recent chain', () => {
  it('takes a newcomer to the tip over proof and accounts, with the whole chain behind', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const peers = ['a', 'b', 'c'].map((name) => servant(world, name, node, CHAIN, { link: { latencyMs: 30 } }));
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    expect(sorted(host.accounts.values())).toEqual(sorted(ACCOUNTS));
    expect(host.recent!.base()).toBe(CHAIN.base.header.height);
    expect(peers.flatMap((peer) => peer.of('getTail'))).toHaveLength(1);
    for (const peer of peers) expect(peer.of('getAccounts').length).toBeGreaterThan(2);
    expect(await world.time.until(() => host.recent!.tip().id === CHAIN.tip.id, 3_000)).toBe(true);
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 30_000)).toBe(true);
    expect(node.service.status().join).toBeNull();
    expect(node.faults).toEqual([]);
  });

  it('asks for the samples of a long chain in several requests, after the tail', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const earlier = CHAIN.claim.work * 10_000n;
    const tail = { ...CHAIN.tail, history: [{ ...CHAIN.tail.history[0]!, work: CHAIN.tail.history[0]!.work + earlier }] };
    const claim = { ...CHAIN.claim, work: CHAIN.claim.work + earlier };
    const peer = servant(world, 'a', node, CHAIN, { claim, tail: () => tail });
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    const count = sampleCount({ work: claim.work, first: tail.history[0]! });
    const counts = peer.of('getSamples').map(({ points }) => points.length);
    expect(counts.slice(0, -1)).toEqual(Array(counts.length - 1).fill(MAX_SAMPLE_POINTS));
    expect(counts.reduce((sum, count) => sum + count)).toBe(count);
    expect(counts.length).toBeGreaterThan(3);
    expect(new Set(peer.of('getSamples').flatMap(({ points }) => points)).size).toBe(count);
  });

  it('does not believe a chain whose tail has too little of its work', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const earlier = CHAIN.claim.work * 10n ** 16n;
    const tail = { ...CHAIN.tail, history: [{ ...CHAIN.tail.history[0]!, work: CHAIN.tail.history[0]!.work + earlier }] };
    const peer = servant(world, 'a', node, CHAIN, { claim: { ...CHAIN.claim, work: CHAIN.claim.work + earlier }, tail: () => tail });
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 20_000)).toBe(true);
    expect([host.begins, peer.of('getSamples').length, peer.closed]).toEqual([0, 0, false]);
  });

  it('fetches few accounts with one request', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const peer = servant(world, 'a', node, CHAIN, { limit: 400 });
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    expect(peer.of('getAccounts')).toHaveLength(1);
  });

  it('takes a chain without accounts', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'a', node, new SnapshotChain(700, []));
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    expect(host.accounts.size).toBe(0);
  });

  it('keeps a newcomer from requesting anything else while the work is being proven', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const peer = servant(world, 'a', node, CHAIN, { link: { latencyMs: 30 } });
    expect(await world.time.until(() => host.begins > 0, 3_000)).toBe(true);
    expect(peer.of('getHeaders').length + peer.of('getData').length).toBe(0);
  });

  it('does not keep a node with blocks of its own from syncing while the work is being proven', async () => {
    const world = new World();
    const { node } = newcomer(world);
    await node.load(CHAIN.blocks.slice(0, 1));
    const peer = servant(world, 'a', node, CHAIN, { tail: () => undefined });
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, JOIN_PATIENCE_MS)).toBe(true);
    expect(peer.of('getTail')).toHaveLength(1);
  });

  it('shows its progress', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'a', node, CHAIN, { link: { latencyMs: 20 } });
    const phases: string[] = [];
    let last = 0;
    await world.time.until(() => {
      const join = node.service.status().join;
      if (join && phases.at(-1) !== join.phase) [last] = [0, phases.push(join.phase)];
      if (join) expect([join.fraction >= last, join.fraction <= 1]).toEqual([true, true]);
      last = join?.fraction ?? 0;
      return host.recent !== null;
    }, 5_000);
    expect(phases).toEqual(['tail', 'samples', 'accounts']);
  });

  it('waits with mining, and sends no other requests, while the accounts of a proven chain arrive', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const peer = servant(world, 'a', node, CHAIN, { link: { latencyMs: 20 } });
    expect(await world.time.until(() => node.service.status().join?.phase === 'accounts', 5_000)).toBe(true);
    expect(node.service.holdsUp()).toBe('syncing');
    await world.time.advance(60);
    const count = (): number => peer.of('getHeaders').length + peer.of('getData').length;
    const before = count();
    await world.time.until(() => host.recent !== null || count() > before, 5_000);
    expect([host.recent !== null, count() - before]).toEqual([true, 0]);
    expect(node.service.holdsUp()).toBe(null);
  });

  it('ends when it is no longer wanted, and goes on later', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'a', node, CHAIN, { link: { latencyMs: 20 } });
    expect(await world.time.until(() => host.accounts.size > 50, 5_000)).toBe(true);
    host.isWanted = false;
    await world.time.advance(100);
    expect([node.service.status().join, node.service.holdsUp()]).toEqual([null, 'syncing']);
    host.isWanted = true;
    expect(await world.time.until(() => host.recent !== null, 5_000)).toBe(true);
    expect(host.begins).toBe(1);
  });

  it('charges no peer for what it was asked', async () => {
    const world = new World();
    const { node, host } = newcomer(world, 'newcomer', () => world.time.sleep(100));
    // Each of the 23 chunks costs 100 ms of this node's time. At the rate that a link is allowed, they would take nine seconds.
    servant(world, 'a', node, CHAIN, { serves: false });
    expect(await world.time.until(() => host.recent !== null, 5_000)).toBe(true);
  });

  it.each([
    ['a node that is less far behind', JOIN_BLOCKS - 1, true],
    ['a node that does not want a recent chain', 700, false],
  ])('is nothing for %s', async (_, length, isWanted) => {
    const world = new World();
    const { node, host } = newcomer(world);
    host.isWanted = isWanted;
    const chain = new SnapshotChain(length, []);
    const peer = servant(world, 'a', node, chain);
    expect(await world.time.until(() => node.tip === chain.tip.id, 30_000)).toBe(true);
    expect(peer.of('getTail')).toEqual([]);
  });

  it('that meets only peers without old blocks joins nobody, and says so until a peer with all blocks comes', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const light = servant(world, 'light', node, CHAIN, { claim: { ...CHAIN.claim, base: CHAIN.base.header.height } });
    await world.time.advance(JOIN_BUDGET_MS);
    expect(light.of('getTail').length + light.of('getHeaders').length).toBe(0);
    expect([node.chain.tip().height, host.begins, node.service.status().sync.cutOff]).toEqual([0, 0, true]);
    servant(world, 'whole', node, CHAIN);
    expect(await world.time.until(() => host.recent !== null, 10_000)).toBe(true);
    expect(node.service.status().sync.cutOff).toBe(false);
  });

  it('asks a peer without old blocks for accounts only', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const light = servant(world, 'light', node, CHAIN, { claim: { ...CHAIN.claim, base: CHAIN.base.header.height } });
    await world.time.advance(2_000);
    expect(light.of('getTail').length + light.of('getHeaders').length).toBe(0);
    const whole = servant(world, 'whole', node, CHAIN);
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    expect(light.of('getAccounts').length).toBeGreaterThan(2);
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 30_000)).toBe(true);
    const askedFor = light.of('getData').flatMap(({ ids }) => ids.map((id) => CHAIN.blocks.findIndex((block) => block.id === id) + 1));
    expect(Math.min(...askedFor)).toBeGreaterThan(CHAIN.base.header.height);
    expect(whole.of('getTail')).toHaveLength(1);
  });
});

describe('a begun recent chain', () => {
  /** A newcomer that has half of the accounts from before a reload. */
  async function interrupted(world: World): Promise<ReturnType<typeof newcomer>> {
    const first = newcomer(world, 'before');
    const peer = servant(world, 'once', first.node, CHAIN, { link: { latencyMs: 20 } });
    expect(await world.time.until(() => first.host.accounts.size > 80, 5_000)).toBe(true);
    peer.link.cut();
    const second = newcomer(world, 'after');
    second.host.kept = first.host.kept;
    for (const [address, account] of first.host.accounts) second.host.accounts.set(address, account);
    return second;
  }

  it('goes on where it was', async () => {
    const world = new World();
    const { node, host } = await interrupted(world);
    const peer = servant(world, 'a', node, CHAIN);
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    expect([host.begins, peer.of('getTail').length]).toEqual([0, 0]);
    expect(sorted(host.accounts.values())).toEqual(sorted(ACCOUNTS));
  });

  it.each(['', '{', 'null', '[]', '{"work":"1","ranges":[["0","f"]]}'])('begins again with the altered progress %j', async (progress) => {
    const world = new World();
    const { node, host } = await interrupted(world);
    host.kept = { base: host.kept!.base, progress };
    servant(world, 'a', node, CHAIN);
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    expect([host.abandons, host.begins]).toEqual([1, 1]);
    expect(sorted(host.accounts.values())).toEqual(sorted(ACCOUNTS));
  });

  it('begins again where nobody serves its snapshot any more', async () => {
    const world = new World();
    const { node, host } = await interrupted(world);
    const grown = new SnapshotChain(800, ACCOUNTS, {}, CHAIN.blocks);
    servant(world, 'a', node, grown);
    expect(await world.time.until(() => host.recent !== null, 3_000)).toBe(true);
    expect(host.recent!.base()).toBe(grown.base.header.height);
    expect(host.abandons).toBe(1);
  });

  it('goes on after the chain in use was opened again', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'a', node, CHAIN, { link: { latencyMs: 20 } });
    expect(await world.time.until(() => host.accounts.size > 80, 5_000)).toBe(true);
    await node.post(() => node.service.rebind(node.chain, node.mempool));
    expect(await world.time.until(() => host.recent !== null, 5_000)).toBe(true);
    expect(host.begins).toBe(1);
    expect(node.faults).toEqual([]);
  });
});

describe('hostile peers', () => {
  const wrongChunk = new SnapshotChain(700, makeAccounts(200, 'other'));
  const firstChunk = CHAIN.chunk(new Uint8Array(32), 10);

  test.each<[string, Answers]>([
    ['headers without proof of work', { tail: () => ({ ...CHAIN.tail, headers: [forged(CHAIN), CHAIN.tip] }) }],
    ['the tail of another block', { tail: () => wrongChunk.tail }],
    ['samples without proof of work', { samples: (points) => ({ ...CHAIN.samples(points), headers: points.map(() => forged(CHAIN)) }) }],
    ['too few samples', { samples: (points) => CHAIN.samples(points.slice(1)) }],
    [
      'samples of another network',
      { samples: (points) => ({ ...CHAIN.samples(points), nodes: [{ hash: new Uint8Array(32), work: 0n }] }) },
    ],
    ['accounts of another state', { accounts: (from) => wrongChunk.chunk(from, 10) }],
    ['the same accounts again and again', { accounts: () => firstChunk }],
    [
      'accounts with a gap',
      { accounts: (from) => ({ ...CHAIN.chunk(from, 10), accounts: CHAIN.chunk(from, 10).accounts.toSpliced(4, 1) }) },
    ],
  ])('%s end the link, and another peer helps', async (_, answers) => {
    const world = new World();
    const { node, host } = newcomer(world);
    const liar = servant(world, 'liar', node, CHAIN, answers);
    await world.time.advance(1);
    const honest = servant(world, 'honest', node, CHAIN, { link: { latencyMs: 10 } });
    expect(await world.time.until(() => host.recent !== null, 10_000)).toBe(true);
    expect(sorted(host.accounts.values())).toEqual(sorted(ACCOUNTS));
    expect(liar.of('bye').map(({ reason }) => reason)).toEqual(['violation']);
    expect(honest.closed).toBe(false);
    expect(node.faults).toEqual([]);
  });

  test.each<[string, Answers, number]>([
    ['knows no tail', { tail: () => null }, 1_000],
    ['sends no tail', { tail: () => undefined }, JOIN_PATIENCE_MS + 2_000],
    ['knows no samples', { samples: () => null }, 1_000],
    ['sends no samples', { samples: () => undefined }, JOIN_PATIENCE_MS + 2_000],
    ['serves no accounts', { accounts: () => null }, 1_000],
    ['sends no accounts', { accounts: () => undefined }, 2 * CHUNK_PATIENCE_MS + 3_000],
    ['proves another height than it claims', { claim: { ...CHAIN.claim, height: 10_000 } }, 1_000],
  ])('a peer that %s loses its turn, but not its link', async (_, answers, limitMs) => {
    const world = new World();
    const { node, host } = newcomer(world);
    const idle = servant(world, 'idle', node, CHAIN, { ...answers, serves: false });
    await world.time.advance(1);
    const honest = servant(world, 'honest', node, CHAIN, { link: { latencyMs: 10 }, serves: false });
    expect(await world.time.until(() => host.recent !== null, limitMs)).toBe(true);
    expect(idle.of('getTail')).toHaveLength(1);
    expect([idle.closed, honest.closed]).toEqual([false, false]);
  });

  it('takes the chain with more proven work, not the one that was offered first', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const better = new SnapshotChain(650, ACCOUNTS, HEAVY);
    host.isWanted = false;
    servant(world, 'light', node, CHAIN);
    servant(world, 'heavy', node, better);
    await world.time.advance(20);
    host.isWanted = true;
    expect(await world.time.until(() => host.recent !== null, 5_000)).toBe(true);
    expect(host.recent!.activeId(host.recent!.base())).toBe(better.base.id);
  });

  it('takes no snapshot of a chain with less work, whatever its peer claims', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const rich = new SnapshotChain(690, makeAccounts(1, 'rich'), { nonce: 1 });
    const liar = servant(world, 'liar', node, rich, { claim: { ...rich.claim, work: 2n * CHAIN.claim.work } });
    await world.time.advance(1);
    servant(world, 'honest', node, CHAIN, { link: { latencyMs: 10 } });
    expect(await world.time.until(() => host.recent !== null, 2_000)).toBe(true);
    expect([host.recent!.activeId(host.recent!.base()), host.begins, liar.of('getTail').length]).toEqual([CHAIN.base.id, 1, 1]);
  });

  it('a chunk that was sent twice counts once', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const peer = servant(world, 'a', node, CHAIN);
    const serve = peer.onMessage;
    peer.onMessage = (message) => {
      serve(message);
      if (message.type === 'getAccounts') serve(message);
    };
    expect(await world.time.until(() => host.recent !== null, 5_000)).toBe(true);
    expect(sorted(host.accounts.values())).toEqual(sorted(ACCOUNTS));
    expect([peer.closed, node.faults.length]).toEqual([false, 0]);
  });

  it('sync goes on where a peer proves its work, but serves no accounts', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const peer = servant(world, 'a', node, CHAIN, { accounts: () => null });
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 20_000)).toBe(true);
    expect([host.recent, peer.of('getTail').length]).toEqual([null, 1]);
  });

  it('sync goes on where the snapshot was served too short a time', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    let chunks = 0;
    const peer = servant(world, 'a', node, CHAIN, { accounts: (from) => (chunks++ < 5 ? CHAIN.chunk(from, 10) : null) });
    expect(await world.time.until(() => host.abandons === 1, 5_000)).toBe(true);
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 20_000)).toBe(true);
    await world.time.advance(JOIN_PAUSE_MS - 60_000);
    expect(peer.of('getTail')).toHaveLength(1);
  });

  it('sync goes on where a peer withholds the accounts', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'a', node, CHAIN, { accounts: () => undefined });
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, JOIN_STALL_MS + 20_000)).toBe(true);
    expect(host.recent).toBeNull();
  });

  it('does not wait long for a peer that serves one chunk and withholds the others', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    let chunks = 0;
    const liar = servant(world, 'liar', node, CHAIN, { limit: 20 });
    const serve = liar.onMessage;
    liar.onMessage = (message) => {
      if (message.type !== 'getAccounts' || ++chunks === 1) serve(message);
    };
    expect(await world.time.until(() => chunks > 1, 3_000)).toBe(true);
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, CHUNKS_SILENT_MS + 5_000)).toBe(true);
    expect(host.recent).toBeNull();
  });

  it('does not wait long for a peer that withholds the accounts of a snapshot that no other peer serves', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'liar', node, CHAIN, { accounts: () => undefined, serves: false });
    await world.time.advance(1);
    const longer = new SnapshotChain(1_000, ACCOUNTS);
    const honest = servant(world, 'honest', node, longer, { serves: false });
    const serve = honest.onMessage;
    honest.onMessage = (message) => {
      if (message.type !== 'getAccounts' || message.block === longer.base.id) return serve(message);
      honest.send({ type: 'accounts', block: message.block, from: message.from, chunk: null });
    };
    expect(await world.time.until(() => host.recent !== null, 2 * CHUNK_PATIENCE_MS)).toBe(true);
    expect(host.recent!.activeId(host.recent!.base())).toBe(longer.base.id);
  });

  it('pauses where the peers prove nothing for long', async () => {
    const world = new World();
    const { node } = newcomer(world);
    const liars = Array.from({ length: 20 }, (_, i) => servant(world, `${i}`, node, CHAIN, { tail: () => undefined, serves: false }));
    const asked = (): number => liars.flatMap((liar) => liar.of('getTail')).length;
    await world.time.advance(JOIN_BUDGET_MS + JOIN_PATIENCE_MS + 5_000);
    const count = asked();
    expect(count).toBeGreaterThan(5);
    await world.time.advance(JOIN_PAUSE_MS - 20_000);
    expect(asked()).toBe(count);
    await world.time.advance(40_000);
    expect(asked()).toBeGreaterThan(count);
  });

  it('a mere claim stops neither sync nor mining, except of a newcomer for a moment', async () => {
    const world = new World();
    const { node } = newcomer(world);
    const claim = { height: 1_000_000, tip: 'ab'.repeat(32), work: 2n ** 200n, base: 0 };
    const liars = ['a', 'b'].map((name) => servant(world, name, node, CHAIN, { claim, tail: () => undefined, serves: false }));
    await world.time.advance(JOIN_HEAD_START_MS - 500);
    expect(node.service.holdsUp()).toBe('syncing');
    await world.time.advance(1_500);
    expect(node.service.holdsUp()).toBe(null);
    await world.time.advance(JOIN_PATIENCE_MS);
    expect(liars.map((liar) => liar.of('getTail').length)).toEqual([1, 1]);
    expect(node.service.holdsUp()).toBe(null);
    const honest = world.node('honest');
    world.connect(node, honest);
    const { id } = await honest.mine();
    expect(await world.time.until(() => node.tip === id, 1_000)).toBe(true);
  });

  it('a chunk now and then does not keep the node from syncing', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    let chunks = 0;
    const peer = servant(world, 'a', node, CHAIN, {
      accounts: (from) => {
        // Two accounts in fifteen seconds: less than a hundredth of the keys.
        if (chunks++ > 0)
          world.time.set(() => peer.send({ type: 'accounts', block: CHAIN.base.id, from, chunk: CHAIN.chunk(from, 2) }), 15_000);
        return chunks === 1 ? CHAIN.chunk(from, 2) : undefined;
      },
    });
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 2 * JOIN_STALL_MS + 30_000)).toBe(true);
    expect(host.recent).toBeNull();
  });

  it('blames no peer where its own disk takes no accounts', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    host.add = () => {
      throw new TabchainError('storage-failed', 'test');
    };
    const peer = servant(world, 'a', node, CHAIN);
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 20_000)).toBe(true);
    expect([host.recent, peer.closed, node.faults.length]).toEqual([null, false, 0]);
  });

  it('survives a recent chain that cannot be opened', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    host.fault = new RuleError('state-root-wrong');
    servant(world, 'a', node, CHAIN);
    expect(await world.time.until(() => node.tip === CHAIN.tip.id, 30_000)).toBe(true);
    expect([host.recent, host.abandons, node.faults.length]).toEqual([null, 1, 0]);
  });
});

describe('a recent chain in use', () => {
  it('is replaced where a heavier branch forks below its base', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'a', node, CHAIN);
    expect(await world.time.until(() => host.recent?.tip().id === CHAIN.tip.id, 5_000)).toBe(true);
    const former = host.recent!;
    const branch = new SnapshotChain(700, makeAccounts(50, 'branch'), HEAVY, CHAIN.blocks.slice(0, 500));
    servant(world, 'b', node, branch, { link: { latencyMs: 50 } });
    await world.time.until(() => host.begins === 2, 5_000);
    expect([host.recent, former.tip().id]).toEqual([former, CHAIN.tip.id]);
    expect(await world.time.until(() => host.recent!.tip().id === branch.tip.id, 5_000)).toBe(true);
    expect(await world.time.until(() => node.tip === branch.tip.id, 60_000)).toBe(true);
    expect(node.faults).toEqual([]);
  });

  it('is not replaced where sync leads to the heavier branch', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    servant(world, 'a', node, CHAIN);
    expect(await world.time.until(() => host.recent?.tip().id === CHAIN.tip.id, 5_000)).toBe(true);
    const branch = new SnapshotChain(700, ACCOUNTS, HEAVY, CHAIN.blocks.slice(0, 600));
    const peer = servant(world, 'b', node, branch);
    expect(await world.time.until(() => host.recent!.tip().id === branch.tip.id, 5_000)).toBe(true);
    expect([host.begins, peer.of('getTail').length]).toEqual([1, 0]);
  });

  it('is replaced after a long sleep', async () => {
    const world = new World();
    const { node, host } = newcomer(world);
    const peer = servant(world, 'a', node, CHAIN);
    expect(await world.time.until(() => host.recent?.tip().id === CHAIN.tip.id, 5_000)).toBe(true);
    peer.link.cut();
    const grown = new SnapshotChain(1_400, makeAccounts(30, 'grown'), {}, CHAIN.blocks);
    servant(world, 'b', node, grown);
    expect(await world.time.until(() => host.recent!.tip().id === grown.tip.id, 5_000)).toBe(true);
    expect([host.begins, host.recent!.base()]).toEqual([2, grown.base.header.height]);
  });
});
