import { TokenBucket, type Rate } from '../util/token-bucket.ts';

/** Groups remembered; one that is forgotten begins with its whole burst again, which the common bucket bounds. */
const MAX_GROUPS = 1_000;

/** Permits that many groups share: no group takes more than its part, so that the others still find some. */
export class SharedBudget {
  readonly #each: Rate;
  readonly #all: TokenBucket;
  readonly #groups = new Map<string, TokenBucket>();

  constructor(each: Rate, all: Rate, nowMs: number) {
    this.#each = each;
    this.#all = TokenBucket.of(all, nowMs);
  }

  /** Takes one permit if the group and all together have one. */
  take(group: string, nowMs: number): boolean {
    const own = this.#groups.get(group) ?? TokenBucket.of(this.#each, nowMs);
    this.#groups.delete(group);
    this.#groups.set(group, own);
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= MAX_GROUPS) break;
      this.#groups.delete(oldest);
    }
    return own.has(nowMs) && this.#all.take(nowMs) && own.take(nowMs);
  }
}
