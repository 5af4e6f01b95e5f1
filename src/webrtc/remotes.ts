import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import { GROUP_NEWCOMERS, MAX_REMOTES, NEWCOMERS } from './link-limits.ts';
import { Remote } from './remote.ts';
import type { Rendezvous } from './rendezvous.ts';
import { SharedBudget } from './shared-budget.ts';

/** The tabs that this one knows of: at most {@link MAX_REMOTES}, however many are shown to it. */
export class Remotes {
  readonly #clock: MonotonicClock;
  readonly #random: Random;
  readonly #rendezvous: readonly Rendezvous[];
  readonly #newcomers: SharedBudget;
  readonly #byId = new Map<string, Remote>();

  /** @param rendezvous where tabs may be met, most preferred first */
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
    return this.all().filter((remote) => remote.engaged);
  }

  /**
   * The tab of this id; a new one may take the place of another. Null where there is no place.
   * @param spoken it has proven its id, so that it is there: others may only be said to be
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

  /** The best way to send a tab a signal. */
  reach(remote: Remote): Rendezvous | undefined {
    return this.#rendezvous.find((rendezvous) => remote.via.has(rendezvous));
  }

  /** Forgets a tab that neither a rendezvous nor a link (nor an attempt) speaks for. */
  tidy(remote: Remote): void {
    if (remote.via.size === 0 && !remote.engaged && this.#byId.get(remote.id) === remote) this.#byId.delete(remote.id);
  }

  clear(): void {
    this.#byId.clear();
  }

  /** Forgets one tab of the largest group, of those that never had a link that lasted; those with a link stay in any case. */
  #evict(): boolean {
    const idle = this.all().filter((remote) => !remote.engaged);
    const strangers = idle.filter(({ proven }) => !proven);
    const candidates = largestGroup(strangers.length > 0 ? strangers : idle);
    if (candidates.length === 0) return false;
    return this.#byId.delete(candidates[randomBelow(this.#random, candidates.length)]!.id);
  }
}

/** The members of the group that most of these tabs belong to. */
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
