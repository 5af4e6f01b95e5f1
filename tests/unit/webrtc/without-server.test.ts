import { describe, expect, it } from 'vitest';
import { OWN_CONNECTIONS } from '../../../src/webrtc/link-limits.ts';
import { encodeControlFrame } from '../../../src/webrtc/control-frames.ts';
import { Remotes } from '../../../src/webrtc/remotes.ts';
import type { Rendezvous } from '../../../src/webrtc/rendezvous.ts';
import { bigIntToBytes, concatBytes, fromHex, toHex, utf8 } from '../../../src/util/bytes.ts';
import { FakeRoom, FakeTab, ROOM, Stranger, identity, reach, roomOf } from '../net/support/fake-rtc.ts';
import { seededRandom } from '../net/support/test-node.ts';

describe('after the last server has gone', () => {
  it('a tab that reaches one peer is soon linked with several, and all are connected', async () => {
    const { time, room, all } = roomOf(6);
    const browser = new FakeRoom(time, room);
    const entry = new FakeTab(room, identity(50), 'one address', [browser]);
    for (const tab of [...all, entry]) tab.start();
    await time.advance(5_000);
    room.crash();
    await time.advance(20_000);
    const newcomer = new FakeTab(browser, identity(51));
    newcomer.start();
    await time.advance(1_000);
    expect(newcomer.links.size).toBe(7);
    expect([...newcomer.links].filter(({ met }) => met === 'peers').length).toBe(6);
    const seen = newcomer.manager.links().find(({ peer }) => peer === entry.peerId)!;
    expect(seen.neighbours.map(({ peer }) => peer).sort()).toEqual(all.map(({ peerId }) => peerId).sort());
  });

  it('lost links are replaced through the remaining neighbours', async () => {
    const { time, room, all } = roomOf(24);
    for (const tab of all) tab.start();
    await time.advance(40_000);
    room.crash();
    const staying = all.slice(8);
    for (const tab of all.slice(0, 8)) tab.manager.stop();
    await time.advance(30_000);
    expect(reach(staying)).toBe(16);
    for (const { links } of staying) expect(links.size).toBeGreaterThanOrEqual(6);
  });

  it('tabs that meet again through peers keep one link each', async () => {
    const { time, room, all } = roomOf(5);
    for (const tab of all) tab.start();
    await time.advance(5_000);
    room.crash();
    await time.advance(120_000);
    expect(all.map(({ opened }) => opened.length)).toEqual([4, 4, 4, 4, 4]);
    // A broken link comes back, although nobody but other tabs can carry the signals.
    const [first, second] = all as [FakeTab, FakeTab];
    first.link('direct', second).close('test');
    await time.advance(20_000);
    expect(first.link('direct', second).met).toBe('peers');
    expect(all.map(({ opened }) => opened.length)).toEqual([5, 5, 4, 4, 4]);
  });
});

it('a server that takes signals and passes none on prevents no link, because the next attempt goes another way', async () => {
  const { time, room, all } = roomOf(4);
  const silent = new FakeRoom(time, room);
  const late = new FakeTab(silent, identity(60), 'one address');
  const entry = new FakeTab(room, identity(61), 'one address', [silent]);
  for (const tab of [...all, entry]) tab.start();
  await time.advance(2_000);
  late.start();
  await time.advance(2_000);
  expect(late.links.size).toBe(5);
  // From now on, the room's server says that all are present, but no signal arrives.
  room.tripMs = 10 ** 9;
  const [low, high] = all as [FakeTab, FakeTab];
  low.link('direct', high).close('test');
  await time.advance(60_000);
  expect(low.neighbours).toContain(high.peerId);
  expect(low.link('direct', high).met).toBe('peers');
});

describe('a neighbour that lists tabs which do not exist', () => {
  it('uses up no more than the budget for own connections, and an honest newcomer is linked', async () => {
    const { time, room, all } = roomOf(3);
    for (const tab of all) tab.start();
    await time.advance(2_000);
    const made = room.connectionsMade;
    const [hostile, victim] = all as [FakeTab, FakeTab];
    for (let second = 0; second < 60; second++) {
      const links = Array.from({ length: 30 }, (_, i) => ({
        peer: `f${(second * 30 + i).toString(16).padStart(15, '0')}`,
        kind: 'direct' as const,
      }));
      hostile.link('direct', victim).send(encodeControlFrame({ type: 'neighbours', links })!);
      await time.advance(1_000);
    }
    expect(room.connectionsMade - made).toBeLessThanOrEqual(OWN_CONNECTIONS.burst + OWN_CONNECTIONS.perMinute);
    expect(victim.manager.known).toBeLessThan(60);
    const newcomer = new FakeTab(room, identity(70));
    newcomer.start();
    await time.advance(1_000);
    expect(victim.neighbours).toContain(newcomer.peerId);
  });
});

it('what a server says of a group counts more than what peers say, in either order', () => {
  const remotes = new Remotes({ monotonic: () => 0 }, seededRandom('groups'));
  const server = { kind: 'server' } as Rendezvous;
  const peers = { kind: 'peers' } as Rendezvous;
  const [first, second] = ['1', '2'].map((digit) => remotes.meet(digit.repeat(16), 'unknown')!);
  first!.announced(peers, 'via a');
  expect(first!.group).toBe('via a');
  first!.announced(server, 'one address');
  first!.announced(peers, 'via b');
  second!.announced(server, 'one address');
  second!.via.clear();
  second!.announced(peers, 'via a');
  expect([first!.group, second!.group]).toEqual(['one address', 'one address']);
});

it('a tab opened from an older page gets no control frames, because its node would take them for a violation', async () => {
  const { time, room, all } = roomOf(1);
  const [tab] = all as [FakeTab];
  tab.start();
  const body = { kind: 'relay-open' };
  for (const [index, control] of [1, undefined, 2].entries()) {
    const who = identity(80 + index);
    const text = JSON.stringify({ ...body, control });
    const ids = concatBytes(fromHex(who.peerId), fromHex(tab.peerId));
    const signature = who.sign(concatBytes(utf8('tabchain signal 1\n'), fromHex(ROOM), ids, bigIntToBytes(1n, 8), utf8(text)));
    const heard: number[] = [];
    const { rendezvous } = new Stranger(room, who);
    rendezvous.start({
      present: () => undefined,
      absent: () => undefined,
      signal: () => undefined,
      relayed: (_from, bytes) => void heard.push(bytes[0]!),
      drained: () => undefined,
      lost: () => undefined,
    });
    rendezvous.signal(tab.peerId, { key: toHex(who.publicKey), count: 1, body: text, signature: toHex(signature) });
    await time.advance(2_000);
    expect(tab.neighbours).toContain(who.peerId);
    expect([...new Set(heard)]).toEqual(control === 1 ? [2] : []);
  }
});
