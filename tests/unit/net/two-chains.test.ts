import { describe, expect, it } from 'vitest';
import { workOfBits } from '../../../src/protocol/target.ts';
import { CATCH_UP_PATIENCE_MS } from '../../../src/net/peer-limits.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { MAX_HEADERS, type Message } from '../../../src/protocol/wire.ts';
import { FakeChain, FakeMempool, makeBlock, makeBranch, makeTransfer } from './support/fake-chain.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

const { genesis } = NETWORK;
const UNIT = workOfBits(NETWORK.powLimitBits);
const BRANCH = makeBranch(NETWORK, genesis, 700);
const BASE = BRANCH[639]!;

/** A recent chain of `node` on `base`, in use from now on, while the node's own chain is the whole chain behind it. */
async function enterRecent(world: World, node: TestNode, base = BASE): Promise<{ recent: FakeChain; mempool: FakeMempool }> {
  const recent = new FakeChain(NETWORK, world.time, { sealed: base, work: UNIT * BigInt(base.header.height) });
  const mempool = new FakeMempool();
  mempool.onAdded = (id) => node.service.announceTransaction(id);
  node.chain.onConnected = () => undefined;
  recent.onConnected = (block) => node.service.announceBlock(block.id);
  await node.post(() => node.service.enterRecent(recent, mempool));
  return { recent, mempool };
}

async function old(world: World, name = 'old'): Promise<TestNode> {
  const node = world.node(name);
  await node.load(BRANCH);
  return node;
}

function claimBranch(puppet: Puppet, message: Message): void {
  if (message.type === 'hello') puppet.hello({ height: 700, tip: BRANCH.at(-1)!.id, work: 700n * UNIT });
  if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce, clockMs: 0 });
}

function headersAfter(locator: readonly string[]): DecodedBlock[] {
  const known = locator.map((id) => BRANCH.findIndex((block) => block.id === id)).find((index) => index >= 0) ?? -1;
  return BRANCH.slice(known + 1, known + 1 + MAX_HEADERS);
}

describe('a whole chain behind a recent chain', () => {
  it('brings up both, and fetches each block of each chain once', async () => {
    const world = new World();
    const [peer, fresh] = [await old(world), world.node('fresh')];
    const { recent } = await enterRecent(world, fresh);
    world.connect(peer, fresh);
    expect(await world.time.until(() => recent.tip().id === peer.tip, 5_000)).toBe(true);
    expect(await world.time.until(() => fresh.tip === peer.tip, 30_000)).toBe(true);
    expect([recent.acceptedBlocks, fresh.chain.acceptedBlocks]).toEqual([60, 700]);
    const { sync, behind } = fresh.service.status();
    expect([sync, behind]).toEqual(Array(2).fill({ target: 700, height: 700, syncing: false, unsure: false, cutOff: false }));
  });

  it('brings up the chain in use first', async () => {
    const world = new World();
    const [peer, fresh] = [await old(world), world.node('fresh')];
    const { recent } = await enterRecent(world, fresh);
    world.connect(peer, fresh, { bytesPerSecond: 100_000 });
    expect(await world.time.until(() => recent.tip().id === peer.tip, 30_000)).toBe(true);
    expect(fresh.chain.acceptedBlocks).toBe(0);
    expect(fresh.service.holdsUp()).toBe(null);
  });

  it('does not wait for blocks of the chain in use that no peer sends', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const { recent } = await enterRecent(world, fresh);
    const puppet = new Puppet(world, 'puppet', fresh);
    puppet.onMessage = (message: Message) => {
      claimBranch(puppet, message);
      if (message.type === 'getHeaders') puppet.send({ type: 'headers', headers: headersAfter(message.locator) });
      if (message.type !== 'getData') return;
      for (const block of BRANCH.slice(0, 640)) if (message.ids.includes(block.id)) puppet.send({ type: 'block', block });
    };
    expect(await world.time.until(() => fresh.chain.tip().height === 640, 2 * CATCH_UP_PATIENCE_MS)).toBe(true);
    expect([recent.tip().height, recent.bestHeader().height]).toEqual([640, 700]);
  });

  it('never has two open requests for headers at one peer, which answers only the newest', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const { recent } = await enterRecent(world, fresh);
    const puppet = new Puppet(world, 'puppet', fresh);
    let open = 0;
    let most = 0;
    puppet.onMessage = (message: Message) => {
      claimBranch(puppet, message);
      if (message.type !== 'getHeaders') return;
      most = Math.max(most, ++open);
      world.time.set(() => {
        open--;
        puppet.send({ type: 'headers', headers: headersAfter(message.locator) });
      }, 100);
    };
    expect(await world.time.until(() => recent.bestHeader().height + fresh.chain.bestHeader().height === 1_400, 60_000)).toBe(true);
    expect(most).toBe(1);
  });

  it('takes announcements and transactions only into the chain in use', async () => {
    const world = new World();
    const [peer, fresh] = [await old(world), world.node('fresh')];
    const { recent, mempool } = await enterRecent(world, fresh);
    world.connect(peer, fresh);
    expect(await world.time.until(() => fresh.tip === peer.tip, 30_000)).toBe(true);
    await peer.submit(makeTransfer(NETWORK, 1));
    expect(await world.time.until(() => mempool.ids().length === 1, 5_000)).toBe(true);
    const { id } = await peer.mine();
    expect(await world.time.until(() => recent.tip().id === id, 500)).toBe(true);
    // The whole chain learns of the block by the peer's next claim.
    expect(await world.time.until(() => fresh.tip === id, 15_000)).toBe(true);
    expect(fresh.mempool.ids()).toEqual([]);
    // The other direction: a block on the recent chain reaches the peer.
    const own = makeBlock(NETWORK, recent.tip().sealed, { nonce: 7 });
    await fresh.post(() => recent.acceptBlock(own));
    expect(await world.time.until(() => peer.tip === own.id, 1_000)).toBe(true);
  });

  it('does not charge a peer for the requested blocks of either chain', async () => {
    const world = new World();
    const [peer, fresh] = [await old(world), world.node('fresh')];
    await enterRecent(world, fresh);
    // Each block costs 20 ms on arrival: 14 s in all, but 56 s at the rate that a link is allowed.
    fresh.chain.prevalidate = () => world.time.sleep(20);
    world.connect(peer, fresh);
    expect(await world.time.until(() => fresh.tip === peer.tip, 30_000)).toBe(true);
  });

  it('continues the download when the whole chain takes over, over the same links', async () => {
    const world = new World();
    const [peer, fresh] = [await old(world), world.node('fresh')];
    const { recent } = await enterRecent(world, fresh);
    world.connect(peer, fresh, { bytesPerSecond: 100_000 });
    expect(await world.time.until(() => fresh.chain.tip().height > 400, 30_000)).toBe(true);
    const before = fresh.chain.acceptedBlocks;
    await fresh.post(() => fresh.service.leaveRecent(fresh.chain, fresh.mempool));
    expect(fresh.service.status().behind).toBeNull();
    expect(await world.time.until(() => fresh.tip === peer.tip, 30_000)).toBe(true);
    expect(fresh.chain.acceptedBlocks - before).toBeLessThanOrEqual(300);
    expect(recent.acceptedBlocks).toBe(60);
    expect(fresh.readyPeers).toHaveLength(1);
    expect(fresh.faults).toEqual([]);
  });

  it('stops where the whole chain is dropped', async () => {
    const world = new World();
    const [peer, fresh] = [await old(world), world.node('fresh')];
    const { recent } = await enterRecent(world, fresh);
    await fresh.post(() => fresh.service.dropBehind());
    world.connect(peer, fresh);
    expect(await world.time.until(() => recent.tip().id === peer.tip, 5_000)).toBe(true);
    await world.time.advance(30_000);
    expect([fresh.chain.bestHeader().height, fresh.service.status().behind]).toEqual([0, null]);
  });

  it('goes on from both chains after they were opened again', async () => {
    const world = new World();
    const [peer, fresh] = [await old(world), world.node('fresh')];
    const { recent, mempool } = await enterRecent(world, fresh);
    world.connect(peer, fresh, { bytesPerSecond: 100_000 });
    expect(await world.time.until(() => fresh.chain.tip().height > 200, 30_000)).toBe(true);
    await fresh.post(() => fresh.service.rebind(recent, mempool, fresh.chain));
    expect(await world.time.until(() => fresh.tip === peer.tip, 60_000)).toBe(true);
    expect(fresh.faults).toEqual([]);
  });
});
