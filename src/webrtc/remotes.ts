import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import { GROUP_NEWCOMERS, MAX_REMOTES, NEWCOMERS } from './link-limits.ts';
import { Remote } from './remote.ts';
import type { Rendezvous } from './rendezvous.ts';
import { SharedBudget } from './shared-budget.ts';

/** The tabs that this tab knows: at most {@link MAX_REMOTES}, even if rendezvous announce more. */
export class Remotes {
  readonly #clock: MonotonicClock;
  readonly #random: Random;
  readonly #rendezvous: readonly Rendezvous[];
  readonly #newcomers: SharedBudget;
  readonly #byId = new Map<string, Remote>();

  /** @param rendezvous in order of preference */
  constructor(clock: MonotonicClock, random: Random, rendezvous: readonly Rendezvous[] = []) {
    this.#clock = clock;
    this.#random = random;
    this.#rendezvous = rendezvous;
    this.#newcomers = new SharedBudget(GROUP_NEWCOMERS, NEWCOMERS, clock.monotonic());
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Remote | undefined {
    return this.#byId.get(id);
  }

  all(): Remote[] {
    return [...this.#byId.values()];
  }

  engaged(): Remote[] {
    const engaged: Remote[] = [];
    for (const remote of this.#byId.values()) if (remote.engaged) engaged.push(remote);
    return engaged;
  }

  /**
   * The tab of this id; a new tab may replace another tab. Null if there is no room.
   * @param spoken whether the tab has proven its id by a signature, so it exists; a tab that is only announced may not exist
   */
  meet(id: string, group: string, spoken = false): Remote | null {
    const known = this.#byId.get(id);
    if (known) return known;
    const now = this.#clock.monotonic();
    if (this.#byId.size >= MAX_REMOTES && !((spoken || this.#newcomers.take(group, now)) && this.#evict())) return null;
    const remote = new Remote(id, group, this.#clock, this.#random);
    this.#byId.set(id, remote);
    return remote;
  }

  /**
   * The rendezvous for the signals of the next attempt: the preferred of those that reach the tab, after a failure the next of them. A
   * server that has died unnoticed, or that drops signals, thus prevents no link.
   */
  reach({ via, failures }: Remote): Rendezvous | undefined {
    const ways = this.#rendezvous.filter((rendezvous) => via.has(rendezvous));
    return ways[failures % ways.length];
  }

  /** The preferred rendezvous that carries links to a tab. */
  relayFor(remote: Remote): Rendezvous | undefined {
    return this.#rendezvous.find((rendezvous) => rendezvous.relay && remote.via.has(rendezvous));
  }

  /** Forgets a tab that no rendezvous reaches and that has neither a link nor an attempt. */
  tidy(remote: Remote): void {
    if (remote.via.size === 0 && !remote.engaged && this.#byId.get(remote.id) === remote) this.#byId.delete(remote.id);
  }

  clear(): void {
    this.#byId.clear();
  }

  /** Forgets a random tab of the largest group, preferably among tabs that never had a lasting link. Tabs with a link always stay. */
  #evict(): boolean {
    const idle = this.all().filter((remote) => !remote.engaged);
    const strangers = idle.filter(({ proven }) => !proven);
    const candidates = largestGroup(strangers.length > 0 ? strangers : idle);
    if (candidates.length === 0) return false;
    return this.#byId.delete(candidates[randomBelow(this.#random, candidates.length)]!.id);
  }
}

/** The members of the largest group. */
export function largestGroup(remotes: readonly Remote[]): Remote[] {
  return [...byGroup(remotes).values()].reduce((largest, group) => (group.length > largest.length ? group : largest), []);
}

export function byGroup(remotes: readonly Remote[]): Map<string, Remote[]> {
  const groups = new Map<string, Remote[]>();
  for (const remote of remotes) {
    const group = groups.get(remote.group);
    if (group) group.push(remote);
    else groups.set(remote.group, [remote]);
  }
  return groups;
}
