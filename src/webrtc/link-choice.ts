import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import type { DirectLinks } from './direct-links.ts';
import { FIRST_ROTATION_MS, OUTGOING_LINKS, ROTATION_MS, SMALL_ROOM_PEERS } from './link-limits.ts';
import type { OpenLinks } from './open-links.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import { broughtAllSince, choose, chooseAny } from './slots.ts';

export interface LinkChoiceOptions {
  readonly clock: MonotonicClock;
  readonly random: Random;
}

/**
 * Seeks this tab's own links. In a small room these are links to all tabs. In a large room {@link OUTGOING_LINKS} of them stay, and one more
 * rotates: it goes to another tab now and then. So a tab that is surrounded by an attacker meets other tabs, and keeps the first that
 * tells it more than all its links do.
 */
export class LinkChoice {
  readonly #clock: MonotonicClock;
  readonly #random: Random;
  readonly #remotes: Remotes;
  readonly #links: OpenLinks;
  readonly #direct: DirectLinks;
  /** The tab in the slot that rotates. */
  #rotating: Remote | null = null;
  #rotateAt = -Infinity;
  #pauseMs = FIRST_ROTATION_MS;

  constructor({ clock, random }: LinkChoiceOptions, remotes: Remotes, links: OpenLinks, direct: DirectLinks) {
    this.#clock = clock;
    this.#random = random;
    this.#remotes = remotes;
    this.#links = links;
    this.#direct = direct;
  }

  /** Does what is due now. */
  maintain(): void {
    const now = this.#clock.monotonic();
    this.#improve(now);
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
    // The tab in the rotating slot takes the slot of a lost link at once.
    if (this.#rotating?.link && this.#lasting().length < OUTGOING_LINKS) this.#rotating = null;
    // In a room that has grown, a link beyond the number that lasts is the first to rotate.
    if (!this.#rotating && this.#lasting().length > OUTGOING_LINKS) this.#rotating = chooseAny(this.#lasting(), this.#random)!;
    const rest = this.#seek(candidates, OUTGOING_LINKS);
    if (now >= this.#rotateAt && rest.length > 0) this.#rotate(rest, now);
  }

  /** The links and attempts of this tab, without the one that rotates. Links that others sought do not count. */
  #lasting(): Remote[] {
    return this.#remotes.engaged().filter((remote) => remote.outgoing && remote !== this.#rotating);
  }

  /** Seeks links up to a number. @returns the candidates that are left */
  #seek(candidates: readonly Remote[], goal: number): readonly Remote[] {
    let left = candidates;
    const lasting = this.#lasting();
    while (left.length > 0 && lasting.length < goal) {
      const remote = choose(left, lasting, this.#random)!;
      left = left.filter((other) => other !== remote);
      if (!this.#dial(remote)) break;
      lasting.push(remote);
    }
    return left;
  }

  /** Gives the rotating slot to another tab. A tab that has proven better than all lasting links takes the slot of one of them. */
  #rotate(candidates: readonly Remote[], now: number): void {
    const last = this.#rotating;
    const lasting = this.#lasting();
    const leaves = last && broughtAllSince(last, lasting) ? chooseAny(lasting, this.#random) : last;
    if (leaves) this.#links.endAll(leaves, 'rotated');
    const next = chooseAny(candidates, this.#random)!;
    this.#rotating = this.#dial(next) ? next : null;
    this.#rotateAt = now + this.#pauseMs / 2 + randomBelow(this.#random, this.#pauseMs);
    this.#pauseMs = Math.min(ROTATION_MS, 2 * this.#pauseMs);
  }

  #dial(remote: Remote): boolean {
    remote.outgoing = true;
    return this.#direct.dial(remote);
  }
}
