import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import type { DirectLinks } from './direct-links.ts';
import {
  BUSY_LINK_BYTES,
  FIRST_ROTATION_MS,
  OUTGOING_LINKS,
  REMEMBER_MS,
  ROTATION_MS,
  SMALL_ROOM_PEERS,
  STABLE_LINK_MS,
} from './link-limits.ts';
import { MAX_REMEMBERED, type NeighbourMemory } from './neighbour-memory.ts';
import type { OpenLinks } from './open-links.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import type { Rendezvous } from './rendezvous.ts';
import { broughtAllSince, choose, chooseAny, mostUseful } from './slots.ts';

export interface LinkChoiceOptions {
  readonly clock: MonotonicClock;
  readonly random: Random;
  /** Good neighbours of this tab before its reload; absent where nothing is remembered. */
  readonly memory?: NeighbourMemory;
}

/** The group of a remembered tab until a server tells it. */
const REMEMBERED_GROUP = 'remembered';

/**
 * Seeks this tab's own links. In a small room these are links to all tabs. In a large room {@link OUTGOING_LINKS} of them stay, and one more
 * rotates: it goes to another tab now and then. So a tab that is surrounded by an attacker meets other tabs, and keeps the first that
 * tells it more than all its links do.
 */
export class LinkChoice {
  readonly #clock: MonotonicClock;
  readonly #random: Random;
  readonly #memory: NeighbourMemory | null;
  readonly #remembered: ReadonlySet<string>;
  /** Servers that were asked for the remembered tabs. */
  readonly #asked = new Set<Rendezvous>();
  #rememberAt = -Infinity;
  readonly #remotes: Remotes;
  readonly #links: OpenLinks;
  readonly #direct: DirectLinks;
  /** The tab in the slot that rotates. */
  #rotating: Remote | null = null;
  #rotateAt = -Infinity;
  #pauseMs = FIRST_ROTATION_MS;
  /** Bytes that the rotating link had received at the last look. */
  #received = 0;

  constructor({ clock, random, memory }: LinkChoiceOptions, remotes: Remotes, links: OpenLinks, direct: DirectLinks) {
    this.#clock = clock;
    this.#random = random;
    this.#memory = memory ?? null;
    this.#remembered = new Set(memory?.read());
    this.#remotes = remotes;
    this.#links = links;
    this.#direct = direct;
  }

  /**
   * Takes remembered tabs for present at a server that this tab has joined, because a server lists only a sample of a large room. If a tab is
   * gone, the server says so in its answer to the first signal.
   */
  recall(rendezvous: Rendezvous): void {
    if (rendezvous.kind !== 'server' || this.#asked.has(rendezvous)) return;
    this.#asked.add(rendezvous);
    for (const id of this.#remembered) this.#remotes.meet(id, REMEMBERED_GROUP)?.via.add(rendezvous);
  }

  /** Does what is due now. */
  maintain(): void {
    const now = this.#clock.monotonic();
    this.#remember(now);
    // Links first: while dials are rare, a tab that no dial has failed with is the better prospect.
    this.#seekLinks(now);
    this.#improve(now);
  }

  #seekLinks(now: number): void {
    const present = this.#remotes.all().filter(({ via }) => via.size > 0);
    const candidates = present.filter((remote) => !remote.engaged && remote.mayRetry(now));
    if (present.length > SMALL_ROOM_PEERS) return this.#seekFew(candidates, now);
    this.#rotating = null;
    this.#seek(candidates, SMALL_ROOM_PEERS);
  }

  /** Dials tabs that have only a relayed link. */
  #improve(now: number): void {
    for (const remote of this.#remotes.engaged()) {
      if (remote.relay && !remote.dial && !remote.direct && remote.via.size > 0 && remote.mayRetry(now)) this.#direct.dial(remote);
    }
  }

  #seekFew(candidates: readonly Remote[], now: number): void {
    if (!this.#rotating?.engaged || !this.#rotating.outgoing) this.#rotating = null;
    // The tab in the rotating slot takes the slot of a lost link at once, except the slot of the largest group.
    const lasting = this.#lasting();
    if (this.#rotating?.link && lasting.length < OUTGOING_LINKS && lasting.some(isOfLargestGroup)) this.#rotating = null;
    // In a room that has grown, a link beyond the number that lasts is the first to rotate.
    if (!this.#rotating && this.#lasting().length > OUTGOING_LINKS) this.#rotating = this.#anyLasting();
    const rest = this.#seek(candidates, OUTGOING_LINKS);
    const isBusy = this.#isBusy(now);
    if (now >= this.#rotateAt && rest.length > 0 && !isBusy) this.#rotate(rest, now);
  }

  /** Whether the rotating link carries a download, which would have to go on elsewhere. Not for long, because an attacker could send junk. */
  #isBusy(now: number): boolean {
    const received = this.#rotating?.link?.receivedBytes ?? 0;
    const grown = received - this.#received;
    this.#received = received;
    return grown > BUSY_LINK_BYTES && now < this.#rotateAt + ROTATION_MS / 2;
  }

  /** The links and attempts of this tab, without the one that rotates. Links that others sought do not count. */
  #lasting(): Remote[] {
    return this.#remotes.engaged().filter((remote) => remote.outgoing && remote !== this.#rotating);
  }

  /**
   * A lasting link that may leave: any, except links that a person made, which may be the only way to a part of the network, and the link to
   * the largest group, whose slot no other link can take.
   */
  #anyLasting(): Remote | null {
    const others = this.#lasting().filter((remote) => remote.link?.met !== 'hand' && !isOfLargestGroup(remote));
    return chooseAny(others, this.#random) ?? null;
  }

  /** Seeks links up to a number. @returns the candidates that are left */
  #seek(candidates: readonly Remote[], goal: number): readonly Remote[] {
    let left = candidates;
    const lasting = this.#lasting();
    while (left.length > 0 && lasting.length < goal) {
      const remote = left.find(({ id }) => this.#remembered.has(id)) ?? choose(left, lasting, this.#random)!;
      left = left.filter((other) => other !== remote);
      if (!this.#dial(remote)) break;
      lasting.push(remote);
    }
    return left;
  }

  /** Gives the rotating slot to another tab. A tab that has proven better than all lasting links takes the slot of one of them. */
  #rotate(candidates: readonly Remote[], now: number): void {
    const last = this.#rotating;
    const leaves = last && broughtAllSince(last, this.#lasting()) ? (this.#anyLasting() ?? last) : last;
    if (leaves) this.#links.endAll(leaves, 'rotated');
    const next = chooseAny(candidates, this.#random)!;
    next.soughtFor = null;
    this.#rotating = this.#dial(next) ? next : null;
    this.#rotateAt = now + this.#pauseMs / 2 + randomBelow(this.#random, this.#pauseMs);
    this.#pauseMs = Math.min(ROTATION_MS, 2 * this.#pauseMs);
  }

  /** Remembers the most useful lasting links. */
  #remember(now: number): void {
    if (!this.#memory || now < this.#rememberAt) return;
    this.#rememberAt = now + REMEMBER_MS;
    const old = this.#lasting().filter(({ link }) => link !== null && now - link.openedAt >= STABLE_LINK_MS);
    if (old.length > 0) this.#memory.write(mostUseful(old, MAX_REMEMBERED).map(({ id }) => id));
  }

  #dial(remote: Remote): boolean {
    remote.outgoing = true;
    return this.#direct.dial(remote);
  }
}

const isOfLargestGroup = ({ soughtFor }: Remote): boolean => soughtFor === 'largest group';
