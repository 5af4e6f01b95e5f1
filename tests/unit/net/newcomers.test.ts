import { describe, expect, it } from 'vitest';
import { MAX_WAITING_PROOFS, SEND_HIGH_WATER_BYTES } from '../../../src/net/peer-limits.ts';
import { SEALED_HEADER_BYTES } from '../../../src/protocol/block.ts';
import { MAX_TAIL_HEADERS, type ChainTail } from '../../../src/protocol/work-proof.ts';
import { makeBranch } from './support/fake-chain.ts';
import { Puppet } from './support/puppet.ts';
import { NETWORK, World, type TestNode } from './support/test-node.ts';

const { genesis } = NETWORK;
const headers = makeBranch(NETWORK, genesis, MAX_TAIL_HEADERS);
const TAIL: ChainTail = { headers: headers.map(({ header, nonce, id }) => ({ header, nonce, id })), history: [] };
const [block, other] = ['aa'.repeat(32), 'bb'.repeat(32)];
const from = new Uint8Array(32).fill(9);
const CHUNK = { accounts: [{ address: 'cc'.repeat(20), balance: 1, nonce: 0, registration: null }], left: [], right: [] };

async function asking(bytesPerSecond = Infinity): Promise<{ world: World; node: TestNode; puppet: Puppet }> {
  const world = new World();
  const node = world.node('node');
  const puppet = new Puppet(world, 'puppet', node, { bytesPerSecond });
  puppet.hello();
  await world.time.advance(500);
  return { world, node, puppet };
}

describe('a newcomer’s requests', () => {
  it('are answered by the chain’s proofs, or by null', async () => {
    const { world, node, puppet } = await asking();
    const samples = { headers: TAIL.headers.slice(0, 1), nodes: [] };
    node.chain.proofs = {
      tail: (id) => (id === block ? TAIL : null),
      samples: (id, points) => (id === block && points.length === 2 ? samples : null),
      stateChunk: (id, key) => (id === block && key[0] === 9 ? CHUNK : null),
    };
    for (const id of [block, other]) {
      puppet.send({ type: 'getTail', tip: id });
      puppet.send({ type: 'getSamples', before: id, points: [1n, 5n] });
      puppet.send({ type: 'getAccounts', block: id, from });
    }
    await world.time.advance(500);
    expect(puppet.of('tail')).toEqual([
      { type: 'tail', tip: block, tail: TAIL },
      { type: 'tail', tip: other, tail: null },
    ]);
    expect(puppet.of('samples')).toEqual([
      { type: 'samples', before: block, samples },
      { type: 'samples', before: other, samples: null },
    ]);
    expect(puppet.of('accounts')).toEqual([
      { type: 'accounts', block, from, chunk: CHUNK },
      { type: 'accounts', block: other, from, chunk: null },
    ]);
  });

  it('wait while the chain makes the answer, and do not hold up others meanwhile', async () => {
    const { world, node, puppet } = await asking();
    let calls = 0;
    const stateChunk = (): typeof CHUNK | 'later' => {
      world.time.sleep(3);
      return ++calls < 30 ? 'later' : CHUNK;
    };
    node.chain.proofs = { tail: () => TAIL, samples: () => null, stateChunk };
    puppet.send({ type: 'getAccounts', block, from });
    puppet.send({ type: 'getTail', tip: block });
    await world.time.advance(2_000);
    expect(calls).toBe(30);
    expect(puppet.received.slice(-2).map(({ type }) => type)).toEqual(['tail', 'accounts']);
  });

  it('are refused beyond the queue', async () => {
    const { world, node, puppet } = await asking();
    // No answer before all have arrived.
    const stateChunk = (): 'later' => 'later';
    node.chain.proofs = { tail: () => TAIL, samples: () => null, stateChunk };
    const beyond = 4;
    for (let i = 0; i < MAX_WAITING_PROOFS + beyond; i++) puppet.send({ type: 'getAccounts', block, from });
    await world.time.advance(2_000);
    expect(puppet.of('accounts')).toEqual(Array.from({ length: beyond }, () => ({ type: 'accounts', block, from, chunk: null })));
  });

  it('wait for space on the link', async () => {
    const { world, node, puppet } = await asking(60_000);
    node.chain.proofs = { tail: () => TAIL, samples: () => null, stateChunk: () => null };
    const size = MAX_TAIL_HEADERS * SEALED_HEADER_BYTES;
    const asked = 40;
    for (let i = 0; i < asked; i++) puppet.send({ type: 'getTail', tip: block });
    let most = 0;
    for (let i = 0; i < 200; i++) {
      await world.time.advance(100);
      most = Math.max(most, puppet.link.other.bufferedBytes());
    }
    expect(most).toBeLessThan(SEND_HIGH_WATER_BYTES + 2 * size);
    const answers = puppet.of('tail');
    expect(answers.filter(({ tail }) => tail !== null).length).toBeGreaterThanOrEqual(MAX_WAITING_PROOFS);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });
});
