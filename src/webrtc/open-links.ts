import type { LinkKind, TransportEvents } from '../net/transport.ts';
import type { Log } from '../util/log.ts';
import type { MonotonicClock } from '../util/ports.ts';
import { OpenLink, type LinkCarrier } from './open-link.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import { admit } from './slots.ts';

/** The links that the node sees, direct and relayed, and the places that they take. */
export class OpenLinks {
  /** The node's ear; null while no links are made. */
  events: TransportEvents | null = null;
  readonly #remotes: Remotes;
  readonly #clock: MonotonicClock;
  readonly #log: Log;
  #nextLink = 1;

  constructor(remotes: Remotes, clock: MonotonicClock, log: Log) {
    this.#remotes = remotes;
    this.#clock = clock;
    this.#log = log;
  }

  /** A link over `carrier`. Its remote is to hold it before the node hears of it. */
  create(remote: Remote, kind: LinkKind, carrier: LinkCarrier): OpenLink {
    const identity = { id: `${kind}-${this.#nextLink++}`, peerId: remote.id, kind, openedAt: this.#clock.monotonic() };
    return new OpenLink(identity, carrier, (link, reason) => {
      remote.unlinked(link);
      this.events?.close(link, reason);
      this.#remotes.tidy(remote);
    });
  }

  /** Whether a tab that asks for a link gets a place; another link may have to leave for it. */
  makeRoomFor(remote: Remote): boolean {
    const admission = admit(this.#remotes.engaged(), remote, this.#clock.monotonic());
    if (!admission.granted) return false;
    if (!remote.engaged) remote.outgoing = false;
    if (admission.leaves) this.#displace(admission.leaves);
    return true;
  }

  #displace(remote: Remote): void {
    this.#log('info', 'webrtc/link-displaced', { peer: remote.id });
    this.endAll(remote, 'made room');
    remote.postpone(1);
    this.#remotes.tidy(remote);
  }

  /** Ends whatever there is, or is being made, with a tab. */
  endAll(remote: Remote, reason: string): void {
    remote.dropDial();
    remote.direct?.link.close(reason);
    remote.relay?.link.close(reason);
  }
}
