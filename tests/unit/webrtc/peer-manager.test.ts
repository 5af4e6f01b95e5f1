import { describe, expect, it } from 'vitest';
import {
  DIAL_TIMEOUT_MS,
  MAX_LINKS,
  OTHERS_CONNECTIONS,
  OWN_CONNECTIONS,
  REDIAL_MIN_MS,
  STABLE_LINK_MS,
} from '../../../src/webrtc/link-limits.ts';
import { parsePeerSignal, type PeerSignal } from '../../../src/webrtc/peer-signals.ts';
import { SignedSignals } from '../../../src/webrtc/signed-signals.ts';
import { FakeTab, ROOM, Stranger, description, identity, reach, roomOf } from '../net/support/fake-rtc.ts';
import { toHex } from '../../../src/util/bytes.ts';

describe('in a small room', () => {
  it('all tabs are linked with each other, by one connection per pair and end', async () => {
    const { time, room, all } = roomOf(5);
    for (const tab of all) {
      tab.start();
      await time.advance(100);
    }
    await time.advance(60_000);
    for (const tab of all) expect(tab.neighbours).toEqual(all.filter((other) => other !== tab).map(({ peerId }) => peerId));
    expect(all.flatMap(({ kinds }) => kinds).every((kind) => kind === 'direct')).toBe(true);
    expect(room.connectionsMade).toBe(5 * 4);
  });

  it('tabs that join at the same moment are linked within half a second', async () => {
    const { time, all } = roomOf(8);
    for (const tab of all) tab.start();
    await time.advance(500);
    expect(all.map(({ links }) => links.size)).toEqual(Array(8).fill(7));
  });

  it('carries messages whole and in order', async () => {
    const { time, all } = roomOf(2);
    for (const tab of all) tab.start();
    await time.advance(500);
    const [link] = all[0]!.links;
    for (let i = 0; i < 5; i++) link!.send(Uint8Array.of(0, i));
    await time.advance(500);
    expect(all[1]!.messages.map(({ from, bytes }) => [from, bytes[1]])).toEqual([0, 1, 2, 3, 4].map((i) => [all[0]!.peerId, i]));
  });
});

describe('in a large room', () => {
  it('each tab has a few links, none has too many, and all are connected', async () => {
    const { time, all } = roomOf(40);
    for (const tab of all) {
      tab.start();
      await time.advance(50);
    }
    await time.advance(30_000);
    expect(reach(all)).toBe(40);
    for (const { links } of all) {
      expect(links.size).toBeGreaterThanOrEqual(6);
      expect(links.size).toBeLessThanOrEqual(MAX_LINKS);
    }
    const total = all.reduce((sum, { links }) => sum + links.size, 0);
    expect(total / 40).toBeLessThan(16);
  });

  it('lost links are replaced', async () => {
    const { time, all } = roomOf(20);
    for (const tab of all) tab.start();
    await time.advance(10_000);
    for (const tab of all.slice(0, 10)) tab.manager.stop();
    await time.advance(60_000);
    expect(reach(all.slice(10))).toBe(10);
    for (const tab of all.slice(10)) expect(tab.links.size).toBeGreaterThanOrEqual(6);
  });
});

describe('links', () => {
  it('outlive the server that introduced them', async () => {
    const { time, room, all } = roomOf(3);
    for (const tab of all) tab.start();
    await time.advance(1_000);
    room.crash();
    await time.advance(120_000);
    expect(all.map(({ links }) => links.size)).toEqual([2, 2, 2]);
    const late = new FakeTab(room, identity(99));
    late.start();
    room.recover(all);
    await time.advance(2_000);
    expect(late.links.size).toBe(3);
    expect(all.map(({ opened }) => opened.length)).toEqual([3, 3, 3]);
  });

  it('are made again after a while when they break, at the request of either end', async () => {
    for (const breaker of [0, 1]) {
      const { time, all } = roomOf(2);
      for (const tab of all) tab.start();
      await time.advance(STABLE_LINK_MS + 1_000);
      const [link] = all[breaker]!.links;
      link!.close('test');
      await time.advance(100);
      expect(all.map(({ links }) => links.size)).toEqual([0, 0]);
      await time.advance(REDIAL_MIN_MS + 2_000);
      expect(all.map(({ links }) => links.size)).toEqual([1, 1]);
      expect(all[1 - breaker]!.closeReasons).toEqual(['closed by the other end']);
    }
  });

  it('that the node closes at once are retried less and less often', async () => {
    const { time, room, all } = roomOf(2);
    for (const tab of all) tab.start();
    let before = 0;
    const made: number[] = [];
    for (let minute = 0; minute < 6; minute++) {
      for (let second = 0; second < 60; second++) {
        await time.advance(1_000);
        for (const link of [...all[0]!.links]) link.close('refused');
      }
      made.push(room.connectionsMade - before);
      before = room.connectionsMade;
    }
    expect(made[0]).toBeGreaterThanOrEqual(4);
    expect(made[5]).toBeLessThanOrEqual(2);
  });

  it('that give no sign of life after sleep are made again beside the old links, and the others stay', async () => {
    for (const asleep of [0, 1]) {
      const { time, room, all } = roomOf(3);
      for (const tab of all) tab.start();
      await time.advance(STABLE_LINK_MS + 1_000);
      const before = room.connectionsMade;
      all[asleep]!.manager.doubtLinks();
      const alive = all[2]!;
      alive.link('direct', all[asleep]!).send(Uint8Array.of(1));
      await time.advance(900);
      expect(room.connectionsMade).toBe(before);
      await time.advance(1_500);
      expect(room.connectionsMade).toBe(before + 2);
      expect(all.map(({ neighbours }) => neighbours.length)).toEqual([2, 2, 2]);
      expect(all.map(({ opened }) => opened.length)).toEqual([3, 3, 2]);
    }
  });

  it('that close soon after sleep are made again at once', async () => {
    const { time, all } = roomOf(2);
    for (const tab of all) tab.start();
    await time.advance(STABLE_LINK_MS + 1_000);
    all[0]!.manager.doubtLinks();
    [...all[0]!.links][0]!.close('the other end closed it long ago');
    await time.advance(2_000);
    expect(all.map(({ links }) => links.size)).toEqual([1, 1]);
  });

  it('on which the node waits for an answer make this tab check its servers', async () => {
    const { time, all } = roomOf(2);
    for (const tab of all) tab.start();
    await time.advance(1_000);
    [...all[0]!.links][0]!.doubt!();
    expect([all[0]!.rendezvous.checks, all[1]!.rendezvous.checks]).toEqual([1, 0]);
  });

  it('are all cut by stop, and made again by start', async () => {
    const { time, all } = roomOf(3);
    for (const tab of all) tab.start();
    await time.advance(1_000);
    all[0]!.manager.stop();
    await time.advance(60_000);
    expect(all.map(({ links }) => links.size)).toEqual([0, 1, 1]);
    all[0]!.start();
    await time.advance(1_000);
    expect(all.map(({ links }) => links.size)).toEqual([2, 2, 2]);
  });

  it('are replaced when the other end has lost its own end unnoticed', async () => {
    for (const loser of [0, 1]) {
      const { time, room, all } = roomOf(2);
      for (const tab of all) tab.start();
      await time.advance(1_000);
      room.silent = true;
      [...all[loser]!.links][0]!.close('test');
      await time.advance(2 * REDIAL_MIN_MS + 1_000);
      expect(all.map(({ links }) => links.size)).toEqual([1, 1]);
      expect(all.map(({ opened }) => opened.length)).toEqual([2, 2]);
    }
  });
});

describe('the name of a tab', () => {
  /** Two linked tabs, and a third that tries to impersonate the first. */
  async function scene() {
    const { time, room, all } = roomOf(2);
    for (const tab of all) tab.start();
    await time.advance(1_000);
    const [alex, ming] = all as [FakeTab, FakeTab];
    const thief = new Stranger(room, identity(7), 'elsewhere');
    const unharmed = (): void => {
      expect(all.map(({ opened, closeReasons }) => [opened.length, closeReasons.length])).toEqual([
        [1, 0],
        [1, 0],
      ]);
    };
    return { time, room, alex, ming, thief, unharmed };
  }

  it('cannot be used by others: signals under a foreign id, key or signature do nothing', async () => {
    const { time, alex, ming, thief, unharmed } = await scene();
    const offer = { kind: 'rtc', attempt: '0'.repeat(16), data: description('offer', 0) } as const;
    const kinds: PeerSignal[] = [
      { kind: 'want' },
      { kind: 'relay-open' },
      { kind: 'busy' },
      { kind: 'relay-ok' },
      { kind: 'relay-close' },
      offer,
    ];
    for (const [victim, spoken] of [
      [alex, ming],
      [ming, alex],
    ] as const) {
      const ofVictim = new SignedSignals(spoken.identity, ROOM);
      for (const kind of kinds) {
        const own = thief.seal(victim.peerId, kind);
        const otherRecipient = ofVictim.seal(thief.peerId, kind);
        const otherRoom = new SignedSignals(spoken.identity, 'cd'.repeat(32)).seal(victim.peerId, kind);
        const key = toHex(spoken.identity.publicKey);
        for (const forged of [own, { ...own, key }, { ...otherRecipient, count: 1_000 }, otherRecipient, otherRoom]) {
          victim.rendezvous.events!.signal(spoken.peerId, forged);
        }
      }
    }
    await time.advance(20_000);
    unharmed();
  });

  it('is used once by each signal: an earlier signal cannot be replayed', async () => {
    const { time, room, alex, ming, unharmed } = await scene();
    const early = { ...room.log.find(({ from, to }) => from === ming.peerId && to === alex.peerId)! };
    const late = { ...room.log.find(({ from, to }) => from === alex.peerId && to === ming.peerId)! };
    for (let i = 0; i < 100; i++) {
      alex.rendezvous.events!.signal(early.from, early.data);
      ming.rendezvous.events!.signal(late.from, late.data);
    }
    await time.advance(20_000);
    unharmed();
  });

  it('keeps its link while a new one is made at its own request', async () => {
    const { time, room, alex, ming } = await scene();
    room.blocked = () => true;
    const [first, second] = alex.peerId < ming.peerId ? [alex, ming] : [ming, alex];
    const own = new SignedSignals(second.identity, ROOM);
    for (let i = 0; i < 50; i++) own.seal(first.peerId, { kind: 'want' });
    second.rendezvous.signal(first.peerId, own.seal(first.peerId, { kind: 'want' }));
    await time.advance(30_000);
    expect([first.links.size, first.closeReasons]).toEqual([1, []]);
  });
});

describe('if WebRTC is blocked', () => {
  it('the server carries the link, and a direct one takes over when it can be made', async () => {
    const { time, room, all } = roomOf(3);
    room.blocked = (a, b) => [a, b].includes(all[0]!.peerId);
    for (const tab of all) tab.start();
    await time.advance(DIAL_TIMEOUT_MS + 2_000);
    expect(all.map(({ kinds }) => kinds.sort())).toEqual([
      ['relayed', 'relayed'],
      ['direct', 'relayed'],
      ['direct', 'relayed'],
    ]);
    const [link] = [...all[0]!.links].filter(({ peerId }) => peerId === all[2]!.peerId);
    link!.send(Uint8Array.of(7));
    await time.advance(100);
    expect(all[2]!.messages.map(({ bytes }) => [...bytes])).toEqual([[7]]);
    room.blocked = () => false;
    await time.advance(120_000);
    for (const tab of all) expect(tab.kinds).toEqual(['direct', 'direct']);
  });

  it('one relayed link is made at once when a tab has no WebRTC at all', async () => {
    const { time, room, all } = roomOf(2);
    for (const lame of all) {
      room.withoutRtc = lame.peerId;
      for (const tab of all) tab.start();
      await time.advance(200);
      expect(all.map(({ kinds }) => kinds)).toEqual([['relayed'], ['relayed']]);
      for (const tab of all) tab.manager.stop();
      await time.advance(200);
    }
    expect(all.map(({ opened }) => opened.length)).toEqual([2, 2]);
  });

  it('a relayed link ends at both ends when either closes it, and when the server goes', async () => {
    const { time, room, all } = roomOf(2);
    room.blocked = () => true;
    for (const tab of all) tab.start();
    await time.advance(DIAL_TIMEOUT_MS + 2_000);
    expect(all.map(({ kinds }) => kinds)).toEqual([['relayed'], ['relayed']]);
    [...all[1]!.links][0]!.close('test');
    await time.advance(100);
    expect(all.map(({ links }) => links.size)).toEqual([0, 0]);
    await time.advance(60_000);
    expect(all.map(({ kinds }) => kinds)).toEqual([['relayed'], ['relayed']]);
    room.crash();
    expect(all.map(({ links }) => links.size)).toEqual([0, 0]);
  });
});

it('never makes more connections than its budget allows', async () => {
  const { time, room, all } = roomOf(1);
  const [victim] = all as [FakeTab];
  victim.start();
  const attackers = [2, 3, 4, 5].map((i) => new Stranger(room, identity(i), `address ${i}`));
  for (let i = 0; i < 150; i++) {
    const attacker = attackers[i % attackers.length]!;
    attacker.say(victim.peerId, { kind: 'rtc', attempt: i.toString(16).padStart(16, '0'), data: description('offer', 0) });
    attacker.say(victim.peerId, { kind: 'want' });
    await time.advance(400);
  }
  expect(room.connectionsMade).toBeGreaterThan(1);
  const inOneMinute = ({ burst, perMinute }: { burst: number; perMinute: number }): number => burst + perMinute;
  expect(room.connectionsMade).toBeLessThanOrEqual(inOneMinute(OWN_CONNECTIONS) + inOneMinute(OTHERS_CONNECTIONS));
});

it('survives invalid signals', async () => {
  const nonsense = [
    null,
    1,
    'x',
    [],
    {},
    { kind: 'rtc' },
    { kind: 'rtc', attempt: 'zz', data: {} },
    { kind: 'rtc', attempt: '0'.repeat(16), data: null },
    { kind: 'rtc', attempt: '0'.repeat(16), data: { type: 'renegotiate', renegotiate: true } },
    { kind: '__proto__' },
  ];
  expect(nonsense.map(parsePeerSignal)).toEqual(nonsense.map(() => null));
  expect(parsePeerSignal({ kind: 'want', extra: 1 })).toEqual({ kind: 'want' });
  const { time, all } = roomOf(2);
  for (const tab of all) tab.start();
  await time.advance(1_000);
  for (const data of nonsense) all[1]!.rendezvous.signal(all[0]!.peerId, data);
  await time.advance(1_000);
  expect(all.map(({ links }) => links.size)).toEqual([1, 1]);
});
