import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import { EAGER_MS, REDIAL_MAX_MS, REDIAL_MIN_MS, SENDER_ANSWERS, SENDER_SIGNALS, STABLE_LINK_MS } from './link-limits.ts';
import type { OpenLink } from './open-link.ts';
import type { Rendezvous } from './rendezvous.ts';
import type { RtcPeer } from './rtc-peer.ts';
import { TokenBucket } from '../util/token-bucket.ts';

/** Why this tab chose another tab for a link (slots.ts). */
export type SoughtFor = 'other group' | 'any' | 'largest group';

/** An attempt at a direct link; without `rtc` while this tab waits for the other end's offer. */
export interface Dial {
  readonly rtc: RtcPeer | null;
  readonly attempt: string;
  readonly startedAt: number;
  /** Whether the other end has sent a signal of this attempt. */
  heard: boolean;
  /** Candidates taken from the other end. */
  candidates: number;
}

export interface DirectLink {
  readonly link: OpenLink;
  readonly rtc: RtcPeer;
  readonly attempt: string;
}

export interface RelayedLink {
  readonly link: OpenLink;
  readonly rendezvous: Rendezvous;
}

/** A request for a relayed link that has no answer yet. */
export interface RelayRequest {
  readonly rendezvous: Rendezvous;
  readonly askedAt: number;
}

/**
 * Another tab, and the state of this tab's links to it. Two tracks run side by side; each arrow is a method of this class, and only
 * these methods move a remote along its tracks.
 *
 * ```
 *  direct    none ──dialled──▶ dialling ──connected──▶ open ──dialled──▶ open, dialling ──connected──▶ open (the newer)
 *             ▲                   │                     │
 *             ├─────dropDial──────┘ failed, timed out   │ closed
 *             └─────unlinked────────────────────────────┘
 *
 *  relayed   none ─relayAsked─▶ asked ──relayOpened──▶ open
 *             ▲                   │                     │
 *             ├─relayRefused──────┘ busy, no answer     │ closed by the node, which has moved to a direct link
 *             └─────unlinked────────────────────────────┘
 * ```
 *
 * A relayed link is sought beside a slow dial, and after a failed dial. A direct link opens beside the relayed link, so no message is lost
 * while the node moves. {@link postpone} delays the next dial after each failure and each closed link.
 */
export class Remote {
  readonly id: string;
  /** All tabs of one group may belong to one person. */
  group: string;
  /** Rendezvous that reach the tab. */
  readonly via = new Set<Rendezvous>();
  /** Highest number of its signals so far; a signal with a lower number is late or replayed. */
  heardCount = 0;
  /** Whether the tab understands control frames, by its latest signal. */
  control = false;
  readonly signals: TokenBucket;
  readonly answers: TokenBucket;
  /** Whether this tab sought the link (or is seeking it). */
  outgoing = false;
  /** Why this tab sought the link; null for a link that another tab sought, and for links in the slot that rotates. */
  soughtFor: SoughtFor | null = null;
  /** Whether somebody else than another tab has told the group. */
  #grouped = false;
  readonly #clock: MonotonicClock;
  readonly #random: Random;
  #dial: Dial | null = null;
  #direct: DirectLink | null = null;
  #relay: RelayedLink | null = null;
  #relayRequest: RelayRequest | null = null;
  #isRelayOverdue = false;
  #proven = false;
  #failures = 0;
  #retryAt = 0;
  /** Until when a lasting link that closes is made again at once. */
  #eagerUntil = -Infinity;

  constructor(id: string, group: string, clock: MonotonicClock, random: Random) {
    const now = clock.monotonic();
    this.id = id;
    this.group = group;
    this.signals = TokenBucket.of(SENDER_SIGNALS, now);
    this.answers = TokenBucket.of(SENDER_ANSWERS, now);
    this.#clock = clock;
    this.#random = random;
  }

  /** A rendezvous reaches the tab. What a server or this browser says of the group counts more than what other tabs say. */
  announced(rendezvous: Rendezvous, group: string): void {
    const told = rendezvous.kind !== 'peers';
    if (told || !this.#grouped) this.group = group;
    this.#grouped ||= told;
    this.via.add(rendezvous);
  }

  get dial(): Dial | null {
    return this.#dial;
  }

  get direct(): DirectLink | null {
    return this.#direct;
  }

  /** The direct link, unless there is a reason to doubt that it works. */
  get soundDirect(): DirectLink | null {
    return this.#direct?.link.doubtedAt === null ? this.#direct : null;
  }

  get relay(): RelayedLink | null {
    return this.#relay;
  }

  /** This tab's request for a relayed link; null when no answer is due. */
  get relayRequest(): RelayRequest | null {
    return this.#relayRequest;
  }

  /** Whether the last request for a relayed link had no answer in time. A frozen tab answers later. */
  get isRelayOverdue(): boolean {
    return this.#isRelayOverdue;
  }

  /** Whether an earlier link to the tab lasted {@link STABLE_LINK_MS}. */
  get proven(): boolean {
    return this.#proven;
  }

  /** The better link. */
  get link(): OpenLink | null {
    return this.#direct?.link ?? this.#relay?.link ?? null;
  }

  /** Whether this tab has, or is making, a link to the other tab: at least one track is not at `none`. */
  get engaged(): boolean {
    return this.#dial !== null || this.#direct !== null || this.#relay !== null || this.#relayRequest !== null;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether the pause after the last failure is over. */
  mayRetry(nowMs: number): boolean {
    return this.#retryAt <= nowMs;
  }

  /** Whether `attempt` is the attempt of the present dial or of the open direct link. */
  isCurrent(attempt: string): boolean {
    return this.#dial?.attempt === attempt || this.#direct?.attempt === attempt;
  }

  // The tracks

  /**
   * An attempt starts and replaces an earlier attempt; without `rtc` if the other end makes the offer.
   * @param heard whether the other end has asked for it
   */
  dialled(attempt: string, rtc: RtcPeer | null, heard: boolean): void {
    this.dropDial();
    this.#dial = { rtc, attempt, startedAt: this.#clock.monotonic(), heard, candidates: 0 };
  }

  dropDial(): void {
    const dial = this.#dial;
    // First, so the end of this attempt does not count as a failure.
    this.#dial = null;
    dial?.rtc?.destroy();
  }

  /** The attempt has become the direct link. */
  connected(direct: DirectLink): void {
    this.#dial = null;
    this.#direct = direct;
  }

  relayAsked(rendezvous: Rendezvous): void {
    this.#relayRequest = { rendezvous, askedAt: this.#clock.monotonic() };
    this.#isRelayOverdue = false;
  }

  relayNotGranted(): void {
    this.#relayRequest = null;
  }

  /** The other end has refused, or did not answer; without a dial this is a failure of the whole attempt. */
  relayRefused(): void {
    if (!this.#relayRequest) return;
    this.#relayRequest = null;
    if (!this.engaged) this.postpone(1);
  }

  relayOverdue(): void {
    this.relayRefused();
    this.#isRelayOverdue = true;
  }

  relayOpened(relay: RelayedLink): void {
    this.#relayRequest = null;
    this.#isRelayOverdue = false;
    this.#relay = relay;
  }

  /** A link has closed. A link that did not last counts as a failure. */
  unlinked(link: OpenLink): void {
    const wasDirect = this.#direct?.link === link;
    if (wasDirect) this.#direct = null;
    if (this.#relay?.link === link) this.#relay = null;
    const lasted = this.#clock.monotonic() - link.openedAt >= STABLE_LINK_MS;
    if (lasted) {
      this.#failures = 0;
      this.#proven = true;
    }
    if (wasDirect || !this.#direct) this.postpone(lasted ? 0 : 1);
  }

  /** Delays the next attempt, longer after each failure and by a random time, so tabs do not dial in step. */
  postpone(newFailures: 0 | 1): void {
    this.#failures += newFailures;
    if (newFailures === 0 && this.#clock.monotonic() < this.#eagerUntil) return this.retryNow();
    const longestMs = Math.min(REDIAL_MAX_MS, REDIAL_MIN_MS * 2 ** this.#failures);
    this.#retryAt = this.#clock.monotonic() + longestMs / 2 + randomBelow(this.#random, longestMs / 2);
  }

  /** Allows the next attempt now, because the reason of earlier failures may be gone. */
  retryNow(): void {
    this.#retryAt = 0;
  }

  /** This tab slept, or its network has changed: the link may have ended unnoticed, and a link that ends soon is made again at once. */
  doubt(): void {
    const now = this.#clock.monotonic();
    this.#eagerUntil = now + EAGER_MS;
    this.#retryAt = 0;
    if (this.#direct) this.#direct.link.doubtedAt ??= now;
  }
}
