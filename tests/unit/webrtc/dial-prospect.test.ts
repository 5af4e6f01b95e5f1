import { describe, expect, it } from 'vitest';
import { DIAL_TIMEOUT_MS, HOPELESS_MAX_MS, HOPELESS_PEERS, MAINTAIN_MS, RELAY_BESIDE_MS } from '../../../src/webrtc/link-limits.ts';
import { FakeTab, Stranger, identity, reach, roomOf } from '../net/support/fake-rtc.ts';

const MINUTE_MS = 60_000;

/** Several one-way trips through the server. */
const TRIPS_MS = 100;

/** A room without WebRTC, some time after all tabs have started. */
async function hopeless(count: number, afterMs: number) {
  const made = roomOf(count);
  made.room.blocked = () => true;
  for (const tab of made.all) tab.start();
  await made.time.advance(afterMs);
  return made;
}

const withDirect = (all: readonly FakeTab[]): number => all.filter(({ kinds }) => kinds.includes('direct')).length;

describe('where WebRTC connects with nobody', () => {
  it('tabs dial more and more rarely, in a room of any size', async () => {
    for (const count of [8, 20]) {
      const { time, room, all } = await hopeless(count, 10 * MINUTE_MS);
      const [connections, signals] = [room.connectionsMade, room.log.length];
      await time.advance(10 * MINUTE_MS);
      // A dial makes a connection at both ends.
      expect((room.connectionsMade - connections) / count / 10).toBeLessThan(1);
      expect((room.log.length - signals) / count / 10).toBeLessThan(2);
      expect(reach(all)).toBe(count);
    }
  });

  it('a tab asks a newcomer for a relayed link without waiting for a dial', async () => {
    const { time, room } = await hopeless(6, MINUTE_MS);
    const stranger = new Stranger(room, identity(99));
    await time.advance(TRIPS_MS);
    expect(stranger.kinds).toContain('relay-open');
  });

  it('a newcomer is linked as soon as elsewhere', async () => {
    const { time, room } = await hopeless(7, MINUTE_MS);
    const late = new FakeTab(room, identity(99));
    late.start();
    await time.advance(RELAY_BESIDE_MS + TRIPS_MS);
    expect(late.kinds).toContain('relayed');
  });

  it('a change of the network leads to direct links at once', async () => {
    for (const change of ['doubtLinks', 'retryNow'] as const) {
      const { time, room, all } = await hopeless(7, 20 * MINUTE_MS);
      room.blocked = () => false;
      await time.advance(MAINTAIN_MS);
      all[0]!.manager[change]();
      await time.advance(MAINTAIN_MS);
      expect(all[0]!.kinds).toContain('direct');
    }
  });

  it('direct links come by themselves when the network allows them', async () => {
    const { time, room, all } = await hopeless(7, 20 * MINUTE_MS);
    room.blocked = () => false;
    await time.advance(2 * HOPELESS_MAX_MS);
    expect(withDirect(all)).toBe(7);
  });
});

describe('where WebRTC connects with some', () => {
  it('a tab goes on dialling those with whom it fails', async () => {
    const { time, room, all } = roomOf(2 * HOPELESS_PEERS);
    const here = new Set(all.filter((_, i) => i % 2 === 0).map(({ peerId }) => peerId));
    room.blocked = (a, b) => here.has(a) !== here.has(b);
    for (const tab of all) tab.start();
    await time.advance(20 * MINUTE_MS);
    room.blocked = () => false;
    // The pauses of a pair are at most as long.
    await time.advance(HOPELESS_MAX_MS + DIAL_TIMEOUT_MS);
    for (const { kinds } of all) expect(kinds.filter((kind) => kind === 'direct').length).toBe(all.length - 1);
  });

  it('a few tabs that nobody can connect with do not keep a tab from dialling others', async () => {
    const { time, room, all } = roomOf(HOPELESS_PEERS + 1);
    const late = all[0]!;
    room.blocked = (a, b) => a !== late.peerId && b !== late.peerId;
    for (const tab of all.slice(1)) tab.start();
    await time.advance(20 * MINUTE_MS);
    late.start();
    await time.advance(MAINTAIN_MS + TRIPS_MS);
    expect(withDirect(all)).toBe(HOPELESS_PEERS + 1);
  });
});

it('a tab that refuses a relayed link is asked less and less often', async () => {
  const { time, room } = await hopeless(6, MINUTE_MS);
  const stranger = new Stranger(room, identity(99));
  const asked: number[] = [];
  for (let minute = 0; minute < 20; minute++) {
    asked.push(0);
    for (let second = 0; second < 60; second++) {
      await time.advance(1_000);
      for (const from of stranger.heard.splice(0).map((signal) => signal.from)) {
        asked[minute]!++;
        stranger.say(from, { kind: 'busy' });
      }
    }
  }
  expect(asked[0]).toBeGreaterThan(0);
  expect(asked.slice(-5).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(2 * 6);
});
