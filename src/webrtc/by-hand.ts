import type { HandMet, HandReply, HandText } from '../net/transport.ts';
import { readInvitation, readReply, writeInvitation, writeReply, type Invitation, type Session } from '../protocol/invitation.ts';
import { peerIdOf } from '../protocol/peer-id.ts';
import { TabchainError } from '../util/errors.ts';
import type { Clock, Timers } from '../util/ports.ts';
import { TokenBucket } from '../util/token-bucket.ts';
import { HandConnection, type Adopt } from './hand-connection.ts';
import type { HandmadePeerFactory } from './handmade-peers.ts';
import type { TabIdentity } from './identity.ts';
import { describe, sessionOf } from './session-description.ts';

/**
 * How long an invitation waits for its reply. Browsers keep an unanswered offer as long as its page is open. But a router forgets the public
 * address that a STUN server has told, and a person forgets an invitation.
 */
export const INVITATION_LIFE_MS = 10 * 60_000;
/** Clocks of two devices may differ by this much before an invitation counts as expired. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** Invitations that wait for a reply, and as many replies. Each holds a connection; the oldest gives way. */
export const MAX_OPEN_INVITATIONS = 8;
/** Connections are scarce: a page may hold 500, and closed connections count for a while. */
export const INVITATIONS = { burst: 16, perMinute: 10 } as const;
/** From the reply until the link is open: measured up to 3 s, more on a network that loses packets. */
export const HAND_LINK_TIMEOUT_MS = 30_000;

export interface ByHandOptions {
  readonly identity: TabIdentity;
  /** Where the tabs of this network meet (protocol/room.ts). */
  readonly room: string;
  /** Called at the first use. Rejects where WebRTC is switched off. */
  readonly preparePeers: () => Promise<HandmadePeerFactory>;
  readonly adopt: Adopt;
  /** Called when the two ends of an invitation are linked. */
  readonly onMet: (met: HandMet) => void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Meets tabs without any server: people carry an invitation to the other tab and its reply back, as text, link or QR code. */
export class ByHand {
  readonly #options: ByHandOptions;
  readonly #budget: TokenBucket;
  /** Connections that wait for the other end, by the invitation's id, oldest first. */
  readonly #invitations = new Map<string, HandConnection>();
  readonly #replies = new Map<string, HandConnection>();
  readonly #repliesMade = new Map<string, Promise<HandReply>>();
  #createPeer: Promise<HandmadePeerFactory> | null = null;
  #on = false;

  constructor(options: ByHandOptions) {
    this.#options = options;
    this.#budget = TokenBucket.of(INVITATIONS, options.clock.monotonic());
  }

  start(): void {
    this.#on = true;
  }

  /** Withdraws all invitations and replies. Links stay. */
  stop(): void {
    this.#on = false;
    for (const connection of [...this.#invitations.values(), ...this.#replies.values()]) connection.abandon();
  }

  /**
   * Makes an invitation, which waits {@link INVITATION_LIFE_MS} for its reply.
   * @throws TabchainError `links-off`, `webrtc-unavailable`, `invitation-too-many`
   */
  async invite(): Promise<HandText> {
    const { identity, room, clock } = this.#options;
    const connection = await this.#connect(true);
    const session = await this.#sessionOf(connection);
    const now = clock.now();
    const { id, text } = writeInvitation(session, now, identity, room);
    this.#keep(this.#invitations, id, connection);
    return { id, text, expires: now + INVITATION_LIFE_MS, reach: reachOf(session) };
  }

  /**
   * Takes another tab's invitation, as text or link, and makes the reply to it. The same invitation gives the same reply again. The link
   * opens by itself once the other tab has taken the reply.
   * @throws TabchainError `links-off`, `webrtc-unavailable`, `invitation-…`
   */
  async acceptInvitation(text: string): Promise<HandReply> {
    const { identity, room, clock } = this.#options;
    const invitation = readInvitation(text, room);
    if (peerIdOf(invitation.key) === identity.peerId) throw new TabchainError('invitation-own', 'This tab itself made the invitation.');
    const ageMs = clock.now() - invitation.madeAtMs;
    if (ageMs > INVITATION_LIFE_MS + CLOCK_TOLERANCE_MS || ageMs < -CLOCK_TOLERANCE_MS)
      throw new TabchainError('invitation-expired', 'The invitation is too old, or a clock is wrong.');
    const known = this.#repliesMade.get(invitation.id);
    if (known) return known;
    const reply = this.#reply(invitation);
    this.#repliesMade.set(invitation.id, reply);
    reply.catch(() => this.#repliesMade.delete(invitation.id));
    return reply;
  }

  /**
   * Takes the reply to an invitation of this tab, as text or link, and waits until the link is open. A reply uses its invitation up.
   * @throws TabchainError `links-off`, `reply-unknown`, `invitation-…`
   */
  async acceptReply(text: string): Promise<{ peer: string }> {
    const { room, timers } = this.#options;
    const { key, invitation, session } = readReply(text, room);
    if (!this.#on) throw linksOff();
    const connection = this.#invitations.get(invitation);
    if (!connection) throw new TabchainError('reply-unknown', 'No invitation of this tab waits for this reply.');
    this.#invitations.delete(invitation);
    const peer = peerIdOf(key);
    connection.meet(peer, describe('answer', session));
    const timer = timers.set(() => connection.abandon(), HAND_LINK_TIMEOUT_MS);
    try {
      await connection.linked;
    } finally {
      timers.clear(timer);
    }
    return { peer };
  }

  async #reply(invitation: Invitation): Promise<HandReply> {
    const { identity, room, clock } = this.#options;
    const connection = await this.#connect(false);
    const peer = peerIdOf(invitation.key);
    connection.meet(peer, describe('offer', invitation.session));
    const session = await this.#sessionOf(connection);
    const text = writeReply(session, invitation.id, identity, room);
    this.#keep(this.#replies, invitation.id, connection);
    const expires = Math.min(clock.now(), invitation.madeAtMs) + INVITATION_LIFE_MS;
    return { id: invitation.id, text, peer, expires, reach: reachOf(session) };
  }

  async #connect(initiator: boolean): Promise<HandConnection> {
    const { clock, timers, adopt } = this.#options;
    if (!this.#on) throw linksOff();
    if (!this.#budget.take(clock.monotonic()))
      throw new TabchainError('invitation-too-many', 'Too many invitations in a short time. Wait half a minute.');
    try {
      this.#createPeer ??= this.#options.preparePeers();
      return new HandConnection(initiator, await this.#createPeer, adopt, timers);
    } catch (cause) {
      this.#createPeer = null;
      throw new TabchainError('webrtc-unavailable', 'This browser has WebRTC switched off.', {}, { cause });
    }
  }

  async #sessionOf(connection: HandConnection): Promise<Session> {
    try {
      const session = sessionOf(await connection.description);
      if (session.candidates.length > 0) return session;
      throw new TabchainError('webrtc-unavailable', 'The browser names no address for connections.');
    } catch (error) {
      connection.abandon();
      throw error;
    }
  }

  /** Keeps a connection until it is linked, too old, or displaced by newer connections. */
  #keep(waiting: Map<string, HandConnection>, id: string, connection: HandConnection): void {
    const [oldest] = waiting;
    if (oldest && waiting.size >= MAX_OPEN_INVITATIONS) {
      waiting.delete(oldest[0]);
      oldest[1].abandon();
    }
    waiting.set(id, connection);
    // A reply that was taken in time may still need a moment to become a link.
    const expire = (): void => void (waiting.get(id) === connection && connection.abandon());
    const timer = this.#options.timers.set(expire, INVITATION_LIFE_MS);
    const forget = (): void => {
      this.#options.timers.clear(timer);
      if (waiting.get(id) === connection) waiting.delete(id);
      if (!this.#replies.has(id)) this.#repliesMade.delete(id);
    };
    const met = (peer: string): void => {
      forget();
      this.#options.onMet({ invitation: id, peer });
    };
    connection.linked.then(met, forget);
    if (!this.#on) connection.abandon();
  }
}

function reachOf({ candidates }: Session): HandText['reach'] {
  return candidates.some(({ type }) => type === 'srflx') ? 'internet' : 'network';
}

function linksOff(): TabchainError {
  return new TabchainError('links-off', 'This tab is disconnected. Connect it first.');
}
