/** A number of permits that refills evenly up to a burst. */
export class TokenBudget {
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #at: number;

  constructor(burst: number, perMinute: number, nowMs: number) {
    this.#burst = burst;
    this.#perMs = perMinute / 60_000;
    this.#tokens = burst;
    this.#at = nowMs;
  }

  /** Whether there is a permit. */
  has(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, nowMs - this.#at) * this.#perMs);
    this.#at = nowMs;
    return this.#tokens >= 1;
  }

  /** Takes one permit if there is one. */
  take(nowMs: number): boolean {
    if (!this.has(nowMs)) return false;
    this.#tokens--;
    return true;
  }
}

export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

/** Groups remembered; one that is forgotten begins with its whole burst again, which the common budget bounds. */
const MAX_GROUPS = 1_000;

/** Permits that many groups share: no group takes more than its part, so that the others still find some. */
export class SharedBudget {
  readonly #each: Rate;
  readonly #all: TokenBudget;
  readonly #groups = new Map<string, TokenBudget>();

  constructor(each: Rate, all: Rate, nowMs: number) {
    this.#each = each;
    this.#all = new TokenBudget(all.burst, all.perMinute, nowMs);
  }

  /** Takes one permit if the group and all together have one. */
  take(group: string, nowMs: number): boolean {
    const own = this.#groups.get(group) ?? new TokenBudget(this.#each.burst, this.#each.perMinute, nowMs);
    this.#groups.delete(group);
    this.#groups.set(group, own);
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= MAX_GROUPS) break;
      this.#groups.delete(oldest);
    }
    return own.has(nowMs) && this.#all.take(nowMs) && own.take(nowMs);
  }
}
