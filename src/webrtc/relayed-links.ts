import type { MonotonicClock } from '../util/ports.ts';
import { offers, type Gate } from './gate.ts';
import { MAX_OUTGOING_RELAYS, RELAY_BESIDE_MS, RELAY_OVERLAP_MS, RELAY_TIMEOUT_MS } from './link-limits.ts';
import type { OpenLinks } from './open-links.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import type { Rendezvous } from './rendezvous.ts';

/** Links through a rendezvous, for pairs of tabs that WebRTC cannot connect (yet). */
export class RelayedLinks {
  readonly #peerId: string;
  readonly #remotes: Remotes;
  readonly #gate: Gate;
  readonly #links: OpenLinks;
  readonly #clock: MonotonicClock;

  constructor(peerId: string, remotes: Remotes, gate: Gate, links: OpenLinks, clock: MonotonicClock) {
    this.#peerId = peerId;
    this.#remotes = remotes;
    this.#gate = gate;
    this.#links = links;
    this.#clock = clock;
  }

  /**
   * Asks for a relayed link if this tab sought a link to the remote, has none, and has few other relayed links.
   * @returns whether this tab has asked
   */
  seek(remote: Remote): boolean {
    const rendezvous = this.#remotes.relayFor(remote);
    if (!remote.outgoing || remote.relay || remote.relayRequest || remote.soundDirect || !rendezvous) return false;
    const relays = this.#remotes.engaged().filter(({ relay, relayRequest, outgoing }) => outgoing && (relay || relayRequest));
    if (relays.length >= MAX_OUTGOING_RELAYS) return false;
    remote.relayAsked(rendezvous);
    this.#gate.say(rendezvous, remote, { kind: 'relay-open' });
    return true;
  }

  /** Drops a request that was not answered in time, and a relayed link that the node has not closed long after a direct link opened. */
  expire(remote: Remote): void {
    const now = this.#clock.monotonic();
    if (remote.relayRequest && now - remote.relayRequest.askedAt > RELAY_TIMEOUT_MS) remote.relayOverdue();
    if (remote.soundDirect && now - remote.soundDirect.link.openedAt > RELAY_OVERLAP_MS)
      remote.relay?.link.close('a direct link took over');
  }

  /** The other end asks for a relayed link. */
  asked(remote: Remote, rendezvous: Rendezvous): void {
    const direct = remote.direct?.link;
    // The other end may not have seen yet that its own dial has succeeded.
    if (direct && this.#clock.monotonic() - direct.openedAt < RELAY_TIMEOUT_MS) return;
    // If both ends ask at once over different rendezvous, the request of the lower id counts, so both ends open the same link.
    const own = remote.relayRequest;
    if (own && own.rendezvous !== rendezvous && offers(this.#peerId, remote.id)) return;
    // A tab that was frozen gets several requests at once; the first has its answer. After the end of a link, a dial comes before a new request.
    if (remote.relay?.rendezvous === rendezvous && this.#clock.monotonic() - remote.relay.link.openedAt < RELAY_BESIDE_MS) return;
    if (!this.#gate.mayAnswer(remote)) return;
    if (!this.#links.makeRoomFor(remote)) return this.#gate.say(rendezvous, remote, { kind: 'busy' });
    direct?.close('the other end has lost it');
    // Before the answer, because the other end would take the end of the old link for the end of the new one.
    remote.relay?.link.close('replaced');
    this.#gate.say(rendezvous, remote, { kind: 'relay-ok' });
    this.#open(remote, rendezvous);
  }

  /**
   * The other end agrees to this tab's request and has opened the link. If the other tab was frozen, the request may be long over; then the
   * answer is like a request of the other tab.
   */
  granted(remote: Remote, rendezvous: Rendezvous): void {
    const isLate = remote.relayRequest === null;
    if (isLate && !this.#gate.mayAnswer(remote)) return;
    if (!remote.soundDirect && (!isLate || this.#links.makeRoomFor(remote))) return this.#open(remote, rendezvous);
    remote.relayNotGranted();
    this.#gate.say(rendezvous, remote, { kind: 'relay-close' });
  }

  #open(remote: Remote, rendezvous: Rendezvous): void {
    const { relay, kind: met } = rendezvous;
    remote.relayNotGranted();
    if (!relay) return;
    remote.relay?.link.close('replaced');
    const link = this.#links.create(remote, relay.kind, met, {
      rtc: false,
      send: (bytes) => relay.send(remote.id, bytes),
      bufferedBytes: () => relay.bufferedBytes(remote.id),
      close: () => {
        relay.cut(remote.id);
        this.#gate.say(rendezvous, remote, { kind: 'relay-close' });
      },
    });
    remote.relayOpened({ link, rendezvous });
    this.#links.opened(link);
  }

  /** A rendezvous has lost the other end. */
  lost(remote: Remote, rendezvous: Rendezvous): void {
    if (remote.relayRequest?.rendezvous === rendezvous) remote.relayRefused();
    this.ended(remote, rendezvous, 'the relay has lost the other end');
  }

  /** The other end, or the rendezvous, has ended a relayed link. */
  ended(remote: Remote, rendezvous: Rendezvous, reason: string): void {
    if (remote.relay?.rendezvous === rendezvous) remote.relay.link.close(reason);
  }

  received(rendezvous: Rendezvous, from: string, bytes: Uint8Array): void {
    const relay = this.#remotes.get(from)?.relay;
    if (relay?.rendezvous === rendezvous) this.#links.received(relay.link, bytes);
  }

  drained(rendezvous: Rendezvous, to: string): void {
    const relay = this.#remotes.get(to)?.relay;
    if (relay?.rendezvous === rendezvous) this.#links.events?.drained(relay.link);
  }
}
