import { toHex } from '../../util/bytes.ts';
import { randomBelow, type Log, type MonotonicClock, type Random, type TimerId, type Timers } from '../../util/ports.ts';
import type { Transport, TransportEvents } from '../transport.ts';
import type { Introducer } from './introducer.ts';
import {
  CONNECTION_BURST,
  CONNECTIONS_PER_MINUTE,
  DIAL_TIMEOUT_MS,
  MAINTAIN_MS,
  MAX_LINKS,
  MAX_OUTGOING_RELAYS,
  MAX_REMOTES,
  OUTGOING_LINKS,
  REDIAL_MAX_MS,
  REDIAL_MIN_MS,
  RELAY_TIMEOUT_MS,
  SMALL_ROOM_PEERS,
  STABLE_LINK_MS,
} from './limits.ts';
import { OpenLink, type LinkCarrier } from './open-link.ts';
import { parsePeerSignal, type PeerSignal } from './peer-signals.ts';
import type { RtcPeer, RtcPeerFactory } from './rtc-peer.ts';
import { TokenBudget } from './token-budget.ts';

export interface PeerManagerOptions {
  /** This tab's id, 16 hexadecimal digits. */
  readonly peerId: string;
  /** Most preferred first. */
  readonly introducers: readonly Introducer[];
  readonly createPeer: RtcPeerFactory;
  readonly clock: MonotonicClock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

/** An attempt at a direct link; without `rtc` while the other end's offer is awaited. */
interface Dial {
  readonly rtc: RtcPeer | null;
  readonly attempt: string;
  readonly startedAt: number;
}

/** Another tab, as long as anything is known of it. */
interface Remote {
  readonly id: string;
  /** Introducers that reach it. */
  readonly via: Set<Introducer>;
  dial: Dial | null;
  direct: { readonly link: OpenLink; readonly rtc: RtcPeer; readonly attempt: string } | null;
  relay: { readonly link: OpenLink; readonly introducer: Introducer } | null;
  /** When a relayed link was asked for, null when no answer is awaited. */
  relayAskedAt: number | null;
  /** Whether this tab sought the link (or is seeking it). */
  outgoing: boolean;
  failures: number;
  retryAt: number;
}

/**
 * Makes and keeps this tab's links: to everybody in a small room, to a random few in a large one; direct where WebRTC gets through, else
 * relayed; again, with growing pauses, when they break. Links outlive the introducers that helped to make them.
 */
export class PeerManager implements Transport {
  readonly #options: PeerManagerOptions;
  readonly #budget: TokenBudget;
  readonly #remotes = new Map<string, Remote>();
  #events: TransportEvents | null = null;
  #timer: TimerId | null = null;
  #nextLink = 1;

  constructor(options: PeerManagerOptions) {
    this.#options = options;
    this.#budget = new TokenBudget(CONNECTION_BURST, CONNECTIONS_PER_MINUTE, options.clock.monotonic());
  }

  start(events: TransportEvents): void {
    if (this.#events) return;
    this.#events = events;
    for (const introducer of this.#options.introducers) {
      introducer.start({
        present: (peer) => this.#present(introducer, peer),
        absent: (peer) => this.#absent(introducer, peer),
        signal: (from, data) => this.#onSignal(introducer, from, data),
        relayed: (from, bytes) => this.#onRelayed(introducer, from, bytes),
        drained: () => this.#onDrained(introducer),
        lost: () => {
          for (const { id } of [...this.#remotes.values()]) this.#absent(introducer, id);
        },
      });
    }
    this.#scheduleMaintain();
  }

  stop(): void {
    if (!this.#events) return;
    if (this.#timer !== null) this.#options.timers.clear(this.#timer);
    this.#timer = null;
    for (const remote of this.#remotes.values()) {
      remote.via.clear();
      this.#endDial(remote);
      remote.direct?.link.close('stopped');
      remote.relay?.link.close('stopped');
    }
    this.#remotes.clear();
    for (const introducer of this.#options.introducers) introducer.stop();
    this.#events = null;
  }

  // Who is there

  #present(introducer: Introducer, id: string): void {
    if (id === this.#options.peerId) return;
    const known = this.#remotes.get(id);
    if (!known && this.#remotes.size >= MAX_REMOTES) return;
    const remote = known ?? this.#newRemote(id);
    remote.via.add(introducer);
    this.#maintain();
  }

  #newRemote(id: string): Remote {
    const blank = { dial: null, direct: null, relay: null, relayAskedAt: null, outgoing: false, failures: 0, retryAt: 0 };
    const remote: Remote = { id, via: new Set(), ...blank };
    this.#remotes.set(id, remote);
    return remote;
  }

  #absent(introducer: Introducer, id: string): void {
    const remote = this.#remotes.get(id);
    if (!remote?.via.delete(introducer)) return;
    if (remote.relay?.introducer === introducer) remote.relay.link.close('the relay has lost the other end');
    this.#tidy(remote);
  }

  /** Forgets a tab that neither an introducer nor a link (nor an attempt) speaks for. */
  #tidy(remote: Remote): void {
    if (remote.via.size === 0 && !remote.dial && !remote.direct && !remote.relay) this.#remotes.delete(remote.id);
  }

  #introducerOf(remote: Remote): Introducer | undefined {
    return this.#options.introducers.find((introducer) => remote.via.has(introducer));
  }

  #say(introducer: Introducer | undefined, remote: Remote, signal: PeerSignal): void {
    introducer?.signal(remote.id, signal);
  }

  // Which links there should be

  #scheduleMaintain(): void {
    this.#timer = this.#options.timers.set(() => {
      this.#scheduleMaintain();
      this.#maintain();
    }, MAINTAIN_MS);
  }

  #maintain(): void {
    if (!this.#events) return;
    const now = this.#options.clock.monotonic();
    for (const remote of [...this.#remotes.values()]) {
      if (remote.relayAskedAt !== null && now - remote.relayAskedAt > RELAY_TIMEOUT_MS) remote.relayAskedAt = null;
      if (remote.dial && now - remote.dial.startedAt > DIAL_TIMEOUT_MS) this.#dialFailed(remote, 'timed out');
    }
    const remotes = [...this.#remotes.values()];
    const present = remotes.filter(({ via }) => via.size > 0);
    const candidates = present.filter((remote) => !remote.dial && !remote.direct && remote.relayAskedAt === null && remote.retryAt <= now);
    const goal = present.length <= SMALL_ROOM_PEERS ? SMALL_ROOM_PEERS : OUTGOING_LINKS;
    let outgoing = remotes.filter((remote) => remote.outgoing && engaged(remote)).length;
    while (candidates.length > 0) {
      const [remote] = candidates.splice(randomBelow(this.#options.random, candidates.length), 1);
      if (!remote) break;
      // A relayed link is there already; trying for a direct one adds none.
      const adds = !engaged(remote);
      if (adds && (outgoing >= goal || this.#engagedCount() >= MAX_LINKS)) continue;
      if (!this.#dial(remote)) break;
      if (adds) outgoing++;
    }
  }

  #engagedCount(): number {
    return [...this.#remotes.values()].filter(engaged).length;
  }

  // Direct links

  /** @returns false when no more connections may be made now */
  #dial(remote: Remote): boolean {
    const introducer = this.#introducerOf(remote);
    if (!remote.relay) remote.outgoing = true;
    if (this.#options.peerId < remote.id) return this.#connect(remote, introducer, true, this.#newAttempt());
    remote.dial = { rtc: null, attempt: '', startedAt: this.#options.clock.monotonic() };
    this.#say(introducer, remote, { kind: 'want' });
    return true;
  }

  #newAttempt(): string {
    return toHex(this.#options.random.bytes(8));
  }

  /**
   * Begins an attempt in place of any earlier one. All its signals go through one introducer: two could change their order.
   * @returns false when no more connections may be made now
   */
  #connect(remote: Remote, introducer: Introducer | undefined, initiator: boolean, attempt: string): boolean {
    const { clock, createPeer } = this.#options;
    if (!this.#budget.take(clock.monotonic())) return false;
    this.#endDial(remote);
    const current = (): boolean => remote.dial?.attempt === attempt || remote.direct?.attempt === attempt;
    try {
      const rtc = createPeer(initiator, {
        signal: (data) => current() && this.#say(introducer, remote, { kind: 'rtc', attempt, data }),
        connected: () => this.#connected(remote, attempt),
        message: (bytes) => {
          // The other end may speak before this one has noticed that the channel is open.
          this.#connected(remote, attempt);
          if (remote.direct?.attempt === attempt) this.#events?.message(remote.direct.link, bytes);
        },
        drained: () => remote.direct?.attempt === attempt && this.#events?.drained(remote.direct.link),
        closed: (reason) => {
          if (remote.dial?.attempt === attempt) this.#dialFailed(remote, reason);
          else if (remote.direct?.attempt === attempt) remote.direct.link.close(reason);
        },
      });
      remote.dial = { rtc, attempt, startedAt: clock.monotonic() };
    } catch (error) {
      this.#dialFailed(remote, String(error));
    }
    return true;
  }

  #connected(remote: Remote, attempt: string): void {
    const { dial } = remote;
    if (!dial?.rtc || dial.attempt !== attempt) return;
    const { rtc } = dial;
    remote.dial = null;
    remote.direct?.link.close('replaced');
    const local = [...remote.via].some(({ relayKind }) => relayKind === 'local');
    const carrier = { send: (bytes: Uint8Array) => rtc.send(bytes), bufferedBytes: () => rtc.bufferedBytes(), close: () => rtc.destroy() };
    const link = this.#newLink(remote, local ? 'local' : 'direct', carrier);
    remote.direct = { link, rtc, attempt };
    this.#events?.open(link);
    remote.relay?.link.close('a direct link took over');
  }

  #newLink(remote: Remote, kind: OpenLink['kind'], carrier: LinkCarrier): OpenLink {
    const identity = { id: `${kind}-${this.#nextLink++}`, peerId: remote.id, kind, openedAt: this.#options.clock.monotonic() };
    return new OpenLink(identity, carrier, (link, reason) => this.#linkClosed(remote, link, reason));
  }

  #linkClosed(remote: Remote, link: OpenLink, reason: string): void {
    const wasDirect = remote.direct?.link === link;
    if (wasDirect) remote.direct = null;
    if (remote.relay?.link === link) remote.relay = null;
    const stable = this.#options.clock.monotonic() - link.openedAt >= STABLE_LINK_MS;
    if (stable) remote.failures = 0;
    if (wasDirect || !remote.direct) this.#pause(remote, stable ? 0 : 1);
    this.#events?.close(link, reason);
    this.#tidy(remote);
  }

  #endDial(remote: Remote): void {
    const { dial } = remote;
    // First, so that the end of this attempt is not taken for a failure.
    remote.dial = null;
    dial?.rtc?.destroy();
  }

  #dialFailed(remote: Remote, reason: string): void {
    this.#options.log('info', 'webrtc', 'A direct link could not be made.', { peer: remote.id, reason });
    this.#endDial(remote);
    this.#pause(remote, 1);
    if (reason !== 'busy') this.#seekRelay(remote);
    this.#tidy(remote);
  }

  /** Puts off the next attempt, longer after each failure and never in step with others. */
  #pause(remote: Remote, newFailures: 0 | 1): void {
    remote.failures += newFailures;
    const longestMs = Math.min(REDIAL_MAX_MS, REDIAL_MIN_MS * 2 ** remote.failures);
    remote.retryAt = this.#options.clock.monotonic() + longestMs / 2 + randomBelow(this.#options.random, longestMs / 2);
  }

  // Relayed links

  #seekRelay(remote: Remote): void {
    if (!remote.outgoing || remote.relay || remote.relayAskedAt !== null || remote.direct || remote.via.size === 0) return;
    const relays = [...this.#remotes.values()].filter(({ relay, relayAskedAt, outgoing }) => outgoing && (relay || relayAskedAt !== null));
    if (relays.length >= MAX_OUTGOING_RELAYS) return;
    remote.relayAskedAt = this.#options.clock.monotonic();
    this.#say(this.#introducerOf(remote), remote, { kind: 'relay-open' });
  }

  #openRelay(remote: Remote, introducer: Introducer): void {
    remote.relayAskedAt = null;
    remote.relay?.link.close('replaced');
    if (remote.direct) return;
    const link = this.#newLink(remote, introducer.relayKind, {
      send: (bytes) => introducer.relay(remote.id, bytes),
      bufferedBytes: () => introducer.bufferedBytes(),
      close: () => this.#say(introducer, remote, { kind: 'relay-close' }),
    });
    remote.relay = { link, introducer };
    this.#events?.open(link);
  }

  #onRelayed(introducer: Introducer, from: string, bytes: Uint8Array): void {
    const relay = this.#remotes.get(from)?.relay;
    if (relay?.introducer === introducer) this.#events?.message(relay.link, bytes);
  }

  #onDrained(introducer: Introducer): void {
    for (const { relay } of this.#remotes.values()) if (relay?.introducer === introducer) this.#events?.drained(relay.link);
  }

  // What others say

  #onSignal(introducer: Introducer, from: string, data: unknown): void {
    const signal = parsePeerSignal(data);
    if (!signal || from === this.#options.peerId) return;
    const remote = this.#remotes.get(from) ?? (this.#remotes.size < MAX_REMOTES ? this.#newRemote(from) : null);
    if (!remote) return;
    remote.via.add(introducer);
    if (signal.kind === 'rtc') return this.#onRtcSignal(remote, introducer, signal.attempt, signal.data);
    if (signal.kind === 'want') return this.#onWant(remote, introducer);
    if (signal.kind === 'busy') return this.#onBusy(remote);
    if (signal.kind === 'relay-close') {
      if (remote.relay?.introducer === introducer) remote.relay.link.close('closed by the other end');
      return;
    }
    if (signal.kind === 'relay-ok') {
      if (remote.relayAskedAt !== null) this.#openRelay(remote, introducer);
      return;
    }
    if (!this.#hasRoomFor(remote)) return this.#say(introducer, remote, { kind: 'busy' });
    this.#say(introducer, remote, { kind: 'relay-ok' });
    this.#openRelay(remote, introducer);
  }

  #hasRoomFor(remote: Remote): boolean {
    return engaged(remote) || this.#engagedCount() < MAX_LINKS;
  }

  #onWant(remote: Remote, introducer: Introducer): void {
    if (this.#options.peerId > remote.id || remote.dial) return;
    // Whoever wants a link has none (any more).
    remote.direct?.link.close('the other end wants a new link');
    this.#answer(remote, introducer, true, this.#newAttempt());
  }

  #answer(remote: Remote, introducer: Introducer, initiator: boolean, attempt: string): void {
    if (!engaged(remote)) remote.outgoing = false;
    const accepted = this.#hasRoomFor(remote) && this.#connect(remote, introducer, initiator, attempt);
    if (!accepted) this.#say(introducer, remote, { kind: 'busy' });
    this.#tidy(remote);
  }

  #onRtcSignal(remote: Remote, introducer: Introducer, attempt: string, data: object): void {
    const isOffer = (data as { type?: unknown }).type === 'offer';
    const isNew = remote.dial?.attempt !== attempt && remote.direct?.attempt !== attempt;
    // The lower id offers; a late signal of an attempt given up is nobody's.
    if (isNew && (!isOffer || this.#options.peerId < remote.id)) return;
    if (isNew) this.#answer(remote, introducer, false, attempt);
    const rtc = remote.dial?.attempt === attempt ? remote.dial.rtc : remote.direct?.attempt === attempt ? remote.direct.rtc : null;
    try {
      rtc?.signal(data);
    } catch (error) {
      this.#options.log('debug', 'webrtc', 'A signal made no sense.', { peer: remote.id, error: String(error) });
    }
  }

  #onBusy(remote: Remote): void {
    remote.relayAskedAt = null;
    if (remote.dial) this.#dialFailed(remote, 'busy');
  }
}

/** Whether a tab has, or is getting, a link. */
function engaged({ dial, direct, relay, relayAskedAt }: Remote): boolean {
  return dial !== null || direct !== null || relay !== null || relayAskedAt !== null;
}
