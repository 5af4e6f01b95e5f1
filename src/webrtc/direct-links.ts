import type { Meeting } from '../net/transport.ts';
import { toHex } from '../util/bytes.ts';
import type { Log } from '../util/log.ts';
import type { MonotonicClock, Random } from '../util/ports.ts';
import { DialProspect } from './dial-prospect.ts';
import { offers, type Gate } from './gate.ts';
import { DIAL_ANSWER_MS, DIAL_TIMEOUT_MS, MAX_TRICKLED_CANDIDATES, REDIAL_BESIDE_MS, RELAY_BESIDE_MS } from './link-limits.ts';
import type { OpenLinks } from './open-links.ts';
import { parseRtcSignal, type RtcSignal } from './peer-signals.ts';
import type { RelayedLinks } from './relayed-links.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import type { Rendezvous } from './rendezvous.ts';
import type { RtcPeer, RtcPeerEvents, RtcPeerFactory } from './rtc-peer.ts';

export interface DirectLinksOptions {
  readonly identity: { readonly peerId: string };
  readonly createPeer: RtcPeerFactory;
  readonly clock: MonotonicClock;
  readonly random: Random;
  readonly log: Log;
}

/** Makes links by WebRTC. The tab with the lower id offers; the other tab asks for the offer. A slow dial gets a relayed link beside it. */
export class DirectLinks {
  readonly #options: DirectLinksOptions;
  readonly #peerId: string;
  readonly #remotes: Remotes;
  readonly #gate: Gate;
  readonly #links: OpenLinks;
  readonly #relayed: RelayedLinks;
  /** Of dials to tabs outside this browser. */
  readonly #prospect: DialProspect;

  constructor(options: DirectLinksOptions, remotes: Remotes, gate: Gate, links: OpenLinks, relayed: RelayedLinks) {
    this.#options = options;
    this.#peerId = options.identity.peerId;
    this.#remotes = remotes;
    this.#gate = gate;
    this.#links = links;
    this.#relayed = relayed;
    this.#prospect = new DialProspect(options.clock, options.random);
  }

  /**
   * Starts a dial, or only asks for a relayed link while WebRTC connects with nobody.
   * @returns false if this tab may make no more connections now
   */
  dial(remote: Remote): boolean {
    const rendezvous = this.#remotes.reach(remote);
    if (!rendezvous) return false;
    if (!isLocal(remote)) {
      if (this.#prospect.pauses && this.#isRelayUsable(remote)) return this.#relayed.seek(remote);
      this.#prospect.dialled();
    }
    if (offers(this.#peerId, remote.id)) return this.#connect(remote, rendezvous, true, this.#newAttempt(), false);
    remote.dialled('', null, false);
    this.#gate.say(rendezvous, remote, { kind: 'want' });
    return true;
  }

  /** Whether this tab can do without WebRTC: it has a link, or can ask for a relayed link. */
  #isRelayUsable(remote: Remote): boolean {
    return this.#remotes.relayFor(remote) !== undefined || this.#remotes.all().some(({ link }) => link !== null);
  }

  /** This tab may be in another network now, in which WebRTC connects. */
  networkChanged(): void {
    this.#prospect.reset();
  }

  /**
   * Seeks a relayed link beside a slow dial, ends a dial that takes too long or that the other end does not answer, and dials beside a link
   * that seems dead.
   */
  watch(remote: Remote): void {
    if (!remote.dial) return this.#redial(remote);
    const takenMs = this.#options.clock.monotonic() - remote.dial.startedAt;
    if (takenMs > (remote.dial.heard ? DIAL_TIMEOUT_MS : DIAL_ANSWER_MS))
      this.#failed(remote, remote.dial.heard ? 'timed out' : 'no answer');
    else if (takenMs >= RELAY_BESIDE_MS) this.#relayed.seek(remote);
  }

  /** Dials beside a direct link that gave no sign of life. WebRTC itself would notice its end only after 16 s. */
  #redial(remote: Remote): void {
    const doubtedAt = remote.direct?.link.doubtedAt ?? null;
    const now = this.#options.clock.monotonic();
    if (doubtedAt === null || now - doubtedAt < REDIAL_BESIDE_MS || !remote.mayRetry(now)) return;
    this.#options.log('info', 'webrtc/redial', { peer: remote.id });
    this.dial(remote);
  }

  /** Milliseconds until {@link watch} has to seek a relayed link beside the dial; infinite if that time is past, or without a dial. */
  relayDueMs({ dial }: Remote): number {
    const leftMs = dial ? dial.startedAt + RELAY_BESIDE_MS - this.#options.clock.monotonic() : 0;
    return leftMs > 0 ? leftMs : Infinity;
  }

  /** The other end has no slot for this tab. */
  refused(remote: Remote): void {
    if (remote.dial) this.#failed(remote, 'busy');
  }

  /** The other end wants an offer. It has no link to this tab, or has lost its end of our link, which ends when the new link is open. */
  wanted(remote: Remote, rendezvous: Rendezvous): void {
    if (offers(this.#peerId, remote.id) && !remote.dial) this.#answer(remote, rendezvous, true, this.#newAttempt());
  }

  /** Takes a description or candidate from the other end. */
  signalled(remote: Remote, rendezvous: Rendezvous, attempt: string, data: RtcSignal): void {
    // Only an offer from a lower id starts a new attempt; a late signal of an abandoned attempt is dropped.
    if (!remote.isCurrent(attempt)) {
      if (data.type !== 'offer' || !offers(remote.id, this.#peerId)) return;
      this.#answer(remote, rendezvous, false, attempt);
    }
    const { dial, direct } = remote;
    if (dial?.attempt === attempt) dial.heard = true;
    // A stranger may name many addresses; this browser probes only the first.
    if (data.type === 'candidate' && (!dial || ++dial.candidates > MAX_TRICKLED_CANDIDATES)) return;
    const rtc = dial?.attempt === attempt ? dial.rtc : direct?.attempt === attempt ? direct.rtc : null;
    try {
      rtc?.signal(data);
    } catch (error) {
      this.#options.log('debug', 'webrtc/signal-senseless', { peer: remote.id, error: String(error) });
    }
  }

  #answer(remote: Remote, rendezvous: Rendezvous, initiator: boolean, attempt: string): void {
    if (!this.#gate.mayAnswer(remote)) return;
    const accepted = this.#links.makeRoomFor(remote) && this.#connect(remote, rendezvous, initiator, attempt, true);
    if (!accepted) this.#gate.say(rendezvous, remote, { kind: 'busy' });
  }

  #newAttempt(): string {
    return toHex(this.#options.random.bytes(8));
  }

  /**
   * Starts an attempt in place of an earlier attempt. All its signals go through one rendezvous, because two could change their order.
   * @returns false if this tab may make no more connections now
   */
  #connect(remote: Remote, rendezvous: Rendezvous, initiator: boolean, attempt: string, heard: boolean): boolean {
    if (!this.#gate.mayConnect(remote)) return false;
    remote.dropDial();
    try {
      remote.dialled(attempt, this.#createPeer(remote, rendezvous, initiator, attempt), heard);
    } catch (error) {
      this.#failed(remote, String(error));
    }
    return true;
  }

  /** Takes over an open connection, which people have made by hand. @returns its listener */
  adopt(remote: Remote, rtc: RtcPeer): RtcPeerEvents {
    const attempt = this.#newAttempt();
    remote.outgoing = true;
    remote.control = true;
    remote.dialled(attempt, rtc, true);
    return this.#listener(remote, 'hand', attempt);
  }

  #createPeer(remote: Remote, rendezvous: Rendezvous, initiator: boolean, attempt: string): RtcPeer {
    return this.#options.createPeer(initiator, {
      ...this.#listener(remote, rendezvous.kind, attempt),
      signal: (data) => {
        const signal = parseRtcSignal(data);
        if (signal && remote.isCurrent(attempt)) this.#gate.say(rendezvous, remote, { kind: 'rtc', attempt, data: signal });
      },
    });
  }

  #listener(remote: Remote, met: Meeting, attempt: string): RtcPeerEvents {
    const isOpen = (): boolean => remote.direct?.attempt === attempt;
    return {
      signal: () => undefined,
      connected: () => this.#connected(remote, met, attempt),
      message: (bytes) => {
        // A message may arrive before this end sees that the channel is open.
        this.#connected(remote, met, attempt);
        if (isOpen()) this.#links.received(remote.direct!.link, bytes);
      },
      drained: () => isOpen() && this.#links.events?.drained(remote.direct!.link),
      closed: (reason) => {
        if (remote.dial?.attempt === attempt) this.#failed(remote, reason);
        else if (isOpen()) remote.direct!.link.close(reason);
      },
    };
  }

  #connected(remote: Remote, met: Meeting, attempt: string): void {
    const rtc = remote.dial?.attempt === attempt ? remote.dial.rtc : null;
    if (!rtc) return;
    remote.direct?.link.close('replaced');
    const local = isLocal(remote);
    if (!local) this.#prospect.succeeded();
    const carrier = {
      rtc: true,
      send: (bytes: Uint8Array) => rtc.send(bytes),
      bufferedBytes: () => rtc.bufferedBytes(),
      close: () => rtc.destroy(),
    };
    const link = this.#links.create(remote, local ? 'local' : 'direct', met, carrier);
    remote.connected({ link, rtc, attempt });
    this.#links.opened(link);
  }

  #failed(remote: Remote, reason: string): void {
    this.#options.log('info', 'webrtc/dial-failed', { peer: remote.id, reason });
    remote.dropDial();
    remote.postpone(1);
    if (reason !== 'busy' && reason !== 'no answer') {
      if (!isLocal(remote)) this.#prospect.failed(remote.id);
      this.#relayed.seek(remote);
    }
    this.#remotes.tidy(remote);
  }
}

/** Whether the other tab is in this browser. */
function isLocal(remote: Remote): boolean {
  return [...remote.via].some(({ kind }) => kind === 'browser');
}
