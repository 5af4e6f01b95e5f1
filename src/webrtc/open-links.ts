import type { LinkKind, Meeting, TransportEvents } from '../net/transport.ts';
import type { Log } from '../util/log.ts';
import type { MonotonicClock } from '../util/ports.ts';
import { isControlFrame } from './control-frames.ts';
import { OpenLink, type LinkCarrier } from './open-link.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import { admit } from './slots.ts';

/** The part of a link maker that talks to the link makers at the other ends. */
export interface LinkTalk {
  /** A link to a tab that understands control frames has opened. */
  opened(link: OpenLink): void;
  /** A control frame has arrived. */
  received(link: OpenLink, message: Uint8Array): void;
  closed(link: OpenLink): void;
}

/** The links that the node sees, direct and relayed, and their slots. */
export class OpenLinks {
  /** The node's listener; null while the transport is stopped. */
  events: TransportEvents | null = null;
  /** Called when the node waits for an answer on a link. */
  doubted: () => void = () => undefined;
  readonly #remotes: Remotes;
  readonly #clock: MonotonicClock;
  readonly #log: Log;
  readonly #talk: LinkTalk;
  #nextLink = 1;

  constructor(remotes: Remotes, talk: LinkTalk, clock: MonotonicClock, log: Log) {
    this.#remotes = remotes;
    this.#clock = clock;
    this.#log = log;
    this.#talk = talk;
  }

  /** Makes a link over `carrier`. The caller gives the link to its remote, and then calls {@link opened}. */
  create(remote: Remote, kind: LinkKind, met: Meeting, carrier: LinkCarrier): OpenLink {
    const identity = { id: `${kind}-${this.#nextLink++}`, peerId: remote.id, kind, met, openedAt: this.#clock.monotonic() };
    const closed = (link: OpenLink, reason: string): void => {
      remote.unlinked(link);
      this.events?.close(link, reason);
      this.#talk.closed(link);
      this.#remotes.tidy(remote);
    };
    return new OpenLink(identity, carrier, closed, () => this.doubted());
  }

  opened(link: OpenLink): void {
    this.events?.open(link);
    if (this.#remotes.get(link.peerId)?.control) this.#talk.opened(link);
  }

  /** A message has arrived on a link. */
  received(link: OpenLink, bytes: Uint8Array): void {
    link.receivedBytes += bytes.length;
    link.doubtedAt = null;
    if (isControlFrame(bytes)) this.#talk.received(link, bytes);
    else this.events?.message(link, bytes);
  }

  /** Whether a tab that asks for a link gets a slot; the slot may be taken from another tab. */
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

  /** Ends the links and attempts with a tab. */
  endAll(remote: Remote, reason: string): void {
    remote.dropDial();
    remote.relayNotGranted();
    remote.direct?.link.close(reason);
    remote.relay?.link.close(reason);
  }
}
