import { describe, expect, it } from 'vitest';
import {
  BARREN_QUESTION_MS,
  CATCH_UP_PATIENCE_MS,
  CLAIM_RETRY_MS,
  HEADERS_PATIENCE_MS,
  HEADERS_TIMEOUT_MS,
  MAX_HEADER_FAILURES,
  MAX_HEADER_QUESTIONS,
  PATIENCE_PER_BLOCK_MS,
  UNSURE_MS,
} from '../../../src/net/peer-limits.ts';
import { MAX_HEADERS, type Message } from '../../../src/protocol/wire.ts';
import { makeBlock, makeBranch, makeTransfer } from './support/fake-chain.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

const { genesis } = NETWORK;
const HUGE = 2n ** 200n;
const LINKS = 8;
const LIFE_MS = 9_000;

/** A responsive peer that claims enormous work. */
function liar(world: World, node: TestNode, name: string, answer: (message: Message, puppet: Puppet) => void = () => undefined): Puppet {
  const puppet = new Puppet(world, name, node);
  const claim = { height: 4_000_000_000, tip: puppet.peerId.repeat(4), work: HUGE };
  puppet.onMessage = (message) => {
    if (message.type === 'hello') puppet.hello(claim);
    if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce, clockMs: world.time.now() });
    answer(message, puppet);
  };
  return puppet;
}

/** Twelve lying links, each replaced under a new identity as soon as the node ends it. */
function keepLying(world: World, node: TestNode, answer?: (message: Message, puppet: Puppet) => void): void {
  let number = 0;
  const renew = (): void => {
    const puppet = liar(world, node, `liar${number++}`, answer);
    world.time.set(() => {
      puppet.link.close('gone');
      renew();
    }, LIFE_MS);
  };
  for (let i = 0; i < LINKS; i++) renew();
}

const deaf = (): void => undefined;
const empty = (message: Message, puppet: Puppet): void => {
  if (message.type === 'getHeaders') puppet.send({ type: 'headers', headers: [] });
};
const orphans = makeBranch(NETWORK, makeBlock(NETWORK, genesis, { nonce: 99 }), 3);
const orphaned = (message: Message, puppet: Puppet): void => {
  if (message.type === 'getHeaders') puppet.send({ type: 'headers', headers: orphans });
};
const worthless = makeBranch(NETWORK, genesis, MAX_HEADERS, { nonce: 7 });
/** Answers with the same batch of headers again and again, with less work than the chain. */
const circling = (message: Message, puppet: Puppet): void => {
  if (message.type === 'getHeaders') puppet.send({ type: 'headers', headers: worthless });
};
const ever = makeBranch(NETWORK, genesis, 600, { nonce: 8 });
let given = 0;
/** Answers with one header per message. */
const dripping = (message: Message, puppet: Puppet): void => {
  if (message.type === 'getHeaders') puppet.send({ type: 'headers', headers: [ever[given++ % ever.length]!] });
};

describe('claims of unproven work', () => {
  it.each([
    ['never answers', deaf],
    ['answers with nothing', empty],
    ['answers with headers of nowhere', orphaned],
    ['answers with the same headers always', circling],
    ['answers with one header each time', dripping],
  ])('do not keep a newcomer from the chain when their peer %s', async (_how, answer) => {
    const world = new World();
    const fresh = world.node('fresh');
    const old = world.node('old');
    await old.load(makeBranch(NETWORK, genesis, MAX_HEADERS + 50));
    keepLying(world, fresh, answer);
    await world.time.advance(300);
    world.connect(fresh, old, { latencyMs: 20 });
    const startMs = world.time.now();
    expect(await world.time.until(() => fresh.tip === old.tip, 30_000)).toBe(true);
    expect(world.time.now() - startMs).toBeLessThan(4_000);
    expect(fresh.service.status().sync).toEqual({
      target: old.chain.tip().height,
      height: old.chain.tip().height,
      syncing: false,
      unsure: false,
      cutOff: false,
    });
  });

  it('do not keep a synced node from taking transactions, announcing blocks and mining', async () => {
    const world = new World();
    const [node, friend] = [world.node('node'), world.node('friend')];
    await node.load(makeBranch(NETWORK, genesis, 10));
    world.connect(node, friend, { latencyMs: 10 });
    expect(await world.time.until(() => friend.tip === node.tip, 5_000)).toBe(true);
    keepLying(world, node);
    await world.time.advance(1_000);
    for (let serial = 0; serial < 60; serial++) {
      await friend.submit(makeTransfer(NETWORK, serial));
      expect(await world.time.until(() => node.mempool.has(makeTransfer(NETWORK, serial).id), 500)).toBe(true);
      expect(node.service.status().sync).toMatchObject({ target: node.chain.tip().height, syncing: false, unsure: false });
      expect(node.service.holdsUp()).toBe(null);
      await world.time.advance(900);
    }
    const block = await node.mine();
    expect(await world.time.until(() => friend.tip === block.id, 500)).toBe(true);
  });

  it('are not shown, and do not count as the peer’s height', async () => {
    const world = new World();
    const node = world.node('node');
    await node.load(makeBranch(NETWORK, genesis, 4));
    liar(world, node, 'liar');
    await world.time.advance(UNSURE_MS / 2);
    const { sync, peers } = node.service.status();
    expect(sync).toEqual({ target: 4, height: 4, syncing: false, unsure: true, cutOff: false });
    expect(peers[0]!.height).toBe(0);
    await world.time.advance(UNSURE_MS);
    expect(node.service.status().sync.unsure).toBe(false);
  });

  it('are checked side by side, and others as soon as the first do not answer at once', async () => {
    const world = new World();
    const node = world.node('node');
    const liars = Array.from({ length: 3 * MAX_HEADER_QUESTIONS }, (_, i) => liar(world, node, `liar${i}`));
    const asked = (): number => liars.filter((puppet) => puppet.of('getHeaders').length > 0).length;
    await world.time.advance(50);
    expect(asked()).toBe(MAX_HEADER_QUESTIONS);
    await world.time.advance(2_000 + HEADERS_PATIENCE_MS);
    expect(asked()).toBe(liars.length);
    await world.time.advance(HEADERS_TIMEOUT_MS - 3_000);
    expect(liars.every((puppet) => puppet.of('getHeaders').length === 1)).toBe(true);
  });

  it('that change all the time get no more requests than constant ones', async () => {
    const world = new World();
    const node = world.node('node');
    const shifty = liar(world, node, 'shifty', empty);
    await world.time.advance(100);
    for (let i = 0; i < 200; i++) {
      shifty.send({ type: 'ping', nonce: i, height: i + 10, tip: i.toString(16).padStart(64, 'c'), work: HUGE, base: 0 });
      await world.time.advance(100);
    }
    expect(shifty.of('getHeaders')).toHaveLength(MAX_HEADER_FAILURES);
    await world.time.advance(CLAIM_RETRY_MS);
    expect(shifty.of('getHeaders').length).toBeLessThanOrEqual(MAX_HEADER_FAILURES + 1);
  });

  it('by announcing unknown blocks cause at most one request a second, and one in the end', async () => {
    const world = new World();
    const node = world.node('node');
    const crier = liar(world, node, 'crier', empty);
    await world.time.advance(100);
    const before = crier.of('getHeaders').length;
    const rounds = 40;
    for (let i = 0; i < rounds; i++) {
      crier.send({ type: 'inventory', kind: 'block', ids: [i.toString(16).padStart(64, 'd')] });
      await world.time.advance(100);
    }
    const questions = crier.of('getHeaders').length - before;
    expect(questions).toBeGreaterThan(0);
    expect(questions).toBeLessThanOrEqual((rounds * 100) / BARREN_QUESTION_MS + 1);
  });
});

describe('headers without bodies', () => {
  it('that drip in just in time delay a node’s transactions only for a bounded time', async () => {
    const world = new World();
    const node = world.node('node');
    const branch = makeBranch(NETWORK, genesis, 60);
    const dripper = new Puppet(world, 'dripper', node);
    dripper.onMessage = (message) => {
      if (message.type === 'hello') dripper.hello({ height: 60, tip: branch.at(-1)!.id, work: HUGE });
      if (message.type === 'ping') dripper.send({ type: 'pong', nonce: message.nonce, clockMs: world.time.now() });
      if (message.type === 'getHeaders') dripper.send({ type: 'headers', headers: branch });
    };
    const friend = new Puppet(world, 'friend', node);
    friend.hello();
    friend.onMessage = (message) => {
      if (message.type === 'ping') friend.send({ type: 'pong', nonce: message.nonce, clockMs: world.time.now() });
    };
    await world.time.advance(1_000);
    let bodies = 0;
    let refusedMs = 0;
    for (let serial = 0; serial < 200; serial++) {
      if (serial % 25 === 0) dripper.send({ type: 'block', block: branch[bodies++]! });
      friend.send({ type: 'transaction', transaction: makeTransfer(NETWORK, serial) });
      await world.time.advance(1_000);
      if (!node.mempool.has(makeTransfer(NETWORK, serial).id)) refusedMs += 1_000;
    }
    expect(node.chain.tip().height).toBe(bodies);
    expect(refusedMs).toBeLessThanOrEqual(CATCH_UP_PATIENCE_MS + bodies * PATIENCE_PER_BLOCK_MS);
  });

  it('of peers with ever new identities do not delay the download from an honest one', async () => {
    const world = new World();
    const fresh = world.node('fresh');
    const branch = makeBranch(NETWORK, genesis, 400);
    const old = world.node('old');
    await old.load(branch);
    const tip = branch.at(-1)!;
    let number = 0;
    const renew = (): void => {
      const thief = new Puppet(world, `thief${number++}`, fresh);
      thief.onMessage = (message) => {
        if (message.type === 'hello') thief.hello({ height: tip.header.height, tip: tip.id, work: old.chain.tip().work });
        if (message.type === 'getHeaders') thief.send({ type: 'headers', headers: branch });
      };
      world.time.set(() => {
        thief.link.close('gone');
        renew();
      }, LIFE_MS);
    };
    for (let i = 0; i < LINKS; i++) renew();
    await world.time.advance(500);
    world.connect(fresh, old, { latencyMs: 20, bytesPerSecond: 10_000 });
    const startMs = world.time.now();
    expect(await world.time.until(() => fresh.tip === old.tip, 60_000)).toBe(true);
    // Downloading the blocks takes 6.4 seconds.
    expect(world.time.now() - startMs).toBeLessThan(10_000);
  });
});
