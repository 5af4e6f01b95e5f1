import { describe, expect, it } from 'vitest';
import {
  ALL_ANSWERS,
  GROUP_SIGNALS,
  LINK_GRACE_MS,
  MAX_INCOMING_LINKS,
  MAX_LINKS,
  MAX_REMOTES,
  OUTGOING_LINKS,
  SENDER_ANSWERS,
  STRANGERS_SIGNALS,
} from '../../../src/webrtc/link-limits.ts';
import type { PeerSignal } from '../../../src/webrtc/peer-signals.ts';
import type { Rate } from '../../../src/util/token-bucket.ts';
import { FakeRoom, FakeTab, Stranger, identity } from '../net/support/fake-rtc.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

const RELAY_OPEN: PeerSignal = { kind: 'relay-open' };

const within = ({ burst, perMinute }: Rate, minutes: number): number => burst + perMinute * minutes;

function scene() {
  const time = new VirtualTime(1_000_000);
  const room = new FakeRoom(time);
  const victim = new FakeTab(room, identity(0), 'victim');
  victim.start();
  const crowd = (count: number, group = 'one address'): Stranger[] =>
    Array.from({ length: count }, (_, i) => new Stranger(room, identity(100 + i), group));
  const tab = (index: number, group: string): FakeTab => {
    const one = new FakeTab(room, identity(index), group);
    one.start();
    return one;
  };
  return { time, room, victim, crowd, tab };
}

describe('places for links', () => {
  it.each([
    ['another address', 'elsewhere'],
    ['the same address', 'one address'],
  ])('filled by thirty tabs of one address are still found by a newcomer of %s', async (_name, group) => {
    const { time, victim, crowd, tab } = scene();
    for (const stranger of crowd(30)) stranger.say(victim.peerId, RELAY_OPEN);
    await time.advance(LINK_GRACE_MS + 5_000);
    expect(victim.links.size).toBeGreaterThanOrEqual(MAX_INCOMING_LINKS);
    const newcomer = tab(1, group);
    await time.advance(2_000);
    expect(newcomer.neighbours).toContain(victim.peerId);
    await time.advance(60_000);
    expect(newcomer.neighbours).toContain(victim.peerId);
    expect(victim.links.size).toBeLessThanOrEqual(MAX_LINKS);
  });

  it('are kept by honest tabs of many addresses, however often tabs of one address ask', async () => {
    const { time, victim, crowd, tab } = scene();
    const strangers = crowd(40);
    const honest = Array.from({ length: 12 }, (_, i) => tab(1 + i, `address ${i}`));
    await time.advance(LINK_GRACE_MS + 1_000);
    const before = victim.neighbours.filter((id) => honest.some(({ peerId }) => peerId === id));
    expect(before.length).toBeGreaterThanOrEqual(OUTGOING_LINKS - 1);
    for (let second = 0; second < 20; second++) {
      for (let i = 0; i < 5; i++) strangers[(second * 5 + i) % strangers.length]!.say(victim.peerId, RELAY_OPEN);
      await time.advance(1_000);
    }
    expect(victim.neighbours).toEqual(expect.arrayContaining(before));
    expect(victim.links.size).toBeLessThanOrEqual(MAX_LINKS);
  });

  it('that this tab seeks go to as many addresses as possible', async () => {
    const { time, victim, crowd, tab } = scene();
    crowd(200);
    const honest = Array.from({ length: OUTGOING_LINKS }, (_, i) => tab(1 + i, `address ${i}`));
    await time.advance(2_000);
    expect(victim.neighbours).toEqual(expect.arrayContaining(honest.map(({ peerId }) => peerId)));
  });
});

describe('requests of strangers', () => {
  it('are answered at a limited rate, each and in total, and harm no link', async () => {
    const { time, victim, crowd, tab } = scene();
    const friend = tab(1, 'friend');
    await time.advance(1_000);
    const strangers = crowd(20);
    const [first] = strangers as [Stranger];
    const said = victim.rendezvous.sent;
    for (let i = 0; i < 100; i++) {
      first.say(victim.peerId, RELAY_OPEN);
      await time.advance(200);
    }
    const answered = first.kinds.filter((kind) => kind !== 'want').length;
    expect(answered).toBeGreaterThanOrEqual(SENDER_ANSWERS.burst);
    // An answer, the end of the relayed link before it, and this tab's own requests.
    expect(answered).toBeLessThanOrEqual(2 * within(SENDER_ANSWERS, 1 / 3) + 10);
    for (let i = 0; i < 200; i++) {
      strangers[i % strangers.length]!.say(victim.peerId, RELAY_OPEN);
      if (i % 20 === 0) await time.advance(1_000);
    }
    await time.advance(1_000);
    // An answer, and the end of the relayed link before it.
    expect(victim.rendezvous.sent - said).toBeLessThanOrEqual(2 * within(ALL_ANSWERS, 1) + 100);
    expect(friend.closeReasons).toEqual([]);
    expect(victim.neighbours).toContain(friend.peerId);
  });

  it('cost a bounded number of signature checks, however many ids they claim, and a friend is still heard', async () => {
    const { time, room, victim, crowd, tab } = scene();
    const [stranger] = crowd(1) as [Stranger];
    await time.advance(10);
    const forged = { ...stranger.seal(victim.peerId, RELAY_OPEN), count: 99, signature: '11'.repeat(64) };
    for (let i = 0; i < 1_000; i++) victim.rendezvous.events!.signal(stranger.peerId, forged);
    const checks = (): number => victim.logs.filter((event) => event === 'webrtc/signal-forged').length;
    expect(checks()).toBeGreaterThan(10);
    expect(checks()).toBeLessThanOrEqual(GROUP_SIGNALS.burst);
    const others = Array.from({ length: 60 }, (_, i) => identity(300 + i));
    for (let i = 0; i < 1_000; i++) {
      const claimed = others[i % others.length]!;
      const key = Buffer.from(claimed.publicKey).toString('hex');
      victim.rendezvous.events!.signal(claimed.peerId, { ...forged, key });
    }
    expect(checks()).toBeLessThanOrEqual(STRANGERS_SIGNALS.burst);
    const friend = tab(1, 'friend');
    await time.advance(3_000);
    expect(friend.neighbours).toContain(victim.peerId);
    expect(room.connectionsMade).toBeGreaterThan(0);
  });
});

describe('the memory of present tabs', () => {
  it('is bounded, and a flood of ids displaces only itself, not linked tabs or tabs from elsewhere', async () => {
    const { time, victim, tab } = scene();
    const friend = tab(1, 'friend');
    await time.advance(1_000);
    const present = (i: number): void => victim.rendezvous.events!.present(i.toString(16).padStart(16, '0'), 'flood');
    for (let i = 0; i < 5 * MAX_REMOTES; i++) present(i);
    const newcomer = tab(2, 'elsewhere');
    for (let i = 0; i < 5 * MAX_REMOTES; i++) present(100_000 + i);
    await time.advance(2_000);
    expect(friend.neighbours).toContain(victim.peerId);
    expect(newcomer.neighbours).toContain(victim.peerId);
    expect(friend.closeReasons).toEqual([]);
  });
});
