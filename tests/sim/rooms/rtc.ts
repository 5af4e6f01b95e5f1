import type { Owner, SimTime } from '../engine/time.ts';
import type { Prng } from '../engine/prng.ts';
import type { RtcPeer, RtcPeerEvents } from '../../../src/webrtc/rtc-peer.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import { CRASH_NOTICED_MS } from '../engine/links.ts';
import { Pipe, type Quality } from './pipe.ts';

/** A page as WebRTC sees it. */
export interface RtcPage {
  readonly owner: Owner;
  readonly index: number;
  /** Whether the browser has WebRTC. */
  readonly hasRtc: boolean;
  /** From the answer until a pair is connected, without the travel of packets (measured: 0.1 s in Chromium, up to 1.1 s in Firefox). */
  readonly setUpMs: number;
}

/** What WebRTC finds between two pages. */
export interface RtcWorld {
  readonly time: SimTime;
  readonly rng: Prng;
  /** Whether packets can pass between two pages at all. */
  reachable(a: RtcPage, b: RtcPage): boolean;
  quality(a: RtcPage, b: RtcPage): Quality;
  /** Share of the dials that hang although packets pass. */
  readonly hangs: number;
}

/** A browser gathers its candidates within this time… */
const GATHER_MS = 40;
/** …and gives up a pair that does not connect after this time. */
const ICE_FAILS_MS = [15_000, 30_000] as const;
/** Closed connections count against the page's limit until they are collected. */
const COLLECTED_MS = 30_000;
/** Connections of a page, uncollected ones included (Chromium). */
export const MAX_PAGE_CONNECTIONS = 500;

const CANDIDATE = { candidate: 'candidate:1 1 udp 2122260223 0d3f.local 50000 typ host', sdpMid: '0', sdpMLineIndex: 0 };

function description(type: 'offer' | 'answer', id: number): object {
  return { type, sdp: `v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=peer:${id}\r\n` };
}

/** All peer connections of a room. */
export class SimRtc {
  readonly world: RtcWorld;
  readonly #peers = new Map<number, SimRtcPeer>();
  /** Open and uncollected connections of each page, for its limit. */
  readonly #counts = new Map<Owner, number>();
  #next = 1;
  most = 0;

  constructor(world: RtcWorld) {
    this.world = world;
  }

  create(page: RtcPage, initiator: boolean, events: RtcPeerEvents): RtcPeer {
    const count = (this.#counts.get(page.owner) ?? 0) + 1;
    if (!page.hasRtc || count > MAX_PAGE_CONNECTIONS) throw new TabchainError('link-closed', 'No WebRTC.');
    this.#counts.set(page.owner, count);
    this.most = Math.max(this.most, count);
    const peer = new SimRtcPeer(this, this.#next++, page, initiator, events);
    this.#peers.set(peer.id, peer);
    return peer;
  }

  find(id: number): SimRtcPeer | undefined {
    return this.#peers.get(id);
  }

  ended(peer: SimRtcPeer): void {
    this.#peers.delete(peer.id);
    const { owner } = peer.page;
    this.world.time.schedule(owner, () => this.#counts.set(owner, this.#counts.get(owner)! - 1), COLLECTED_MS);
  }

  /** A page has crashed: its neighbours notice late. */
  vanish(owner: Owner): void {
    for (const peer of [...this.#peers.values()]) if (peer.page.owner === owner) peer.vanish();
  }
}

class SimRtcPeer implements RtcPeer {
  readonly id: number;
  readonly page: RtcPage;
  readonly #rtc: SimRtc;
  readonly #initiator: boolean;
  readonly #events: RtcPeerEvents;
  #other: SimRtcPeer | null = null;
  #pipe: Pipe | null = null;
  #hasCandidate = false;
  #hasDescription = false;
  #checking = false;
  #ended = false;

  constructor(rtc: SimRtc, id: number, page: RtcPage, initiator: boolean, events: RtcPeerEvents) {
    this.#rtc = rtc;
    this.id = id;
    this.page = page;
    this.#initiator = initiator;
    this.#events = events;
    if (initiator) this.#describe();
  }

  /** Gives a description, then a candidate. */
  #describe(): void {
    const { rng } = this.#rtc.world;
    const firstMs = GATHER_MS * rng.float();
    this.#later(() => this.#events.signal(description(this.#initiator ? 'offer' : 'answer', this.id)), firstMs);
    this.#later(() => this.#events.signal({ type: 'candidate', candidate: CANDIDATE }), firstMs + GATHER_MS * rng.float());
  }

  #later(action: () => void, delayMs: number): void {
    this.#rtc.world.time.schedule(this.page.owner, () => this.#ended || action(), delayMs);
  }

  signal(data: object): void {
    if (this.#ended) return;
    const { type, sdp } = data as { type: string; sdp?: string };
    if (type === 'candidate') this.#hasCandidate = true;
    else {
      this.#hasDescription = true;
      this.#other = this.#rtc.find(Number(/^a=peer:(\d+)/m.exec(sdp ?? '')?.[1])) ?? null;
      if (!this.#initiator) this.#describe();
    }
    if (!this.#hasDescription || !this.#hasCandidate || this.#checking) return;
    this.#checking = true;
    this.#later(() => this.#pipe ?? this.#end('Ice connection failed.'), this.#rtc.world.rng.int(...ICE_FAILS_MS));
    const other = this.#other;
    if (other && other.#other === this && other.#checking) this.#check(other);
  }

  /** Both ends know each other: the pair connects, or its packets get lost. */
  #check(other: SimRtcPeer): void {
    const { time, rng, hangs } = this.#rtc.world;
    if (!this.#rtc.world.reachable(this.page, other.page) || rng.chance(hangs)) return;
    const quality = this.#rtc.world.quality(this.page, other.page);
    const readyMs = 4 * quality.latencyMs + Math.max(this.page.setUpMs, other.page.setUpMs) * (0.8 + 0.4 * rng.float());
    for (const [one, two, delayMs] of [
      [this, other, readyMs],
      [other, this, readyMs + quality.latencyMs],
    ] as const) {
      one.#later(() => {
        if (two.#ended) return;
        one.#pipe = new Pipe(time, rng, two.page.owner, quality);
        one.#events.connected();
      }, delayMs);
    }
  }

  send(bytes: Uint8Array): void {
    if (!this.#pipe || this.#ended) throw new TabchainError('link-closed', 'The link is closed.');
    const other = this.#other!;
    this.#pipe.send(() => other.#ended || other.#events.message(bytes));
  }

  bufferedBytes(): number {
    return 0;
  }

  destroy(): void {
    if (this.#ended) return;
    const other = this.#other;
    // Without a connection the other end never learns that this end gave up.
    if (other && this.#pipe) this.#pipe.send(() => other.#end('closed by the other end'));
    this.#end('closed');
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#rtc.ended(this);
    this.#rtc.world.time.schedule(this.page.owner, () => this.#events.closed(reason), 0);
  }

  vanish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#rtc.ended(this);
    const other = this.#other;
    if (other && this.#pipe) this.#rtc.world.time.schedule(other.page.owner, () => other.#end('Connection failed.'), CRASH_NOTICED_MS);
  }
}
