import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAINTAIN_MS,
  MAX_INCOMING_LINKS,
  MAX_OUTGOING_RELAYS,
  RELAY_BESIDE_MS,
  RELAY_OVERLAP_MS,
} from '../../../src/webrtc/link-limits.ts';
import { FakeRoom, FakeTab, identity, tabs } from '../net/support/fake-rtc.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

/** Several one-way trips through the server. */
const TRIPS_MS = 100;

function scene(count: number) {
  const time = new VirtualTime(1_000_000);
  const room = new FakeRoom(time);
  const all = tabs(room, count);
  const kinds = (): string[][] => all.map((tab) => tab.kinds.sort());
  const signals = (kind: string): number => room.log.filter(({ data }) => JSON.stringify(data).includes(kind)).length;
  return { time, room, all, kinds, signals };
}

describe('a relayed link', () => {
  it('opens beside the dial, one for each pair, in a fraction of a second', async () => {
    const { time, room, all, kinds } = scene(4);
    room.blocked = () => true;
    for (const tab of all) tab.start();
    await time.advance(RELAY_BESIDE_MS + TRIPS_MS);
    expect(kinds()).toEqual(Array(4).fill(['relayed', 'relayed', 'relayed']));
    expect(all.map(({ opened }) => opened.length)).toEqual([3, 3, 3, 3]);
  });

  it('opens at the request of a newcomer to a hidden tab, whose timers do not run', async () => {
    const { time, room, all, kinds } = scene(2);
    room.blocked = () => true;
    for (const [hidden, newcomer] of [all, all.slice().reverse()] as [FakeTab, FakeTab][]) {
      hidden.start();
      await time.advance(60_000);
      hidden.timersRun = false;
      newcomer.start();
      await time.advance(RELAY_BESIDE_MS + TRIPS_MS);
      expect(kinds()).toEqual([['relayed'], ['relayed']]);
      for (const tab of all) tab.manager.stop();
      hidden.timersRun = true;
      await time.advance(TRIPS_MS);
    }
  });

  it('is not sought if the dial succeeds soon', async () => {
    const { time, room, all, kinds, signals } = scene(2);
    room.connectMs = RELAY_BESIDE_MS - TRIPS_MS;
    for (const tab of all) tab.start();
    await time.advance(10_000);
    expect(kinds()).toEqual([['direct'], ['direct']]);
    expect(signals('relay-')).toBe(0);
  });

  it('is made once, whenever both ends ask', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2 * RELAY_BESIDE_MS), fc.boolean(), async (laterMs, lowerFirst) => {
        const { time, room, all, kinds } = scene(2);
        room.blocked = () => true;
        const [first, second] = lowerFirst ? all : all.slice().reverse();
        first!.start();
        await time.advance(laterMs);
        second!.start();
        await time.advance(RELAY_BESIDE_MS + MAINTAIN_MS);
        expect(kinds()).toEqual([['relayed'], ['relayed']]);
        expect(all.map(({ opened }) => opened.length)).toEqual([1, 1]);
      }),
      { numRuns: 50 },
    );
  });

  /** Two servers, and two tabs that WebRTC cannot connect, with the lower id first. */
  function twoServers() {
    const time = new VirtualTime(1_000_000);
    const one = new FakeRoom(time);
    const other = new FakeRoom(time, one);
    one.blocked = () => true;
    const [lower, higher] = [identity(0), identity(1)].sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
    return { time, one, other, lower: lower!, higher: higher! };
  }

  it('is the same link at both ends if both ask at once over two servers', async () => {
    const { time, one, other, lower, higher } = twoServers();
    const pair = [new FakeTab(one, lower, 'one address', [other]), new FakeTab(other, higher, 'one address', [one])];
    for (const tab of pair) tab.start();
    await time.advance(RELAY_BESIDE_MS - TRIPS_MS);
    // Both ends ask before they hear of the other's request.
    one.tripMs = other.tripMs = 2 * TRIPS_MS;
    await time.advance(8 * TRIPS_MS);
    expect(pair.map(({ kinds }) => kinds)).toEqual([['relayed'], ['relayed']]);
    for (const tab of pair) [...tab.links][0]!.send(Uint8Array.of(3));
    await time.advance(4 * TRIPS_MS);
    expect(pair.map(({ messages }) => messages.map(({ bytes }) => [...bytes]))).toEqual([[[3]], [[3]]]);
  });

  it('opens over the other server if the server of the request has lost the other end', async () => {
    const { time, one, other, lower, higher } = twoServers();
    const asker = new FakeTab(one, lower, 'one address', [other]);
    const asked = new FakeTab(other, higher);
    asker.start();
    asked.start();
    await time.advance(RELAY_BESIDE_MS - TRIPS_MS);
    // The asker's first server announces the other tab just before the request, and then cannot reach it.
    asker.rendezvous.events!.present(asked.peerId, 'one address');
    await time.advance(3 * TRIPS_MS);
    expect([asker.kinds, asked.kinds]).toEqual([['relayed'], ['relayed']]);
  });
});

describe('a direct link that comes later than the relayed link', () => {
  /** Two tabs with a relayed link, and a direct link that has just opened beside it. */
  async function both() {
    const made = scene(2);
    const { time, room, all, kinds } = made;
    room.connectMs = 1_000;
    for (const tab of all) tab.start();
    await time.advance(RELAY_BESIDE_MS + TRIPS_MS);
    expect(kinds()).toEqual([['relayed'], ['relayed']]);
    await time.advance(1_000);
    expect(kinds()).toEqual([
      ['direct', 'relayed'],
      ['direct', 'relayed'],
    ]);
    return { ...made, alex: all[0]!, ming: all[1]! };
  }

  it('opens beside it, both carry messages, and the direct link stays when the node closes the other', async () => {
    const { time, alex, ming, kinds } = await both();
    alex.link('relayed', ming).send(Uint8Array.of(1));
    ming.link('direct', alex).send(Uint8Array.of(5));
    await time.advance(TRIPS_MS);
    alex.link('direct', ming).send(Uint8Array.of(3));
    alex.link('relayed', ming).close('duplicate');
    await time.advance(TRIPS_MS);
    expect(ming.messages.map(({ bytes }) => bytes[0])).toEqual([1, 3]);
    expect(alex.messages.map(({ bytes }) => bytes[0])).toEqual([5]);
    expect(ming.closeReasons).toEqual(['closed by the other end']);
    await time.advance(60_000);
    expect(kinds()).toEqual([['direct'], ['direct']]);
  });

  it('leaves the relayed link in place if it fails before the node has moved', async () => {
    const { time, room, alex, ming, kinds } = await both();
    room.blocked = () => true;
    alex.link('direct', ming).close('no hello');
    await time.advance(30_000);
    expect(kinds()).toEqual([['relayed'], ['relayed']]);
    expect([alex, ming].map(({ opened }) => opened.length)).toEqual([2, 2]);
  });

  it('ends the relayed link after a while even if no node does', async () => {
    const { time, kinds } = await both();
    await time.advance(RELAY_OVERLAP_MS + MAINTAIN_MS + TRIPS_MS);
    expect(kinds()).toEqual([['direct'], ['direct']]);
  });
});

it('both ends have the same links soon after, if the direct link opens while they ask for a relayed link', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -TRIPS_MS, max: TRIPS_MS }), fc.nat(TRIPS_MS), async (nearMs, laterMs) => {
      const { time, room, all, kinds } = scene(2);
      room.connectMs = RELAY_BESIDE_MS + nearMs;
      all[0]!.start();
      await time.advance(laterMs);
      all[1]!.start();
      await time.advance(room.connectMs + 3 * TRIPS_MS);
      const [ofFirst, ofSecond] = kinds();
      expect(ofFirst).toEqual(ofSecond);
      expect(ofFirst).toContain('direct');
    }),
    { numRuns: 50 },
  );
});

describe('a class of thirty tabs without UDP', () => {
  it('is one network within a second, and no tab has more than its share of relayed links', async () => {
    const { time, room, all } = scene(30);
    room.blocked = () => true;
    for (const tab of all) tab.start();
    await time.advance(1_000);
    const byId = new Map(all.map((tab) => [tab.peerId, tab]));
    const seen = new Set([all[0]!.peerId]);
    for (const id of seen) for (const next of byId.get(id)!.neighbours) seen.add(next);
    expect(seen.size).toBe(30);
    await time.advance(3_000);
    for (const { links } of all) expect(links.size).toBeLessThanOrEqual(MAX_OUTGOING_RELAYS + MAX_INCOMING_LINKS);
    const total = all.reduce((sum, { links }) => sum + links.size, 0);
    // Each pair counts twice.
    expect(total).toBeLessThanOrEqual(2 * 30 * MAX_OUTGOING_RELAYS);
  });

  it('has a newcomer linked within a second', async () => {
    const { time, room, all } = scene(30);
    room.blocked = () => true;
    for (const tab of all.slice(1)) tab.start();
    await time.advance(3_000);
    all[0]!.start();
    await time.advance(1_000);
    expect(all[0]!.links.size).toBeGreaterThanOrEqual(MAX_OUTGOING_RELAYS);
  });
});
