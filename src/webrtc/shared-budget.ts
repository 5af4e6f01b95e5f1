import { TokenBucket, type Rate } from '../util/token-bucket.ts';

/** Groups remembered. A forgotten group gets its whole burst again, but the common bucket still limits all groups. */
const MAX_GROUPS = 1_000;

/** Permits that many groups share. No group takes more than its part, so the other groups still get permits. */
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
