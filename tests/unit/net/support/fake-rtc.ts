import { createIdentity, type TabIdentity } from '../../../../src/webrtc/identity.ts';
import type { PeerSignal, RtcSignal } from '../../../../src/webrtc/peer-signals.ts';
import { SignedSignals, type SignedSignal } from '../../../../src/webrtc/signed-signals.ts';
import type { Relay, Rendezvous, RendezvousEvents } from '../../../../src/webrtc/rendezvous.ts';
import type { NeighbourMemory } from '../../../../src/webrtc/neighbour-memory.ts';
import { PeerManager } from '../../../../src/webrtc/peer-manager.ts';
import type { RtcPeer, RtcPeerEvents } from '../../../../src/webrtc/rtc-peer.ts';
import type { Link, LinkKind } from '../../../../src/net/transport.ts';
import { assert } from '../../../../src/util/errors.ts';
import { seededRandom } from './test-node.ts';
import { VirtualTime } from './virtual-time.ts';

export const ROOM = 'ab'.repeat(32);
const LATENCY_MS = 20;

/** A minimal session description with which the other end finds this one. */
export function description(type: 'offer' | 'answer', offer: number): RtcSignal {
  return { type, sdp: `v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=offer:${offer}\r\n` };
}

class FakeRtcPeer implements RtcPeer {
  readonly events: RtcPeerEvents;
  readonly owner: string;
  readonly #room: FakeRoom;
  other: FakeRtcPeer | null = null;
  open = false;
  destroyed = false;
  /** Number of received candidates. */
  candidates = 0;

  constructor(room: FakeRoom, owner: string, initiator: boolean, events: RtcPeerEvents) {
    this.#room = room;
    this.owner = owner;
    assert(owner !== room.withoutRtc, 'No WebRTC.');
    this.events = events;
    const offer = room.register(this);
    if (initiator) room.time.set(() => events.signal(description('offer', offer)), 1);
  }

  signal(data: object): void {
    const { type, sdp } = data as { type: string; sdp: string };
    if (type === 'candidate') {
      this.candidates++;
    } else if (type === 'offer') {
      this.other = this.#room.peer(Number(/^a=offer:(\d+)$/m.exec(sdp)![1]));
      this.other.other = this;
      this.#room.time.set(() => this.events.signal(description('answer', 0)), 1);
    } else if (type === 'answer' && this.other && !this.#room.blocked(this.owner, this.other.owner)) {
      this.#room.time.set(() => [this, this.other!].forEach((peer) => peer.#connect()), this.#room.connectMs);
    }
  }

  #connect(): void {
    if (this.destroyed || this.other!.destroyed) return;
    this.open = true;
    this.events.connected();
  }

  send(bytes: Uint8Array): void {
    assert(this.open, 'Sent on a closed channel.');
    this.#room.time.set(() => this.other!.open && this.other!.events.message(bytes), LATENCY_MS);
  }

  bufferedBytes(): number {
    return 0;
  }

  destroy(): void {
    this.#end('destroyed');
    if (!this.#room.silent) this.#room.time.set(() => this.other && this.other.#end('closed by the other end'), LATENCY_MS);
  }

  #end(reason: string): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.open = false;
    this.#room.time.set(() => this.events.closed(reason), 0);
  }
}

class FakeRendezvous implements Rendezvous {
  readonly kind = 'server';
  readonly relay: Relay = {
    kind: 'relayed',
    send: (to, bytes) => this.#room.deliver(this.#peerId, to, (events) => events.relayed(this.#peerId, bytes)),
    bufferedBytes: () => 0,
    cut: () => {
      // Nothing to drop, because nothing waits.
    },
  };
  readonly #room: FakeRoom;
  readonly #peerId: string;
  readonly group: string;
  events: RendezvousEvents | null = null;
  /** How often the tab checked its connection. */
  checks = 0;
  /** Messages sent to the server. */
  sent = 0;

  constructor(room: FakeRoom, peerId: string, group: string) {
    this.#room = room;
    this.#peerId = peerId;
    this.group = group;
  }

  start(events: RendezvousEvents): void {
    this.events = events;
    this.#room.join(this.#peerId, this);
  }

  stop(): void {
    this.#room.leave(this.#peerId);
    this.events = null;
  }

  signal(to: string, data: unknown): void {
    this.sent++;
    this.#room.log.push({ from: this.#peerId, to, data: structuredClone(data) });
    this.#room.deliver(this.#peerId, to, (events) => events.signal(this.#peerId, structuredClone(data)));
  }

  checkNow(): void {
    this.checks++;
  }
}

/** A signaling server and a WebRTC stack in memory. */
export class FakeRoom {
  readonly time: VirtualTime;
  readonly #members = new Map<string, FakeRendezvous>();
  readonly #peers: FakeRtcPeer[] = [];
  /** Every signal that was sent. */
  readonly log: { from: string; to: string; data: unknown }[] = [];
  /** Whether WebRTC is blocked between two tabs. */
  blocked: (a: string, b: string) => boolean = () => false;
  /** From a tab through the server to another tab. */
  tripMs = LATENCY_MS / 2;
  /** From an answer until both ends are connected. */
  connectMs = LATENCY_MS;
  /** Number of tabs that a newcomer hears of; a large room lists only a sample. */
  listed = Infinity;
  /** Whether a close goes unnoticed at the other end. */
  silent = false;
  /** The tab whose browser has WebRTC switched off. */
  withoutRtc = '';

  /** The room that provides WebRTC: this one, unless several servers share one world. */
  readonly rtc: FakeRoom;

  constructor(time: VirtualTime, rtc?: FakeRoom) {
    this.time = time;
    this.rtc = rtc ?? this;
  }

  get connectionsMade(): number {
    return this.#peers.length;
  }

  register(peer: FakeRtcPeer): number {
    return this.#peers.push(peer) - 1;
  }

  peer(index: number): FakeRtcPeer {
    return this.#peers[index]!;
  }

  join(id: string, rendezvous: FakeRendezvous): void {
    for (const [other, { events, group }] of [...this.#members].slice(-this.listed)) {
      rendezvous.events!.present(other, group);
      events!.present(id, rendezvous.group);
    }
    this.#members.set(id, rendezvous);
  }

  leave(id: string): void {
    this.#members.delete(id);
    for (const { events } of this.#members.values()) events!.absent(id);
  }

  deliver(from: string, to: string, action: (events: RendezvousEvents) => void): void {
    this.time.set(() => {
      const events = this.#members.get(to)?.events;
      if (events) action(events);
      else this.#members.get(from)?.events?.absent(to);
    }, this.tripMs);
  }

  /** Stops the server; tabs keep their links. */
  crash(): void {
    const members = [...this.#members.values()];
    this.#members.clear();
    for (const { events } of members) events!.lost();
  }

  /** Restarts the server, and the tabs join again. */
  recover(tabs: readonly FakeTab[]): void {
    for (const { peerId, rendezvous } of tabs) this.join(peerId, rendezvous);
  }
}

/** One page: a manager, its reports, and its open links. */
export class FakeTab {
  readonly identity: TabIdentity;
  readonly peerId: string;
  readonly rendezvous: FakeRendezvous;
  readonly manager: PeerManager;
  readonly links = new Set<Link>();
  readonly opened: Link[] = [];
  readonly closeReasons: string[] = [];
  readonly logs: string[] = [];
  readonly messages: { from: string; bytes: Uint8Array }[] = [];
  /** A browser may hold back the timers of a hidden page. */
  timersRun = true;

  /**
   * @param others further servers that the tab knows; all share one WebRTC
   * @param sealed how the tab uses a rendezvous
   * @param memory of neighbours before a reload
   */
  constructor(
    room: FakeRoom,
    identity: TabIdentity,
    group = 'one address',
    others: readonly FakeRoom[] = [],
    sealed = (rendezvous: Rendezvous): Rendezvous => rendezvous,
    memory?: NeighbourMemory,
  ) {
    const { peerId } = identity;
    this.identity = identity;
    this.peerId = peerId;
    this.rendezvous = new FakeRendezvous(room, peerId, group);
    this.manager = new PeerManager({
      identity,
      room: ROOM,
      rendezvous: [this.rendezvous, ...others.map((other) => new FakeRendezvous(other, peerId, group))].map(sealed),
      createPeer: (initiator, events) => new FakeRtcPeer(room.rtc, peerId, initiator, events),
      clock: room.time,
      timers: {
        set: (callback, delayMs) => room.time.set(() => this.timersRun && callback(), delayMs),
        clear: (id) => room.time.clear(id),
      },
      random: seededRandom(peerId),
      log: (_level, event) => void this.logs.push(event),
      ...(memory && { memory }),
    });
  }

  start(): void {
    this.manager.start({
      open: (link) => {
        this.links.add(link);
        this.opened.push(link);
      },
      message: (link, bytes) => {
        assert(this.links.has(link), 'A message on a link that is not open.');
        this.messages.push({ from: link.peerId, bytes });
      },
      close: (link, reason) => {
        assert(this.links.delete(link), 'A link that was not open has closed.');
        this.closeReasons.push(reason);
      },
      drained: () => undefined,
    });
  }

  get neighbours(): string[] {
    return [...this.links].map(({ peerId }) => peerId).sort();
  }

  get kinds(): string[] {
    return [...this.links].map(({ kind }) => kind);
  }

  /** The open link of this kind to another tab. */
  link(kind: LinkKind, to: FakeTab): Link {
    return [...this.links].find((link) => link.kind === kind && link.peerId === to.peerId)!;
  }
}

/** A tab that sends arbitrary signals. */
export class Stranger {
  readonly identity: TabIdentity;
  readonly rendezvous: FakeRendezvous;
  readonly heard: { from: string; data: unknown }[] = [];
  readonly #signals: SignedSignals;

  constructor(room: FakeRoom, who: TabIdentity, group = 'one address') {
    this.identity = who;
    this.#signals = new SignedSignals(who, ROOM);
    this.rendezvous = new FakeRendezvous(room, who.peerId, group);
    this.rendezvous.start({
      present: () => undefined,
      absent: () => undefined,
      signal: (from, data) => void this.heard.push({ from, data }),
      relayed: () => undefined,
      drained: () => undefined,
      lost: () => undefined,
    });
  }

  get peerId(): string {
    return this.identity.peerId;
  }

  /** Kinds of the received signals. */
  get kinds(): string[] {
    return this.heard.map(({ data }) => (JSON.parse((data as SignedSignal).body) as PeerSignal).kind);
  }

  seal(to: string, signal: PeerSignal): SignedSignal {
    return this.#signals.seal(to, signal);
  }

  say(to: string, signal: PeerSignal): void {
    this.rendezvous.signal(to, this.seal(to, signal));
  }
}

/** The identity of tab number `index`, the same in each run. */
export function identity(index: number): TabIdentity {
  return createIdentity(seededRandom(`tab ${index}`));
}

/** Tabs with ids in ascending order. */
export function tabs(room: FakeRoom, count: number): FakeTab[] {
  const identities = Array.from({ length: count }, (_, i) => identity(i));
  return identities.sort((a, b) => (a.peerId < b.peerId ? -1 : 1)).map((one) => new FakeTab(room, one));
}

/** A room with so many tabs. */
export function roomOf(count: number): { time: VirtualTime; room: FakeRoom; all: FakeTab[] } {
  const time = new VirtualTime(1_000_000);
  const room = new FakeRoom(time);
  return { time, room, all: tabs(room, count) };
}

/** How many tabs the first tab can reach over open links of these tabs. */
export function reach(all: readonly FakeTab[]): number {
  const byId = new Map(all.map((tab) => [tab.peerId, tab]));
  const seen = new Set([all[0]!.peerId]);
  for (const id of seen) for (const next of byId.get(id)?.neighbours ?? []) seen.add(next);
  return seen.size;
}
