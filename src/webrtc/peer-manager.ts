import { toHex } from '../util/bytes.ts';
import { randomBelow, type Random, type TimerId, type Timers } from '../util/ports.ts';
import type { Transport, TransportEvents } from '../net/transport.ts';
import { Gate, isCurrent, offers, type GateOptions } from './gate.ts';
import type { Rendezvous } from './rendezvous.ts';
import {
  DIAL_TIMEOUT_MS,
  MAINTAIN_MS,
  MAX_OUTGOING_RELAYS,
  MAX_TRICKLED_CANDIDATES,
  OUTGOING_LINKS,
  PRESENCE_PAUSE_MS,
  REDIAL_MAX_MS,
  REDIAL_MIN_MS,
  RELAY_BESIDE_MS,
  RELAY_TIMEOUT_MS,
  SMALL_ROOM_PEERS,
  STABLE_LINK_MS,
} from './limits.ts';
import { OpenLink, type LinkCarrier } from './open-link.ts';
import { parseRtcSignal, type PeerSignal, type RtcSignal } from './peer-signals.ts';
import { Remotes, engaged, type Remote } from './remotes.ts';
import type { RtcPeerFactory } from './rtc-peer.ts';
import { admit, choose } from './slots.ts';

export interface PeerManagerOptions extends GateOptions {
  /** Most preferred first. */
  readonly rendezvous: readonly Rendezvous[];
  readonly createPeer: RtcPeerFactory;
  readonly timers: Timers;
  readonly random: Random;
}

/**
 * Makes and keeps this tab's links: to everybody in a small room, to a random few in a large one; direct where WebRTC gets through, else
 * relayed; again, with growing pauses, when they break. Links outlive the rendezvous that helped to make them.
 */
export class PeerManager implements Transport {
  readonly peerId: string;
  readonly #options: PeerManagerOptions;
  readonly #remotes: Remotes;
  readonly #gate: Gate;
  #events: TransportEvents | null = null;
  #timer: TimerId | null = null;
  #presenceTimer: TimerId | null = null;
  #maintainedAt = -Infinity;
  #nextLink = 1;

  constructor(options: PeerManagerOptions) {
    this.#options = options;
    this.peerId = options.identity.peerId;
    this.#remotes = new Remotes(options.clock, options.random);
    this.#gate = new Gate(options, this.#remotes);
  }

  start(events: TransportEvents): void {
    if (this.#events) return;
    this.#events = events;
    for (const rendezvous of this.#options.rendezvous) {
      rendezvous.start({
        present: (peer, group) => this.#present(rendezvous, peer, group),
        absent: (peer) => this.#absent(rendezvous, peer),
        signal: (from, data) => this.#onSignal(rendezvous, from, data),
        relayed: (from, bytes) => this.#onRelayed(rendezvous, from, bytes),
        drained: (to) => this.#onDrained(rendezvous, to),
        lost: () => {
          for (const { id } of this.#remotes.all()) this.#absent(rendezvous, id);
        },
      });
    }
    this.#scheduleMaintain();
  }

  stop(): void {
    if (!this.#events) return;
    for (const timer of [this.#timer, this.#presenceTimer]) if (timer !== null) this.#options.timers.clear(timer);
    this.#timer = this.#presenceTimer = null;
    for (const remote of this.#remotes.all()) {
      remote.via.clear();
      this.#endDial(remote);
      remote.direct?.link.close('stopped');
      remote.relay?.link.close('stopped');
    }
    this.#remotes.clear();
    for (const rendezvous of this.#options.rendezvous) rendezvous.stop();
    this.#events = null;
  }

  /** The network may have changed, or the page has stood still: whatever failed before is tried again now. */
  retryNow(): void {
    for (const remote of this.#remotes.all()) remote.retryAt = 0;
    this.#maintain();
  }

  // Who is there

  #present(rendezvous: Rendezvous, id: string, group: string): void {
    if (id === this.peerId) return;
    const remote = this.#remotes.meet(id, group);
    if (!remote) return;
    remote.group = group;
    remote.via.add(rendezvous);
    this.#maintainSoon();
  }

  #absent(rendezvous: Rendezvous, id: string): void {
    const remote = this.#remotes.get(id);
    if (!remote?.via.delete(rendezvous)) return;
    if (remote.relay?.rendezvous === rendezvous) remote.relay.link.close('the relay has lost the other end');
    this.#remotes.tidy(remote);
  }

  #rendezvousOf(remote: Remote): Rendezvous | undefined {
    return this.#options.rendezvous.find((rendezvous) => remote.via.has(rendezvous));
  }

  // Which links there should be

  #scheduleMaintain(): void {
    this.#timer = this.#options.timers.set(() => {
      this.#scheduleMaintain();
      this.#maintain();
    }, MAINTAIN_MS);
  }

  /** Now, or together with the changes of the next moment: a thousand tabs may come at once. */
  #maintainSoon(): void {
    if (this.#presenceTimer !== null) return;
    const pauseMs = this.#maintainedAt + PRESENCE_PAUSE_MS - this.#options.clock.monotonic();
    if (pauseMs <= 0) return this.#maintain();
    this.#presenceTimer = this.#options.timers.set(() => {
      this.#presenceTimer = null;
      this.#maintain();
    }, pauseMs);
  }

  #maintain(): void {
    if (!this.#events) return;
    const now = this.#options.clock.monotonic();
    this.#maintainedAt = now;
    for (const remote of this.#remotes.engaged()) {
      if (remote.relayAskedAt !== null && now - remote.relayAskedAt > RELAY_TIMEOUT_MS) remote.relayAskedAt = null;
      if (!remote.dial) continue;
      if (now - remote.dial.startedAt > DIAL_TIMEOUT_MS) this.#dialFailed(remote, 'timed out');
      else if (now - remote.dial.startedAt > RELAY_BESIDE_MS) this.#seekRelay(remote);
    }
    this.#improve(now);
    this.#seek(now);
  }

  /** Tries for direct links in place of relayed ones. */
  #improve(now: number): void {
    for (const remote of this.#remotes.engaged()) {
      if (remote.relay && !remote.dial && !remote.direct && remote.via.size > 0 && remote.retryAt <= now) this.#dial(remote);
    }
  }

  /** Seeks links up to the number that this tab wants, whatever others have made. */
  #seek(now: number): void {
    const present = this.#remotes.all().filter(({ via }) => via.size > 0);
    const goal = present.length <= SMALL_ROOM_PEERS ? SMALL_ROOM_PEERS : OUTGOING_LINKS;
    let candidates = present.filter((remote) => !engaged(remote) && remote.retryAt <= now);
    const sought = this.#remotes.engaged().filter(({ outgoing }) => outgoing);
    while (candidates.length > 0 && sought.length < goal) {
      const remote = choose(candidates, sought, this.#options.random)!;
      candidates = candidates.filter((other) => other !== remote);
      remote.outgoing = true;
      if (!this.#dial(remote)) break;
      sought.push(remote);
    }
  }

  // Direct links

  /** @returns false when no more connections may be made now */
  #dial(remote: Remote): boolean {
    const rendezvous = this.#rendezvousOf(remote);
    if (offers(this.peerId, remote.id)) return this.#connect(remote, rendezvous, true, this.#newAttempt());
    remote.dial = { rtc: null, attempt: '', startedAt: this.#options.clock.monotonic(), candidates: 0 };
    this.#gate.say(rendezvous, remote, { kind: 'want' });
    return true;
  }

  #newAttempt(): string {
    return toHex(this.#options.random.bytes(8));
  }

  /**
   * Begins an attempt in place of any earlier one. All its signals go through one rendezvous: two could change their order.
   * @returns false when no more connections may be made now
   */
  #connect(remote: Remote, rendezvous: Rendezvous | undefined, initiator: boolean, attempt: string): boolean {
    const { clock, createPeer } = this.#options;
    if (!this.#gate.mayConnect(remote)) return false;
    this.#endDial(remote);
    try {
      const rtc = createPeer(initiator, {
        signal: (data) => {
          const signal = parseRtcSignal(data);
          if (signal && isCurrent(remote, attempt)) this.#gate.say(rendezvous, remote, { kind: 'rtc', attempt, data: signal });
        },
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
      remote.dial = { rtc, attempt, startedAt: clock.monotonic(), candidates: 0 };
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
    if (stable) remote.proven = true;
    if (wasDirect || !remote.direct) this.#pause(remote, stable ? 0 : 1);
    this.#events?.close(link, reason);
    this.#remotes.tidy(remote);
  }

  #endDial(remote: Remote): void {
    const { dial } = remote;
    // First, so that the end of this attempt is not taken for a failure.
    remote.dial = null;
    dial?.rtc?.destroy();
  }

  #dialFailed(remote: Remote, reason: string): void {
    this.#options.log('info', 'webrtc/dial-failed', { peer: remote.id, reason });
    this.#endDial(remote);
    this.#pause(remote, 1);
    if (reason !== 'busy') this.#seekRelay(remote);
    this.#remotes.tidy(remote);
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
    const relays = this.#remotes.engaged().filter(({ relay, relayAskedAt, outgoing }) => outgoing && (relay || relayAskedAt !== null));
    if (relays.length >= MAX_OUTGOING_RELAYS) return;
    remote.relayAskedAt = this.#options.clock.monotonic();
    this.#gate.say(this.#rendezvousOf(remote), remote, { kind: 'relay-open' });
  }

  #openRelay(remote: Remote, rendezvous: Rendezvous): void {
    remote.relayAskedAt = null;
    remote.relay?.link.close('replaced');
    if (remote.direct) return;
    const link = this.#newLink(remote, rendezvous.relayKind, {
      send: (bytes) => rendezvous.relay(remote.id, bytes),
      bufferedBytes: () => rendezvous.bufferedBytes(remote.id),
      close: () => {
        rendezvous.cut(remote.id);
        this.#gate.say(rendezvous, remote, { kind: 'relay-close' });
      },
    });
    remote.relay = { link, rendezvous };
    this.#events?.open(link);
  }

  #onRelayed(rendezvous: Rendezvous, from: string, bytes: Uint8Array): void {
    const relay = this.#remotes.get(from)?.relay;
    if (relay?.rendezvous === rendezvous) this.#events?.message(relay.link, bytes);
  }

  #onDrained(rendezvous: Rendezvous, to: string): void {
    const relay = this.#remotes.get(to)?.relay;
    if (relay?.rendezvous === rendezvous) this.#events?.drained(relay.link);
  }

  // What others say

  #onSignal(rendezvous: Rendezvous, from: string, data: unknown): void {
    const heard = this.#gate.hear(rendezvous, from, data);
    if (!heard) return;
    this.#obey(heard.remote, rendezvous, heard.signal);
    this.#remotes.tidy(heard.remote);
  }

  #obey(remote: Remote, rendezvous: Rendezvous, signal: PeerSignal): void {
    switch (signal.kind) {
      case 'rtc':
        return this.#onRtcSignal(remote, rendezvous, signal.attempt, signal.data);
      case 'want':
        // Whoever wants a link has none (any more); one that is still open here ends when the new one is there.
        if (offers(this.peerId, remote.id) && !remote.dial) this.#answer(remote, rendezvous, true, this.#newAttempt());
        return;
      case 'busy':
        remote.relayAskedAt = null;
        return remote.dial ? this.#dialFailed(remote, 'busy') : undefined;
      case 'relay-close':
        return remote.relay?.rendezvous === rendezvous ? remote.relay.link.close('closed by the other end') : undefined;
      case 'relay-ok':
        return remote.relayAskedAt === null ? undefined : this.#openRelay(remote, rendezvous);
      case 'relay-open':
        return this.#onRelayOpen(remote, rendezvous);
    }
  }

  #onRelayOpen(remote: Remote, rendezvous: Rendezvous): void {
    const direct = remote.direct?.link;
    // It may be that the other end has not noticed yet that its own dial has come through.
    if (direct && this.#options.clock.monotonic() - direct.openedAt < RELAY_TIMEOUT_MS) return;
    if (!this.#gate.mayAnswer(remote)) return;
    if (!this.#makeRoomFor(remote)) return this.#gate.say(rendezvous, remote, { kind: 'busy' });
    direct?.close('the other end has lost it');
    this.#gate.say(rendezvous, remote, { kind: 'relay-ok' });
    this.#openRelay(remote, rendezvous);
  }

  #makeRoomFor(remote: Remote): boolean {
    const admission = admit(this.#remotes.engaged(), remote, this.#options.clock.monotonic());
    if (!admission.granted) return false;
    if (!engaged(remote)) remote.outgoing = false;
    const { leaves } = admission;
    if (!leaves) return true;
    this.#options.log('info', 'webrtc/link-displaced', { peer: leaves.id });
    this.#endDial(leaves);
    leaves.direct?.link.close('made room');
    leaves.relay?.link.close('made room');
    this.#pause(leaves, 1);
    this.#remotes.tidy(leaves);
    return true;
  }

  #answer(remote: Remote, rendezvous: Rendezvous, initiator: boolean, attempt: string): void {
    if (!this.#gate.mayAnswer(remote)) return;
    const accepted = this.#makeRoomFor(remote) && this.#connect(remote, rendezvous, initiator, attempt);
    if (!accepted) this.#gate.say(rendezvous, remote, { kind: 'busy' });
  }

  #onRtcSignal(remote: Remote, rendezvous: Rendezvous, attempt: string, data: RtcSignal): void {
    // The lower id offers; a late signal of an attempt given up is nobody's.
    if (!isCurrent(remote, attempt)) {
      if (data.type !== 'offer' || !offers(remote.id, this.peerId)) return;
      this.#answer(remote, rendezvous, false, attempt);
    }
    const { dial, direct } = remote;
    // However many addresses a stranger names, this browser asks only the first.
    if (data.type === 'candidate' && (!dial || ++dial.candidates > MAX_TRICKLED_CANDIDATES)) return;
    const rtc = dial?.attempt === attempt ? dial.rtc : direct?.attempt === attempt ? direct.rtc : null;
    try {
      rtc?.signal(data);
    } catch (error) {
      this.#options.log('debug', 'webrtc/signal-senseless', { peer: remote.id, error: String(error) });
    }
  }
}
