import { describe, expect, it } from 'vitest';
import { DIAL_TIMEOUT_MS, MAX_TRICKLED_CANDIDATES, RELAY_BESIDE_MS, RELAY_TIMEOUT_MS } from '../../../src/webrtc/link-limits.ts';
import { FakeRoom, FakeTab, Stranger, description, identity } from '../net/support/fake-rtc.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

/** Two servers, and tabs that know one of them or both. */
function world() {
  const time = new VirtualTime(1_000_000);
  const one = new FakeRoom(time);
  const other = new FakeRoom(time, one);
  const tab = (index: number, servers: readonly FakeRoom[]): FakeTab => {
    const made = new FakeTab(servers[0]!, identity(index), 'one address', servers.slice(1));
    made.start();
    return made;
  };
  return { time, one, other, tab };
}

describe('several signaling servers at once', () => {
  it('make one link with a tab that joins all of them, until the last server has lost that tab', async () => {
    const { time, one, other, tab } = world();
    const tabs = [tab(0, [one, other]), tab(1, [other, one])];
    await time.advance(1_000);
    expect(tabs.map(({ kinds }) => kinds)).toEqual([['direct'], ['direct']]);
    one.crash();
    other.crash();
    await time.advance(60_000);
    expect(tabs.map(({ kinds, opened }) => [kinds, opened.length])).toEqual([
      [['direct'], 1],
      [['direct'], 1],
    ]);
  });

  it('connect tabs that know only one of them: a tab that knows both introduces the others', async () => {
    const { time, one, other, tab } = world();
    const [left, both, right] = [tab(0, [one]), tab(1, [one, other]), tab(2, [other])];
    await time.advance(1_000);
    expect(both.neighbours).toEqual([left.peerId, right.peerId].sort());
    expect([left.neighbours, right.neighbours]).toEqual([[both.peerId, right.peerId].sort(), [both.peerId, left.peerId].sort()]);
    expect([...left.links].map(({ met }) => met).sort()).toEqual(['peers', 'server']);
  });

  it('carry a relayed link one at a time: when its server goes, the other one takes it over', async () => {
    const { time, one, other, tab } = world();
    one.blocked = () => true;
    const tabs = [tab(0, [one, other]), tab(1, [one, other])];
    await time.advance(DIAL_TIMEOUT_MS + 2_000);
    expect(tabs.map(({ kinds }) => kinds)).toEqual([['relayed'], ['relayed']]);
    one.crash();
    await time.advance(60_000);
    expect(tabs.map(({ kinds, opened }) => [kinds, opened.length])).toEqual([
      [['relayed'], 2],
      [['relayed'], 2],
    ]);
    [...tabs[0]!.links][0]!.send(Uint8Array.of(5));
    await time.advance(100);
    expect(tabs[1]!.messages.map(({ bytes }) => [...bytes])).toEqual([[5]]);
    other.crash();
    expect(tabs.map(({ links }) => links.size)).toEqual([0, 0]);
  });
});

describe('a request to relay', () => {
  /** Two linked tabs, and a way to send any request as the second. */
  async function linked() {
    const { time, one, tab } = world();
    const asked = tab(0, [one]);
    const asker = new Stranger(one, identity(1));
    asker.say(asked.peerId, { kind: 'relay-open' });
    await time.advance(100);
    expect(asked.kinds).toEqual(['relayed']);
    return { time, one, asked, asker };
  }

  it('does not affect a new direct link, but replaces an older one, because only the other end knows that it is lost', async () => {
    const { time, one, tab } = world();
    const tabs = [tab(0, [one]), tab(1, [one])];
    await time.advance(500);
    const [asked, asker] = tabs as [FakeTab, FakeTab];
    const signals = new Stranger(one, asker.identity);
    // The new signer counts from the beginning, and numbers below earlier ones are ignored.
    for (let i = 0; i < 50; i++) signals.seal(asked.peerId, { kind: 'relay-open' });
    signals.say(asked.peerId, { kind: 'relay-open' });
    await time.advance(100);
    expect(asked.kinds).toEqual(['direct']);
    await time.advance(RELAY_TIMEOUT_MS);
    signals.say(asked.peerId, { kind: 'relay-open' });
    await time.advance(100);
    expect([asked.kinds, asked.closeReasons]).toEqual([['relayed'], ['the other end has lost it']]);
    expect(signals.kinds).toContain('relay-ok');
  });

  it('in place of an open relayed link starts a new one without bytes of the old', async () => {
    const { time, asked, asker } = await linked();
    await time.advance(RELAY_BESIDE_MS);
    for (let i = 0; i < 3; i++) asker.say(asked.peerId, { kind: 'relay-open' });
    await time.advance(100);
    expect([asked.kinds, asked.opened.length, asked.closeReasons]).toEqual([['relayed'], 2, ['replaced']]);
  });

  it('is required: an answer without a request opens no link', async () => {
    const { time, one, tab } = world();
    const alone = tab(0, [one]);
    const stranger = new Stranger(one, identity(1));
    stranger.say(alone.peerId, { kind: 'relay-ok' });
    await time.advance(100);
    expect(alone.links.size).toBe(0);
  });
});

it('only the first candidates of an attempt are used', async () => {
  const { time, one, tab } = world();
  const [low, high] = [identity(0), identity(1)].sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
  const stranger = new Stranger(one, low!);
  const asked = new FakeTab(one, high!);
  asked.start();
  const attempt = 'ab'.repeat(8);
  // The stranger has the lower id, so it makes the offer. The room is blocked, so no link results.
  one.blocked = () => true;
  const partner = tab(2, [one]);
  await time.advance(500);
  void partner;
  stranger.say(asked.peerId, { kind: 'rtc', attempt, data: description('offer', 0) });
  await time.advance(100);
  const before = one.peer(one.connectionsMade - 1).candidates;
  const line = { candidate: 'candidate:1 1 udp 1 192.0.2.1 5000 typ host', sdpMid: '0', sdpMLineIndex: 0 };
  for (let i = 0; i < MAX_TRICKLED_CANDIDATES + 10; i++) {
    stranger.say(asked.peerId, { kind: 'rtc', attempt, data: { type: 'candidate', candidate: line } });
  }
  await time.advance(100);
  expect(one.peer(one.connectionsMade - 1).candidates - before).toBe(MAX_TRICKLED_CANDIDATES);
});
