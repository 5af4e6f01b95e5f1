import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import type { Rendezvous } from './rendezvous.ts';
import { GROUP_NEWCOMERS, MAX_REMOTES, NEWCOMERS, SENDER_ANSWERS, SENDER_SIGNALS } from './limits.ts';
import type { OpenLink } from './open-link.ts';
import type { RtcPeer } from './rtc-peer.ts';
import { SharedBudget, TokenBudget } from './token-budget.ts';

/** An attempt at a direct link; without `rtc` while the other end's offer is awaited. */
export interface Dial {
  readonly rtc: RtcPeer | null;
  readonly attempt: string;
  readonly startedAt: number;
  /** Candidates taken from the other end. */
  candidates: number;
}

/** Another tab, as long as anything is known of it. */
export interface Remote {
  readonly id: string;
  /** Tabs of one group may all be one person's. */
  group: string;
  /** Rendezvous that reach it. */
  readonly via: Set<Rendezvous>;
  /** Highest number of its signals so far; lower ones are late or played again. */
  heardCount: number;
  readonly signals: TokenBudget;
  readonly answers: TokenBudget;
  dial: Dial | null;
  direct: { readonly link: OpenLink; readonly rtc: RtcPeer; readonly attempt: string } | null;
  relay: { readonly link: OpenLink; readonly rendezvous: Rendezvous } | null;
  /** When a relayed link was asked for, null when no answer is awaited. */
  relayAskedAt: number | null;
  /** Whether this tab sought the link (or is seeking it). */
  outgoing: boolean;
  /** Whether a link to it has once lasted. */
  proven: boolean;
  failures: number;
  retryAt: number;
}

/** Whether a tab has, or is getting, a link. */
export function engaged({ dial, direct, relay, relayAskedAt }: Remote): boolean {
  return dial !== null || direct !== null || relay !== null || relayAskedAt !== null;
}

/** The tabs that this one knows of: at most {@link MAX_REMOTES}, however many are shown to it. */
export class Remotes {
  readonly #clock: MonotonicClock;
  readonly #random: Random;
  readonly #newcomers: SharedBudget;
  readonly #byId = new Map<string, Remote>();

  constructor(clock: MonotonicClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
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
    return this.all().filter(engaged);
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
    const remote: Remote = {
      id,
      group,
      via: new Set(),
      heardCount: 0,
      signals: new TokenBudget(SENDER_SIGNALS.burst, SENDER_SIGNALS.perMinute, now),
      answers: new TokenBudget(SENDER_ANSWERS.burst, SENDER_ANSWERS.perMinute, now),
      ...{ dial: null, direct: null, relay: null, relayAskedAt: null },
      ...{ outgoing: false, proven: false, failures: 0, retryAt: 0 },
    };
    this.#byId.set(id, remote);
    return remote;
  }

  /** Forgets a tab that neither an rendezvous nor a link (nor an attempt) speaks for. */
  tidy(remote: Remote): void {
    if (remote.via.size === 0 && !engaged(remote) && this.#byId.get(remote.id) === remote) this.#byId.delete(remote.id);
  }

  clear(): void {
    this.#byId.clear();
  }

  /** Forgets one tab of the largest group, of those that never had a link that lasted; those with a link stay in any case. */
  #evict(): boolean {
    const idle = this.all().filter((remote) => !engaged(remote));
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
