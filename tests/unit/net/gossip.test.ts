import { describe, expect, it } from 'vitest';
import {
  MAX_BARREN_IN_FLIGHT,
  MAX_TRANSACTIONS_IN_FLIGHT,
  MEMPOOL_QUESTION_MS,
  MEMPOOL_REQUEST_MS,
  OWN_ANNOUNCE_MS,
  TRANSACTION_PATIENCE_MS,
  TRANSACTION_TIMEOUT_MS,
} from '../../../src/net/peer-limits.ts';
import { MAX_INVENTORY } from '../../../src/protocol/wire.ts';
import { makeBranch, makeTransfer } from './support/fake-chain.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

function line(world: World, length: number): TestNode[] {
  const nodes = Array.from({ length }, (_, i) => world.node(`node${i}`));
  for (let i = 1; i < length; i++) world.connect(nodes[i - 1]!, nodes[i]!, { latencyMs: 10 });
  return nodes;
}

async function readyPuppet(world: World, name: string, node: TestNode): Promise<Puppet> {
  const puppet = new Puppet(world, name, node);
  puppet.hello();
  await world.time.advance(100);
  return puppet;
}

describe('transactions', () => {
  it('reach all nodes in a line, each exactly once', async () => {
    const world = new World();
    const nodes = line(world, 6);
    await world.time.advance(500);
    const transfers = Array.from({ length: 20 }, (_, i) => makeTransfer(NETWORK, i));
    for (const transfer of transfers) await nodes[2]!.submit(transfer);
    expect(await world.time.until(() => nodes.every(({ mempool }) => mempool.ids().length === 20), 3_000)).toBe(true);
    await world.time.advance(30_000);
    expect(nodes.map(({ mempool }) => mempool.accepts)).toEqual(Array(6).fill(20));
  });

  it('reach all nodes in a full mesh, each exactly once', async () => {
    const world = new World();
    const nodes = Array.from({ length: 6 }, (_, i) => world.node(`node${i}`));
    for (const [i, a] of nodes.entries()) for (const b of nodes.slice(i + 1)) world.connect(a, b, { latencyMs: 5 + i });
    await world.time.advance(500);
    await nodes[0]!.submit(makeTransfer(NETWORK, 1));
    await world.time.advance(5_000);
    expect(nodes.map(({ mempool }) => mempool.accepts)).toEqual(Array(6).fill(1));
  });

  it('known before are exchanged when two meet', async () => {
    const world = new World();
    const [a, b] = [world.node('a'), world.node('b')];
    await a.submit(makeTransfer(NETWORK, 1));
    await b.submit(makeTransfer(NETWORK, 2));
    await world.time.advance(1_000);
    world.connect(a, b);
    expect(await world.time.until(() => a.mempool.ids().length === 2 && b.mempool.ids().length === 2, 2_000)).toBe(true);
  });

  it('wait until the newcomer has caught up', async () => {
    const world = new World();
    const [old, fresh] = [world.node('old'), world.node('fresh')];
    await old.load(makeBranch(NETWORK, NETWORK.genesis, 50));
    await old.submit(makeTransfer(NETWORK, 1));
    const heights: number[] = [];
    fresh.mempool.onAdded = () => heights.push(fresh.chain.tip().height);
    world.connect(old, fresh, { latencyMs: 30, bytesPerSecond: 20_000 });
    expect(await world.time.until(() => heights.length > 0, 10_000)).toBe(true);
    expect(heights[0]).toBeGreaterThan(45);
  });

  it('are requested from the next peer that has them when the first does not answer', async () => {
    const world = new World();
    const node = world.node('node');
    const [mute, helpful] = [await readyPuppet(world, 'mute', node), await readyPuppet(world, 'helpful', node)];
    const transfer = makeTransfer(NETWORK, 1);
    for (const puppet of [mute, helpful]) {
      puppet.send({ type: 'inventory', kind: 'transaction', ids: [transfer.id] });
      await world.time.advance(50);
    }
    expect([mute, helpful].map((puppet) => puppet.of('getData').length)).toEqual([1, 0]);
    await world.time.advance(TRANSACTION_TIMEOUT_MS + 2_000);
    expect(helpful.of('getData').map(({ ids }) => ids)).toEqual([[transfer.id]]);
  });

  it('are requested from more and more of the announcing peers, however many withhold them', async () => {
    const world = new World();
    const node = world.node('node');
    const mute: Puppet[] = [];
    for (let i = 0; i < 7; i++) mute.push(await readyPuppet(world, `mute${i}`, node));
    const helpful = await readyPuppet(world, 'helpful', node);
    const transaction = makeTransfer(NETWORK, 1);
    helpful.onMessage = (message) => {
      if (message.type === 'getData') helpful.send({ type: 'transaction', transaction });
    };
    for (const puppet of [...mute, helpful]) puppet.send({ type: 'inventory', kind: 'transaction', ids: [transaction.id] });
    expect(await world.time.until(() => node.mempool.has(transaction.id), 4 * TRANSACTION_PATIENCE_MS + 1_000)).toBe(true);
    expect(mute.map((puppet) => puppet.of('getData').length)).toEqual(Array(7).fill(1));
  });

  it('are credited to the link that brings them first, with its next pong', async () => {
    const world = new World();
    const node = world.node('node');
    const puppets = [await readyPuppet(world, 'first', node), await readyPuppet(world, 'second', node)];
    for (const puppet of puppets) {
      puppet.send({ type: 'transaction', transaction: makeTransfer(NETWORK, 1) });
      await world.time.advance(100);
    }
    // Quiet links get a ping soon, and the puppets answer.
    await world.time.advance(3_000);
    expect(puppets.map(({ link }) => link.other.worth?.broughtTransactionAt)).toEqual([expect.any(Number), null]);
  });

  it('that no peer delivers cost few requests, however many announce them', async () => {
    const world = new World();
    const node = world.node('node');
    const mute: Puppet[] = [];
    for (let i = 0; i < 8; i++) mute.push(await readyPuppet(world, `mute${i}`, node));
    for (let round = 0; round < 6; round++) {
      const ids = Array.from({ length: MAX_INVENTORY }, (_, i) => (round * MAX_INVENTORY + i).toString(16).padStart(64, '0'));
      for (const puppet of mute) puppet.send({ type: 'inventory', kind: 'transaction', ids });
      await world.time.advance(3_000);
    }
    const questions = mute.flatMap((puppet) => puppet.of('getData'));
    // Several messages a second for all eight together. One message per id would be thousands.
    expect(questions.length).toBeLessThan(6 * 3 * 20);
    const later = questions.slice(-1)[0]!;
    expect(later.ids.length).toBeLessThanOrEqual(MAX_BARREN_IN_FLIGHT);
    // A peer that delivers is asked, although the others announced the same transaction.
    const helpful = await readyPuppet(world, 'helpful', node);
    const transaction = makeTransfer(NETWORK, 1);
    helpful.onMessage = (message) => {
      if (message.type === 'getData') helpful.send({ type: 'transaction', transaction });
    };
    for (const puppet of [...mute, helpful]) puppet.send({ type: 'inventory', kind: 'transaction', ids: [transaction.id] });
    expect(await world.time.until(() => node.mempool.has(transaction.id), 2 * TRANSACTION_PATIENCE_MS)).toBe(true);
  });

  it('are requested at once from a second peer when the first has withheld others, until it delivers again', async () => {
    const world = new World();
    const node = world.node('node');
    const [late, prompt] = [await readyPuppet(world, 'late', node), await readyPuppet(world, 'prompt', node)];
    const transfers = Array.from({ length: 4 }, (_, i) => makeTransfer(NETWORK, i));
    const announce = async (puppet: Puppet, index: number): Promise<void> => {
      puppet.send({ type: 'inventory', kind: 'transaction', ids: [transfers[index]!.id] });
      await world.time.advance(50);
    };
    const asked = (puppet: Puppet): string[] => puppet.of('getData').flatMap(({ ids }) => ids);
    await announce(late, 0);
    await world.time.advance(TRANSACTION_PATIENCE_MS + 1_500);
    await announce(late, 1);
    await announce(prompt, 1);
    expect(asked(prompt)).toEqual([transfers[1]!.id]);
    late.send({ type: 'transaction', transaction: transfers[1]! });
    await world.time.advance(50);
    await announce(late, 2);
    await announce(prompt, 2);
    expect(asked(prompt)).toEqual([transfers[1]!.id]);
  });

  it.each(['answers notFound', 'leaves'])('are requested from the next at once when the first %s', async (how) => {
    const world = new World();
    const node = world.node('node');
    const [first, second] = [await readyPuppet(world, 'first', node), await readyPuppet(world, 'second', node)];
    const { id } = makeTransfer(NETWORK, 1);
    for (const puppet of [first, second]) {
      puppet.send({ type: 'inventory', kind: 'transaction', ids: [id] });
      await world.time.advance(50);
    }
    if (how === 'leaves') first.link.close('gone');
    else first.send({ type: 'notFound', kind: 'transaction', ids: [id] });
    await world.time.advance(100);
    expect(second.of('getData').map(({ ids }) => ids)).toEqual([[id]]);
  });

  it('that this node refuses by its own policy blame no peer and are not fetched again until the tip changes', async () => {
    const world = new World();
    const node = world.node('node');
    const puppet = await readyPuppet(world, 'puppet', node);
    const transaction = makeTransfer(NETWORK, 1, 13);
    puppet.send({ type: 'transaction', transaction });
    puppet.send({ type: 'inventory', kind: 'transaction', ids: [transaction.id] });
    await world.time.advance(500);
    expect(node.readyPeers).toEqual([puppet.peerId]);
    expect(puppet.of('getData')).toEqual([]);
    await node.mine();
    puppet.send({ type: 'inventory', kind: 'transaction', ids: [transaction.id] });
    await world.time.advance(500);
    expect(puppet.of('getData')).toHaveLength(1);
  });

  it('that no honest node passes on end the link', async () => {
    const world = new World();
    const node = world.node('node');
    const puppet = await readyPuppet(world, 'puppet', node);
    puppet.send({ type: 'transaction', transaction: makeTransfer(NETWORK, 1, 666) });
    await world.time.advance(500);
    expect(puppet.of('bye').map(({ reason }) => reason)).toEqual(['violation']);
  });

  it('of one peer are fetched in bounded number', async () => {
    const world = new World();
    const node = world.node('node');
    const puppet = await readyPuppet(world, 'puppet', node);
    for (let batch = 0; batch < 5; batch++) {
      const ids = Array.from({ length: MAX_INVENTORY }, (_, i) => (batch * MAX_INVENTORY + i).toString(16).padStart(64, '0'));
      puppet.send({ type: 'inventory', kind: 'transaction', ids });
    }
    await world.time.advance(500);
    expect(puppet.of('getData').flatMap(({ ids }) => ids)).toHaveLength(MAX_TRANSACTIONS_IN_FLIGHT);
  });

  it('of this tab are announced again until they are confirmed', async () => {
    const world = new World();
    const node = world.node('node');
    const puppet = await readyPuppet(world, 'puppet', node);
    puppet.onMessage = (message) => {
      if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce, clockMs: 0 });
    };
    const transfer = makeTransfer(NETWORK, 1);
    await node.submit(transfer);
    node.service.announceTransaction(transfer.id, true);
    await world.time.advance(2 * OWN_ANNOUNCE_MS + 2_000);
    const count = puppet.of('inventory').length;
    expect(count).toBeGreaterThanOrEqual(3);
    await node.mine();
    await world.time.advance(2 * OWN_ANNOUNCE_MS);
    expect(puppet.of('inventory').filter(({ kind }) => kind === 'transaction')).toHaveLength(count);
  });
});

describe("a peer's mempool", () => {
  it('is requested again when the chain was exchanged, as soon as the peer may answer again', async () => {
    const world = new World();
    const node = world.node('node');
    const puppet = await readyPuppet(world, 'puppet', node);
    const transfer = makeTransfer(NETWORK, 1);
    let answeredAt = -Infinity;
    let ignored = 0;
    puppet.onMessage = (message) => {
      if (message.type === 'getMempool') {
        // Like nodes, ignores a second request within five seconds.
        if (world.time.now() - answeredAt < MEMPOOL_REQUEST_MS) return void ignored++;
        answeredAt = world.time.now();
        puppet.send({ type: 'inventory', kind: 'transaction', ids: [transfer.id] });
      }
      if (message.type === 'getData') puppet.send({ type: 'transaction', transaction: transfer });
    };
    await world.time.advance(MEMPOOL_REQUEST_MS);
    // The chain is exchanged right after a request.
    node.service.rebind(node.chain, node.mempool);
    expect(await world.time.until(() => node.mempool.has(transfer.id), MEMPOOL_QUESTION_MS)).toBe(true);
    node.mempool.remove(transfer.id);
    await node.post(() => node.service.rebind(node.chain, node.mempool));
    expect(await world.time.until(() => node.mempool.has(transfer.id), MEMPOOL_QUESTION_MS + 1_000)).toBe(true);
    expect(ignored).toBe(0);
  });

  it('longer than the limit in flight is requested again when there is space', async () => {
    const world = new World();
    const [old, fresh] = [world.node('old'), world.node('fresh')];
    const count = MAX_TRANSACTIONS_IN_FLIGHT + 300;
    for (let serial = 0; serial < count; serial++) await old.submit(makeTransfer(NETWORK, serial));
    await world.time.advance(1_000);
    world.connect(old, fresh, { latencyMs: 5 });
    expect(await world.time.until(() => fresh.mempool.ids().length === count, 3 * MEMPOOL_QUESTION_MS)).toBe(true);
  });
});

describe('blocks', () => {
  it('reach all nodes in a line within a few round trips, each exactly once', async () => {
    const world = new World();
    const nodes = line(world, 6);
    await world.time.advance(500);
    for (let serial = 0; serial < 3; serial++) {
      await nodes[0]!.submit(makeTransfer(NETWORK, serial));
      await world.time.advance(1_000);
      await nodes[0]!.mine();
      expect(await world.time.until(() => nodes.every(({ tip }) => tip === nodes[0]!.tip), 300)).toBe(true);
    }
    await world.time.advance(30_000);
    expect(nodes.map(({ chain }) => chain.acceptedBlocks)).toEqual(Array(6).fill(3));
  });

  it('are announced by id only to a peer far behind', async () => {
    const world = new World();
    const node = world.node('node');
    await node.load(makeBranch(NETWORK, NETWORK.genesis, 10));
    const puppet = await readyPuppet(world, 'puppet', node);
    const block = await node.mine();
    await world.time.advance(100);
    expect(puppet.of('compactBlock')).toEqual([]);
    expect(puppet.of('inventory')).toEqual([{ type: 'inventory', kind: 'block', ids: [block.id] }]);
  });
});
