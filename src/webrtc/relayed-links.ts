import type { MonotonicClock } from '../util/ports.ts';
import type { Gate } from './gate.ts';
import { MAX_OUTGOING_RELAYS, RELAY_TIMEOUT_MS } from './link-limits.ts';
import type { OpenLinks } from './open-links.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import type { Rendezvous } from './rendezvous.ts';

/** Links through a rendezvous, for pairs of tabs that WebRTC cannot connect (yet). */
export class RelayedLinks {
  readonly #remotes: Remotes;
  readonly #gate: Gate;
  readonly #links: OpenLinks;
  readonly #clock: MonotonicClock;

  constructor(remotes: Remotes, gate: Gate, links: OpenLinks, clock: MonotonicClock) {
    this.#remotes = remotes;
    this.#gate = gate;
    this.#links = links;
    this.#clock = clock;
  }

  /** Asks for a relayed link if this tab sought a link to the remote, has none, and has few other relayed links. */
  seek(remote: Remote): void {
    if (!remote.outgoing || remote.relay || remote.relayAskedAt !== null || remote.direct || remote.via.size === 0) return;
    const relays = this.#remotes.engaged().filter(({ relay, relayAskedAt, outgoing }) => outgoing && (relay || relayAskedAt !== null));
    if (relays.length >= MAX_OUTGOING_RELAYS) return;
    remote.relayAsked();
    this.#gate.say(this.#remotes.reach(remote), remote, { kind: 'relay-open' });
  }

  /** Drops a request that was not answered in time. */
  expire(remote: Remote): void {
    if (remote.relayAskedAt !== null && this.#clock.monotonic() - remote.relayAskedAt > RELAY_TIMEOUT_MS) remote.relayNotGranted();
  }

  /** The other end asks for a relayed link. */
  asked(remote: Remote, rendezvous: Rendezvous): void {
    const direct = remote.direct?.link;
    // The other end may not have seen yet that its own dial has succeeded.
    if (direct && this.#clock.monotonic() - direct.openedAt < RELAY_TIMEOUT_MS) return;
    if (!this.#gate.mayAnswer(remote)) return;
    if (!this.#links.makeRoomFor(remote)) return this.#gate.say(rendezvous, remote, { kind: 'busy' });
    direct?.close('the other end has lost it');
    this.#gate.say(rendezvous, remote, { kind: 'relay-ok' });
    this.#open(remote, rendezvous);
  }

  /** The other end agrees to this tab's request. */
  granted(remote: Remote, rendezvous: Rendezvous): void {
    if (remote.relayAskedAt !== null) this.#open(remote, rendezvous);
  }

  #open(remote: Remote, rendezvous: Rendezvous): void {
    remote.relayNotGranted();
    remote.relay?.link.close('replaced');
    if (remote.direct) return;
    const link = this.#links.create(remote, rendezvous.relayKind, {
      send: (bytes) => rendezvous.relay(remote.id, bytes),
      bufferedBytes: () => rendezvous.bufferedBytes(remote.id),
      close: () => {
        rendezvous.cut(remote.id);
        this.#gate.say(rendezvous, remote, { kind: 'relay-close' });
      },
    });
    remote.relayOpened({ link, rendezvous });
    this.#links.events?.open(link);
  }

  /** The other end, or the rendezvous, has ended a relayed link. */
  ended(remote: Remote, rendezvous: Rendezvous, reason: string): void {
    if (remote.relay?.rendezvous === rendezvous) remote.relay.link.close(reason);
  }

  received(rendezvous: Rendezvous, from: string, bytes: Uint8Array): void {
    const relay = this.#remotes.get(from)?.relay;
    if (relay?.rendezvous === rendezvous) this.#links.events?.message(relay.link, bytes);
  }

  drained(rendezvous: Rendezvous, to: string): void {
    const relay = this.#remotes.get(to)?.relay;
    if (relay?.rendezvous === rendezvous) this.#links.events?.drained(relay.link);
  }
}
