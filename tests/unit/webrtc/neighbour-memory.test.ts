import { describe, expect, it } from 'vitest';
import { LINK_GRACE_MS, OUTGOING_LINKS, STABLE_LINK_MS } from '../../../src/webrtc/link-limits.ts';
import { MAX_REMEMBERED, sessionMemory, type NeighbourMemory } from '../../../src/webrtc/neighbour-memory.ts';
import { FakeRoom, FakeTab, identity } from '../net/support/fake-rtc.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

/** A tab's session storage. */
function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}

describe('good neighbours', () => {
  it('are found again after a reload, even if the server lists only other tabs', async () => {
    const time = new VirtualTime(1_000_000);
    const room = new FakeRoom(time);
    let remembered: readonly string[] = [];
    const memory: NeighbourMemory = { read: () => remembered, write: (peers) => (remembered = peers) };
    const tab = (index: number, own?: NeighbourMemory): FakeTab =>
      new FakeTab(room, identity(index), `address ${index}`, [], undefined, own);
    const first = tab(0, memory);
    const good = Array.from({ length: OUTGOING_LINKS }, (_, i) => tab(1 + i));
    for (const each of [...good, first]) each.start();
    await time.advance(STABLE_LINK_MS + 15_000);
    expect(remembered).toHaveLength(MAX_REMEMBERED);
    first.manager.stop();
    // Later tabs, which alone are listed.
    for (let i = 0; i < 30; i++) tab(100 + i).start();
    await time.advance(2 * LINK_GRACE_MS);
    room.listed = 20;
    const reloaded = tab(50, memory);
    const known = remembered;
    reloaded.start();
    await time.advance(2_000);
    const sought = reloaded.manager.links().flatMap(({ peer, outgoing }) => (outgoing ? [peer] : []));
    expect(sought).toEqual(expect.arrayContaining([...known]));
    expect(sought.length).toBeGreaterThan(OUTGOING_LINKS - 1);
  });

  it('that are gone cost nothing but one attempt', async () => {
    const time = new VirtualTime(1_000_000);
    const room = new FakeRoom(time);
    const memory: NeighbourMemory = { read: () => ['00000000000000aa', '00000000000000bb'], write: () => undefined };
    const tab = new FakeTab(room, identity(0), 'home', [], undefined, memory);
    const others = Array.from({ length: 3 }, (_, i) => new FakeTab(room, identity(1 + i)));
    for (const each of [...others, tab]) each.start();
    await time.advance(60_000);
    expect(tab.neighbours).toHaveLength(others.length);
    expect(tab.manager.known).toBe(others.length);
  });
});

describe('the memory of a tab', () => {
  it('keeps peer ids of each room apart', () => {
    const shared = storage();
    const [one, other] = [sessionMemory(shared, 'one'), sessionMemory(shared, 'other')];
    one.write(['00000000000000aa']);
    expect(one.read()).toEqual(['00000000000000aa']);
    expect(other.read()).toEqual([]);
  });

  it.each([
    ['no JSON', 'x'],
    ['no list', '{"length":3}'],
    ['no peer ids', '[1,null,"<b>",{}]'],
  ])('that holds %s is empty', (_what, text) => {
    expect(sessionMemory({ getItem: () => text, setItem: () => undefined }, 'room').read()).toEqual([]);
  });

  it('is bounded, and a denied storage holds nothing', () => {
    const ids = Array.from({ length: 50 }, (_, i) => `${i}`.padStart(16, '0'));
    expect(sessionMemory({ getItem: () => JSON.stringify(ids), setItem: () => undefined }, 'room').read()).toHaveLength(MAX_REMEMBERED);
    const denied = sessionMemory(null, 'room');
    denied.write(ids);
    expect(denied.read()).toEqual([]);
  });
});
