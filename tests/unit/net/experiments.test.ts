import { describe, expect, it } from 'vitest';
import type { ExperimentPort } from '../../../src/net/experiments.ts';
import { EXPERIMENT_PATIENCE_MS, PEER_EXPERIMENTS } from '../../../src/net/peer-limits.ts';
import { offerId, type ExperimentMessage } from '../../../src/protocol/wire-experiment.ts';
import type { ErrorCode } from '../../../src/util/error-codes.ts';
import { Puppet } from './support/puppet.ts';
import { World, type TestNode } from './support/test-node.ts';

const AGENT = 'other/1 experiments';

const message = (n = 1): ExperimentMessage => ({
  type: 'experiment',
  kind: 'transaction',
  account: 'ab'.repeat(20),
  signature: new Uint8Array(256),
  bytes: Uint8Array.of(n, n >> 8),
});

/** A node's part in experiments that always finds the same rule. */
class Desk implements ExperimentPort {
  readonly judged: ExperimentMessage[] = [];
  readonly seenCodes: (ErrorCode | null)[] = [];
  verdict: ErrorCode | null | undefined = 'balance-insufficient';

  async judge(given: ExperimentMessage): Promise<ErrorCode | null | undefined> {
    this.judged.push(given);
    return this.verdict;
  }

  seen(_message: ExperimentMessage, _peerId: string, code: ErrorCode | null): void {
    this.seenCodes.push(code);
  }
}

async function meet(agents: readonly string[] = [AGENT]): Promise<{ world: World; node: TestNode; desk: Desk; puppets: Puppet[] }> {
  const world = new World();
  const desk = new Desk();
  const node = world.node('node', { experiments: desk });
  const puppets = agents.map((_agent, i) => new Puppet(world, `puppet ${i}`, node));
  await world.time.advance(100);
  for (const [i, puppet] of puppets.entries()) puppet.hello({ agent: agents[i]! });
  await world.time.advance(2_000);
  return { world, node, desk, puppets };
}

describe('an experiment of a peer', () => {
  it('is judged, answered with the code, and blames nobody', async () => {
    const { world, node, desk, puppets } = await meet();
    const [puppet] = puppets as [Puppet];
    puppet.send(message());
    await world.time.advance(500);
    expect(puppet.of('verdict')).toEqual([{ type: 'verdict', offer: offerId(message()), code: 'balance-insufficient' }]);
    expect(desk.seenCodes).toEqual(['balance-insufficient']);
    expect(puppet.closed).toBe(false);
    expect(node.mempool.ids()).toEqual([]);
    expect(node.readyPeers).toEqual([puppet.peerId]);
  });

  it('without a broken rule gets an empty code, and is not taken either', async () => {
    const { world, node, desk, puppets } = await meet();
    desk.verdict = null;
    puppets[0]!.send(message());
    await world.time.advance(500);
    expect(puppets[0]!.of('verdict')).toMatchObject([{ code: '' }]);
    expect(node.mempool.ids()).toEqual([]);
  });

  it('whose signature cannot be verified gets no answer and is shown to nobody', async () => {
    const { world, desk, puppets } = await meet();
    desk.verdict = undefined;
    puppets[0]!.send(message());
    await world.time.advance(500);
    expect([puppets[0]!.of('verdict'), desk.seenCodes, puppets[0]!.closed]).toEqual([[], [], false]);
  });

  it('beyond the limit is dropped without an answer; later ones are judged again', async () => {
    const { world, desk, puppets } = await meet();
    for (let n = 0; n < 50; n++) puppets[0]!.send(message(n));
    await world.time.advance(2_000);
    expect(desk.judged).toHaveLength(PEER_EXPERIMENTS.burst);
    expect(puppets[0]!.closed).toBe(false);
    await world.time.advance(60_000 / PEER_EXPERIMENTS.perMinute + 1_000);
    puppets[0]!.send(message(99));
    await world.time.advance(500);
    expect(desk.judged.length).toBe(PEER_EXPERIMENTS.burst + 1);
  });
});

describe('an own experiment', () => {
  it('goes only to peers that know experiments, and collects the first verdict of each', async () => {
    const { world, node, puppets } = await meet([AGENT, AGENT, 'old/1']);
    const [one, two, old] = puppets as [Puppet, Puppet, Puppet];
    const answers = node.post(() => ({ promise: node.service.experiment(message()) }));
    await world.time.advance(100);
    expect([one, two, old].map((puppet) => puppet.of('experiment').length)).toEqual([1, 1, 0]);
    const offer = offerId(message());
    old.send({ type: 'verdict', offer, code: 'invented' });
    one.send({ type: 'verdict', offer: '00'.repeat(32), code: 'other-offer' });
    one.send({ type: 'verdict', offer, code: 'nonce-gap' });
    one.send({ type: 'verdict', offer, code: 'second' });
    two.send({ type: 'verdict', offer, code: '' });
    await world.time.advance(200);
    const { verdicts, silent, others } = await (await answers).promise;
    expect([...verdicts]).toEqual([
      [one.peerId, 'nonce-gap'],
      [two.peerId, ''],
    ]);
    expect([silent, others]).toEqual([[], 1]);
    expect([one, two, old].some(({ closed }) => closed)).toBe(false);
  });

  it('waits some seconds for the silent, and not at all for those who have left', async () => {
    const { world, node, puppets } = await meet([AGENT, AGENT]);
    const answers = node.post(() => ({ promise: node.service.experiment(message()) }));
    await world.time.advance(100);
    puppets[1]!.send({ type: 'bye', reason: 'leaving' });
    await world.time.advance(EXPERIMENT_PATIENCE_MS);
    const { verdicts, silent } = await (await answers).promise;
    expect(verdicts.size).toBe(0);
    expect([...silent].sort()).toEqual(puppets.map(({ peerId }) => peerId).sort());
  });

  it('is refused while another is open, and faster than peers judge', async () => {
    const { world, node } = await meet([]);
    for (let n = 0; n < PEER_EXPERIMENTS.burst; n++)
      await (
        await node.post(() => ({ promise: node.service.experiment(message(n)) }))
      ).promise;
    await expect(node.post(() => void node.service.experiment(message()))).rejects.toMatchObject({ code: 'experiment-too-soon' });
    await world.time.advance(60_000);
    expect((await (await node.post(() => ({ promise: node.service.experiment(message()) }))).promise).others).toBe(0);
    node.faults.length = 0;
  });
});
