import { MAX_LINK_MESSAGE_BYTES, type Link, type LinkKind, type Transport, type TransportEvents } from '../../../src/net/transport.ts';
import { assert } from '../../../src/util/errors.ts';
import type { Prng } from './prng.ts';
import type { Owner, SimTime } from './time.ts';
import type { Trace } from './trace.ts';

/** How one link behaves, in both directions. */
export interface LinkQuality {
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond: number;
  /** Share of messages that must be sent again. WebRTC's channels are reliable, so loss shows as delay. */
  readonly loss: number;
}

/** Low-water mark of a data channel. */
const LOW_WATER_BYTES = 64 * 1024;
/** Shortest time after which a lost packet is sent again. */
const RETRANSMISSION_MS = 300;
/** How late the neighbours of a crashed tab notice (measured with Chromium). */
export const CRASH_NOTICED_MS = 16_000;

/** One tab's end of all its links; its node's `Transport`. */
export class SimTransport implements Transport {
  readonly peerId: string;
  readonly owner: Owner;
  /** Index of the tab, for partitions. */
  readonly place: number;
  readonly links = new Set<SimLink>();
  events: TransportEvents | null = null;
  /** Filters each message before the link sends it; null drops the message. For hostile tabs. */
  outgoing: ((link: SimLink, bytes: Uint8Array) => Uint8Array | null) | null = null;

  constructor(peerId: string, owner: Owner, place: number) {
    this.peerId = peerId;
    this.owner = owner;
    this.place = place;
  }

  start(events: TransportEvents): void {
    this.events = events;
    for (const link of this.links) events.open(link);
  }

  stop(): void {
    for (const link of [...this.links]) link.close('stopped');
    this.events = null;
  }

  linkTo(peerId: string): SimLink | undefined {
    return [...this.links].find((link) => link.peerId === peerId);
  }
}

/** All links of a world, and the partitions between them. */
export class SimNetwork {
  readonly time: SimTime;
  readonly rng: Prng;
  readonly trace: Trace;
  /** Owner of events between tabs. */
  readonly ether: Owner = { alive: true, deferred: null, scheduled: 0 };
  /** Whether bytes sent at one place reach another place now. */
  #flows: (from: number, to: number) => boolean = () => true;
  readonly #all = new Set<SimLink>();
  #nextLink = 1;
  /** Called with the reason when a node closes a link. */
  closed: (reason: string) => void = () => undefined;

  constructor(time: SimTime, rng: Prng, trace: Trace) {
    this.time = time;
    this.rng = rng;
    this.trace = trace;
  }

  flows(from: number, to: number): boolean {
    return this.#flows(from, to);
  }

  /** Sets or ends a partition; messages that it held up and that may pass now are sent. */
  partition(flows: (from: number, to: number) => boolean): void {
    this.#flows = flows;
    for (const link of this.#all) link.release();
  }

  connect(a: SimTransport, b: SimTransport, quality: LinkQuality, kind: LinkKind = 'direct'): SimLink {
    const id = this.#nextLink++;
    const ends = [new SimLink(this, `${id}a`, a, b, quality, kind), new SimLink(this, `${id}b`, b, a, quality, kind)] as const;
    ends[0].other = ends[1];
    ends[1].other = ends[0];
    for (const end of ends) {
      this.#all.add(end);
      end.local.links.add(end);
      this.time.schedule(end.local.owner, () => end.local.events?.open(end), 0);
    }
    return ends[0];
  }

  forget(link: SimLink): void {
    this.#all.delete(link);
  }
}

export class SimLink implements Link {
  readonly id: string;
  readonly kind: LinkKind;
  readonly met = 'server';
  readonly rtc = true;
  readonly local: SimTransport;
  readonly remote: SimTransport;
  readonly #network: SimNetwork;
  readonly #quality: LinkQuality;
  other!: SimLink;
  open = true;
  /** Why this end closed the link. */
  reason = '';
  #buffered = 0;
  #freeAtMs = 0;
  #arrivedAtMs = 0;
  /** Messages sent while a partition blocked the link. */
  readonly #stalled: Uint8Array[] = [];

  constructor(network: SimNetwork, id: string, local: SimTransport, remote: SimTransport, quality: LinkQuality, kind: LinkKind) {
    this.#network = network;
    this.id = id;
    this.kind = kind;
    this.local = local;
    this.remote = remote;
    this.#quality = quality;
  }

  get peerId(): string {
    return this.remote.peerId;
  }

  send(bytes: Uint8Array): void {
    if (!this.open) return;
    assert(bytes.length <= MAX_LINK_MESSAGE_BYTES, 'A message is longer than a link takes.');
    const sent = this.local.outgoing ? this.local.outgoing(this, bytes) : bytes;
    if (sent) this.sendRaw(sent);
  }

  /** Sends bytes without the `outgoing` filter. */
  sendRaw(bytes: Uint8Array): void {
    if (!this.open) return;
    this.#buffered += bytes.length;
    if (this.#stalled.length > 0 || !this.#network.flows(this.local.place, this.remote.place)) this.#stalled.push(bytes);
    else this.#transmit(bytes);
  }

  #transmit(bytes: Uint8Array): void {
    const { time, rng, ether } = this.#network;
    const { latencyMs, jitterMs, bytesPerSecond, loss } = this.#quality;
    const now = time.now();
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + (bytes.length / bytesPerSecond) * 1000;
    const resentMs = rng.chance(loss) ? RETRANSMISSION_MS + 2 * latencyMs : 0;
    this.#arrivedAtMs = Math.max(this.#freeAtMs + latencyMs + jitterMs * rng.float() + resentMs, this.#arrivedAtMs);
    if (this.#buffered > LOW_WATER_BYTES) time.schedule(ether, () => this.#left(bytes.length), this.#freeAtMs - now);
    else this.#buffered -= bytes.length;
    time.schedule(this.remote.owner, () => this.other.deliver(bytes), this.#arrivedAtMs - now);
  }

  #left(length: number): void {
    const before = this.#buffered;
    this.#buffered -= length;
    if (!this.open || before <= LOW_WATER_BYTES || this.#buffered > LOW_WATER_BYTES) return;
    this.#network.time.schedule(this.local.owner, () => this.local.events?.drained(this), 0);
  }

  /** Sends the stalled messages if the partition has ended. */
  release(): void {
    if (this.#stalled.length === 0 || !this.open || !this.#network.flows(this.local.place, this.remote.place)) return;
    for (const bytes of this.#stalled.splice(0)) this.#transmit(bytes);
  }

  deliver(bytes: Uint8Array): void {
    if (!this.open) return;
    this.#network.trace.bytes(this.id, bytes);
    this.local.events?.message(this, bytes);
  }

  bufferedBytes(): number {
    return this.#buffered;
  }

  close(reason: string): void {
    if (!this.open) return;
    this.reason = reason;
    this.#network.closed(reason);
    this.#end(reason);
    const { time } = this.#network;
    // Messages sent before arrive first. Across a partition the other end notices by itself.
    const delayMs = this.#network.flows(this.local.place, this.remote.place)
      ? Math.max(this.#arrivedAtMs - time.now(), this.#quality.latencyMs)
      : CRASH_NOTICED_MS;
    time.schedule(this.remote.owner, () => this.other.#end(`closed by the other end: ${reason}`), delayMs);
  }

  /** This end's tab has crashed, so the link ends without a message. */
  vanish(noticedMs: number): void {
    if (!this.open) return;
    this.open = false;
    this.local.links.delete(this);
    this.#network.forget(this);
    this.#network.time.schedule(this.remote.owner, () => this.other.#end('the other end is gone'), noticedMs);
  }

  #end(reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.local.links.delete(this);
    this.#network.forget(this);
    this.#network.time.schedule(this.local.owner, () => this.local.events?.close(this, reason), 0);
  }
}
