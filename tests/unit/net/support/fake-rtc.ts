import type { Introducer, IntroducerEvents } from '../../../../src/net/webrtc/introducer.ts';
import { PeerManager } from '../../../../src/net/webrtc/peer-manager.ts';
import type { RtcPeer, RtcPeerEvents } from '../../../../src/net/webrtc/rtc-peer.ts';
import type { Link } from '../../../../src/net/transport.ts';
import { assert } from '../../../../src/util/errors.ts';
import { seededRandom } from './test-node.ts';
import type { VirtualTime } from './virtual-time.ts';

const LATENCY_MS = 20;

class FakeRtcPeer implements RtcPeer {
  readonly events: RtcPeerEvents;
  readonly owner: string;
  readonly #room: FakeRoom;
  other: FakeRtcPeer | null = null;
  open = false;
  destroyed = false;

  constructor(room: FakeRoom, owner: string, initiator: boolean, events: RtcPeerEvents) {
    this.#room = room;
    this.owner = owner;
    assert(owner !== room.withoutRtc, 'No WebRTC.');
    this.events = events;
    const offer = room.register(this);
    if (initiator) room.time.set(() => events.signal({ type: 'offer', offer }), 1);
  }

  signal(data: object): void {
    const { type, offer } = data as { type: string; offer: number };
    if (type === 'offer') {
      this.other = this.#room.peer(offer);
      this.other.other = this;
      this.#room.time.set(() => this.events.signal({ type: 'answer' }), 1);
    } else if (type === 'answer' && this.other && !this.#room.blocked(this.owner, this.other.owner)) {
      this.#room.time.set(() => [this, this.other!].forEach((peer) => peer.#connect()), LATENCY_MS);
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
    this.#room.time.set(() => this.other && this.other.#end('closed by the other end'), LATENCY_MS);
  }

  #end(reason: string): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.open = false;
    this.#room.time.set(() => this.events.closed(reason), 0);
  }
}

class FakeIntroducer implements Introducer {
  readonly relayKind = 'relayed';
  readonly #room: FakeRoom;
  readonly #peerId: string;
  events: IntroducerEvents | null = null;

  constructor(room: FakeRoom, peerId: string) {
    this.#room = room;
    this.#peerId = peerId;
  }

  start(events: IntroducerEvents): void {
    this.events = events;
    this.#room.join(this.#peerId, this);
  }

  stop(): void {
    this.#room.leave(this.#peerId);
    this.events = null;
  }

  signal(to: string, data: unknown): void {
    this.#room.deliver(this.#peerId, to, (events) => events.signal(this.#peerId, structuredClone(data)));
  }

  relay(to: string, bytes: Uint8Array): void {
    this.#room.deliver(this.#peerId, to, (events) => events.relayed(this.#peerId, bytes));
  }

  bufferedBytes(): number {
    return 0;
  }
}

/** A signaling server and a WebRTC stack in memory. */
export class FakeRoom {
  readonly time: VirtualTime;
  readonly #members = new Map<string, FakeIntroducer>();
  readonly #peers: FakeRtcPeer[] = [];
  /** Whether WebRTC does not get through between two tabs. */
  blocked: (a: string, b: string) => boolean = () => false;
  /** The tab whose browser has WebRTC switched off. */
  withoutRtc = '';

  constructor(time: VirtualTime) {
    this.time = time;
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

  join(id: string, introducer: FakeIntroducer): void {
    for (const [other, { events }] of this.#members) {
      introducer.events!.present(other);
      events!.present(id);
    }
    this.#members.set(id, introducer);
  }

  leave(id: string): void {
    this.#members.delete(id);
    for (const { events } of this.#members.values()) events!.absent(id);
  }

  deliver(from: string, to: string, action: (events: IntroducerEvents) => void): void {
    this.time.set(() => {
      const events = this.#members.get(to)?.events;
      if (events) action(events);
      else this.#members.get(from)?.events?.absent(to);
    }, LATENCY_MS / 2);
  }

  /** The server goes away; tabs keep their links. */
  crash(): void {
    const members = [...this.#members.values()];
    this.#members.clear();
    for (const { events } of members) events!.lost();
  }

  /** It is back, and everybody joins again. */
  recover(tabs: readonly FakeTab[]): void {
    for (const { peerId, introducer } of tabs) this.join(peerId, introducer);
  }
}

/** One page: a manager, what it reported, and the links that are open. */
export class FakeTab {
  readonly peerId: string;
  readonly introducer: FakeIntroducer;
  readonly manager: PeerManager;
  readonly links = new Set<Link>();
  readonly opened: Link[] = [];
  readonly closeReasons: string[] = [];
  readonly messages: { from: string; bytes: Uint8Array }[] = [];

  constructor(room: FakeRoom, peerId: string) {
    this.peerId = peerId;
    this.introducer = new FakeIntroducer(room, peerId);
    this.manager = new PeerManager({
      peerId,
      introducers: [this.introducer],
      createPeer: (initiator, events) => new FakeRtcPeer(room, peerId, initiator, events),
      clock: room.time,
      timers: room.time,
      random: seededRandom(peerId),
      log: () => undefined,
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
}

/** Ids in ascending order. */
export function tabs(room: FakeRoom, count: number): FakeTab[] {
  return Array.from({ length: count }, (_, i) => new FakeTab(room, (i + 1).toString(16).padStart(16, '0')));
}
