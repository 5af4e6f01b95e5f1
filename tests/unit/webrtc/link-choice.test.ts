import { describe, expect, it } from 'vitest';
import { MAX_LINKS, OUTGOING_LINKS, ROTATION_MS, SMALL_ROOM_PEERS } from '../../../src/webrtc/link-limits.ts';
import type { Remote } from '../../../src/webrtc/remote.ts';
import { Remotes } from '../../../src/webrtc/remotes.ts';
import type { Rendezvous } from '../../../src/webrtc/rendezvous.ts';
import { choose, chooseAny } from '../../../src/webrtc/slots.ts';
import { FakeRoom, FakeTab, identity } from '../net/support/fake-rtc.ts';
import { seededRandom } from '../net/support/test-node.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

/** A large room at rest. */
async function largeRoom(count: number): Promise<{ time: VirtualTime; all: FakeTab[] }> {
  const time = new VirtualTime(1_000_000);
  const room = new FakeRoom(time);
  const all = Array.from({ length: count }, (_, i) => new FakeTab(room, identity(i), `address ${i}`));
  for (const tab of all) tab.start();
  await time.advance(5_000);
  return { time, all };
}

const sought = (tab: FakeTab): string[] => tab.manager.links().flatMap(({ peer, outgoing }) => (outgoing ? [peer] : []));

describe('in a large room', () => {
  it('one sought link goes to another tab now and then, and the others stay', async () => {
    const { time, all } = await largeRoom(24);
    const tab = all[16]!;
    const first = sought(tab);
    expect(first).toHaveLength(OUTGOING_LINKS + 1);
    const met = new Set(first);
    for (let minute = 0; minute < 8; minute++) {
      await time.advance(60_000);
      const now = sought(tab);
      expect(now.length).toBeLessThanOrEqual(SMALL_ROOM_PEERS);
      for (const peer of now) met.add(peer);
    }
    expect(met.size).toBeGreaterThan(OUTGOING_LINKS + 3);
    expect(sought(tab).filter((peer) => first.includes(peer)).length).toBeGreaterThanOrEqual(OUTGOING_LINKS);
    expect(all.every(({ links }) => links.size <= MAX_LINKS)).toBe(true);
  });

  it('a tab that brings what no other link brings keeps its link, in place of one of those', async () => {
    const { time, all } = await largeRoom(24);
    const tab = all[16]!;
    const before = sought(tab);
    const newcomers = (): string[] => sought(tab).filter((peer) => !before.includes(peer));
    expect(await time.until(() => newcomers().length > 0, ROTATION_MS)).toBe(true);
    const [newcomer] = newcomers();
    [...tab.links].find(({ peerId }) => peerId === newcomer)!.judge!({
      latencyMs: 20,
      broughtAt: time.monotonic(),
      broughtTransactionAt: null,
    });
    // Otherwise the newcomer would leave with the next change.
    await time.advance(3 * ROTATION_MS);
    expect(sought(tab)).toContain(newcomer);
    expect(sought(tab).length).toBeLessThanOrEqual(SMALL_ROOM_PEERS);
  });
});

describe('the choice of links to seek', () => {
  /** How many of this many chosen tabs are honest. */
  function chosen(count: number, honest: readonly string[], hostile: readonly string[]): number {
    const random = seededRandom('choice');
    const remotes = new Remotes({ monotonic: () => 0 }, random);
    // In a random order, as a server lists them.
    const ids = [...honest.map((group, i) => [`${i}`, group]), ...hostile.map((group, i) => [`${1_000 + i}`, group])];
    for (let i = ids.length - 1; i > 0; i--) {
      const j = (i * 7_919) % (i + 1);
      [ids[i], ids[j]] = [ids[j]!, ids[i]!];
    }
    let candidates = ids.map(([id, group]) => remotes.meet(id!, group!)!);
    const links: Remote[] = [];
    while (links.length < count) {
      const remote = choose(candidates, links, random)!;
      candidates = candidates.filter((other) => other !== remote);
      links.push(remote);
    }
    return links.filter(({ id }) => Number(id) < 1_000).length;
  }

  const times = (count: number, group: (i: number) => string): string[] => Array.from({ length: count }, (_, i) => group(i));

  it('meets honest tabs among many hostile ids of one address', () => {
    expect(
      chosen(
        6,
        times(20, (i) => `home ${i}`),
        times(200, () => 'attacker'),
      ),
    ).toBeGreaterThanOrEqual(3);
  });

  it('takes any tab only from those that a server has named, while there are some', () => {
    const random = seededRandom('named');
    const remotes = new Remotes({ monotonic: () => 0 }, random);
    const named = (id: string, kind: Rendezvous['kind']): Remote => {
      const remote = remotes.meet(id, `group ${id}`)!;
      remote.via.add({ kind } as Rendezvous);
      return remote;
    };
    const invented = Array.from({ length: 100 }, (_, i) => named(`invented ${i}`, 'peers'));
    const real = named('real', 'server');
    expect(chooseAny([...invented, real], random)).toBe(real);
    expect(invented).toContain(chooseAny(invented, random));
  });

  it('meets the tabs of one school among hostile ids of many addresses', () => {
    let honest = 0;
    for (let size = 40; size < 60; size++)
      honest += chosen(
        6,
        times(2 * size, () => 'school'),
        times(size, (i) => `attacker ${i}`),
      );
    // A third of all tabs, and one address of many.
    expect(honest / 20).toBeGreaterThan(1.5);
  });

  it('meets the tabs of one school, however large the number of hostile ids of many addresses', () => {
    for (let size = 40; size < 60; size++) {
      const school = times(size, () => 'school');
      expect(
        chosen(
          OUTGOING_LINKS,
          school,
          times(3 * size, (i) => `attacker ${i}`),
        ),
      ).toBeGreaterThanOrEqual(1);
    }
  });
});
