import { describe, expect, it } from 'vitest';
import { encodeControlFrame, parseControlFrame, type ControlFrame } from '../../../src/webrtc/control-frames.ts';
import {
  LINK_INTRODUCTIONS,
  LINK_PASSES,
  MAX_NEIGHBOURS,
  NEIGHBOURS_PAUSE_MS,
  OWN_PASSES,
  ROUTE_MS,
  TARGET_PASSES,
} from '../../../src/webrtc/link-limits.ts';
import { OpenLink } from '../../../src/webrtc/open-link.ts';
import { PeerRendezvous } from '../../../src/webrtc/peer-rendezvous.ts';
import { seededRandom } from '../net/support/test-node.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

const SELF = '00000000000000ff';

function id(index: number): string {
  return index.toString(16).padStart(16, '0');
}

function stranger(index: number): string {
  return `f${index.toString(16).padStart(15, '0')}`;
}

/** One end of a link: what this tab sends on it, and what the neighbour says. */
class Neighbour {
  readonly sent: ControlFrame[] = [];
  readonly link: OpenLink;
  readonly #world: World;
  buffered = 0;

  constructor(world: World, peer: string) {
    this.#world = world;
    const carrier = {
      rtc: true,
      send: (bytes: Uint8Array) => void this.sent.push(parseControlFrame(bytes)!),
      bufferedBytes: () => this.buffered,
      close: () => undefined,
    };
    const identity = { id: `direct-${peer}`, peerId: peer, kind: 'direct', met: 'server', openedAt: 0 } as const;
    this.link = new OpenLink(identity, carrier, (link) => world.peers.closed(link));
    world.peers.opened(this.link);
  }

  say(frame: ControlFrame): void {
    this.#world.peers.received(this.link, encodeControlFrame(frame)!);
  }

  list(...peers: string[]): void {
    this.say({ type: 'neighbours', links: peers.map((peer) => ({ peer, kind: 'direct' })) });
  }

  /** Peers in the last list that this tab has told. */
  get told(): string[] {
    const last = this.sent.filter((frame) => frame.type === 'neighbours').at(-1);
    return last?.links.map(({ peer }) => peer) ?? [];
  }

  get passed(): ControlFrame[] {
    return this.sent.filter(({ type }) => type !== 'neighbours');
  }
}

class World {
  readonly time = new VirtualTime(1_000_000);
  readonly peers = new PeerRendezvous({
    identity: { peerId: SELF },
    clock: this.time,
    random: seededRandom('peers'),
    log: () => undefined,
    onTeam: (peer, frame) => this.events.push(['team', peer, frame]),
  });
  readonly events: unknown[][] = [];
  readonly present = new Map<string, string>();

  constructor() {
    const note =
      (name: string) =>
      (...values: unknown[]): void =>
        void this.events.push([name, ...values]);
    this.peers.start({
      present: (peer, group) => {
        expect(this.present.has(peer)).toBe(false);
        this.present.set(peer, group);
      },
      absent: (peer) => expect(this.present.delete(peer)).toBe(true),
      signal: note('signal'),
      relayed: note('relayed'),
      drained: note('drained'),
      lost: note('lost'),
    });
  }

  neighbour(index: number): Neighbour {
    return new Neighbour(this, id(index));
  }
}

describe('a tab of a team', () => {
  it('tells all its neighbours, and hears each of them', () => {
    const world = new World();
    const [first, second] = [world.neighbour(1), world.neighbour(2)];
    const frame = { type: 'team', rate: 5, before: 4, tip: '00'.repeat(32), back: false } as const;
    world.peers.tellTeam(frame);
    expect([first.passed, second.passed]).toEqual([[frame], [frame]]);
    second.say({ ...frame, back: true });
    expect(world.events).toEqual([['team', id(2), { ...frame, back: true }]]);
  });
});

describe('a tab tells its neighbours its links', () => {
  it('when a link opens and when one closes, but not more than once a second', async () => {
    const world = new World();
    const [first, second] = [world.neighbour(1), world.neighbour(2)];
    expect([first.told, second.told]).toEqual([[id(1)], [id(1), id(2)]]);
    world.peers.tend();
    expect(first.told).toEqual([id(1)]);
    await world.time.advance(NEIGHBOURS_PAUSE_MS);
    world.peers.tend();
    expect([first.told, second.told]).toEqual([
      [id(1), id(2)],
      [id(1), id(2)],
    ]);
    const told = first.sent.length;
    await world.time.advance(10 * NEIGHBOURS_PAUSE_MS);
    world.peers.tend();
    expect(first.sent.length).toBe(told);
    second.link.close('test');
    expect(first.told).toEqual([id(1)]);
  });

  it('each neighbour once, also while two links to it overlap', () => {
    const world = new World();
    const [first] = [world.neighbour(1), world.neighbour(1)];
    first.link.close('duplicate');
    const other = world.neighbour(2);
    expect(other.told).toEqual([id(1), id(2)]);
  });
});

describe('a tab that a neighbour lists', () => {
  it('is present with its introducer as group, until no neighbour lists it', () => {
    const world = new World();
    const [first, second] = [world.neighbour(1), world.neighbour(2)];
    first.list(id(2), id(7), SELF, id(1));
    second.list(id(7), id(8));
    expect(world.peers.neighboursOf(id(1))).toEqual([
      { peer: id(2), kind: 'direct' },
      { peer: id(7), kind: 'direct' },
    ]);
    expect([...world.present]).toEqual([
      [id(2), `via ${id(1)}`],
      [id(7), `via ${id(1)}`],
      [id(8), `via ${id(2)}`],
    ]);
    first.list();
    expect([...world.present.keys()]).toEqual([id(7), id(8)]);
    second.link.close('test');
    expect([...world.present.keys()]).toEqual([]);
  });

  it('gets signals through a neighbour that lists it: one for each attempt, and another after a while', async () => {
    const world = new World();
    const listers = [1, 2, 3, 4].map((index) => world.neighbour(index));
    const blind = world.neighbour(5);
    for (const lister of listers) lister.list(id(9));
    const used = new Set<Neighbour>();
    for (let attempt = 0; attempt < 40; attempt++) {
      const before = listers.map(({ passed }) => passed.length);
      for (let i = 0; i < 3; i++) world.peers.signal(id(9), { attempt, i });
      const carriers = listers.filter(({ passed }, index) => passed.length > before[index]!);
      expect(carriers.length).toBe(1);
      expect(carriers[0]!.passed.at(-1)).toEqual({ type: 'pass', to: id(9), data: { attempt, i: 2 } });
      used.add(carriers[0]!);
      await world.time.advance(ROUTE_MS);
    }
    expect([used.size, blind.passed.length]).toEqual([4, 0]);
    world.peers.signal(id(10), 'nobody lists this tab');
    expect(blind.passed.length).toBe(0);
  });

  it('may send signals before its introducer has listed it', () => {
    const world = new World();
    const forwarder = world.neighbour(1);
    forwarder.say({ type: 'passed', from: id(9), data: 'hello' });
    expect([...world.present.keys(), ...world.events]).toEqual([id(9), ['signal', id(9), 'hello']]);
    world.peers.signal(id(9), 'answer');
    expect(forwarder.passed).toEqual([{ type: 'pass', to: id(9), data: 'answer' }]);
    // Neither this tab nor the forwarder can be the sender.
    forwarder.say({ type: 'passed', from: SELF, data: 'x' });
    forwarder.say({ type: 'passed', from: id(1), data: 'x' });
    expect(world.events.length).toBe(1);
  });
});

describe('a forwarder', () => {
  it('passes a signal to its own neighbour and no further, in the name of the neighbour that sent it', () => {
    const world = new World();
    const [source, target, lister] = [world.neighbour(1), world.neighbour(2), world.neighbour(3)];
    lister.list(id(9));
    source.say({ type: 'pass', to: id(2), data: { a: [1] } });
    for (const to of [id(9), id(1), SELF, stranger(1)]) source.say({ type: 'pass', to, data: 1 });
    expect(target.passed).toEqual([{ type: 'passed', from: id(1), data: { a: [1] } }]);
    expect([source.passed, lister.passed, world.events]).toEqual([[], [], []]);
  });

  it('passes no signal to a neighbour that reads slowly', () => {
    const world = new World();
    const [source, target] = [world.neighbour(1), world.neighbour(2)];
    target.buffered = 1024 * 1024;
    source.say({ type: 'pass', to: id(2), data: 1 });
    expect(target.passed).toEqual([]);
  });
});

describe('a hostile neighbour', () => {
  it('introduces a bounded number of invented tabs, also after it has linked again, and others still introduce theirs', async () => {
    const world = new World();
    const seen = new Set<string>();
    let hostile = world.neighbour(1);
    const honest = world.neighbour(2);
    for (let second = 0; second < 60; second++) {
      hostile.list(...Array.from({ length: MAX_NEIGHBOURS }, (_, i) => stranger(second * MAX_NEIGHBOURS + i)));
      hostile.say({ type: 'passed', from: stranger(100_000 + second), data: 1 });
      expect(world.present.size).toBeLessThanOrEqual(MAX_NEIGHBOURS);
      for (const peer of world.present.keys()) seen.add(peer);
      await world.time.advance(1_000);
      world.peers.tend();
      if (second % 10 !== 9) continue;
      hostile.link.close('test');
      hostile = world.neighbour(1);
    }
    const { burst, perMinute } = LINK_INTRODUCTIONS;
    expect(seen.size).toBeLessThanOrEqual(burst + perMinute);
    honest.list(id(3), id(4));
    expect([world.present.get(id(3)), world.present.get(id(4))]).toEqual([`via ${id(2)}`, `via ${id(2)}`]);
  });

  it('makes this tab pass on and send a bounded number of signals', async () => {
    const world = new World();
    const [hostile, honest, target] = [world.neighbour(1), world.neighbour(2), world.neighbour(3)];
    for (let i = 0; i < 600; i++) {
      hostile.say({ type: 'pass', to: id(3), data: i });
      await world.time.advance(100);
    }
    const inOneMinute = ({ burst, perMinute }: { burst: number; perMinute: number }): number => burst + perMinute;
    expect(target.passed.length).toBeGreaterThan(LINK_PASSES.burst);
    expect(target.passed.length).toBeLessThanOrEqual(inOneMinute(LINK_PASSES));
    honest.say({ type: 'pass', to: id(3), data: 'honest' });
    expect(target.passed.at(-1)).toEqual({ type: 'passed', from: id(2), data: 'honest' });
    hostile.list(id(9));
    for (let i = 0; i < 1_000; i++) world.peers.signal(id(9), i);
    expect(hostile.passed.length).toBeLessThanOrEqual(OWN_PASSES.burst);
  });

  it('with all its accomplices fills no neighbour with signals', () => {
    const world = new World();
    const target = world.neighbour(3);
    for (let index = 10; index < 20; index++) {
      const hostile = world.neighbour(index);
      for (let i = 0; i < LINK_PASSES.burst; i++) hostile.say({ type: 'pass', to: id(3), data: i });
    }
    expect(target.passed.length).toBe(TARGET_PASSES.burst);
  });

  it('says nothing that is believed after the link has closed', () => {
    const world = new World();
    const gone = world.neighbour(1);
    gone.link.close('test');
    gone.list(id(9));
    gone.say({ type: 'passed', from: id(9), data: 1 });
    expect([world.present.size, world.events.length]).toEqual([0, 0]);
  });
});
