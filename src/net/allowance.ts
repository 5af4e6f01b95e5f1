import { TokenBucket } from '../util/token-bucket.ts';

/** What was used counts for half as much after so long. */
const HALF_LIFE_MS = 5_000;

/**
 * Milliseconds of this node's work that somebody may cause: granted steadily, saved up to a burst, and owed up to as much. A
 * peer that caused one long piece of work thus waits a bounded time.
 */
export class Allowance {
  readonly #bucket: TokenBucket;
  #used = 0;
  #usedAt: number;

  /**
   * @param perSecond milliseconds granted each second
   * @param burst most that is saved, or owed
   * @param leftMs what there is to begin with
   * @param now of the monotonic clock
   */
  constructor(perSecond: number, burst: number, leftMs: number, now: number) {
    this.#bucket = new TokenBucket(burst, perSecond, now, { tokens: leftMs, maxDebt: burst });
    this.#usedAt = now;
  }

  /** What may be used now; work may begin where this is above 0. */
  left(now: number): number {
    return this.#bucket.left(now);
  }

  spend(ms: number, now: number): void {
    this.#bucket.spend(ms, now);
    this.#used = this.used(now) + ms;
    this.#usedAt = now;
  }

  /** What was used lately, the latest the most. */
  used(now: number): number {
    return this.#used * 2 ** ((this.#usedAt - now) / HALF_LIFE_MS);
  }

  /** Milliseconds until work may begin again; 0 where it may now. */
  waitMs(now: number): number {
    return this.left(now) > 0 ? 0 : this.#bucket.waitMs(1, now);
  }
}
