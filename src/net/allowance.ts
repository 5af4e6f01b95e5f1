import { TokenBucket } from '../util/token-bucket.ts';

/** Past use counts half after this time. */
const HALF_LIFE_MS = 5_000;

/**
 * Milliseconds of this node's work that a peer may cause: granted steadily, saved up to a burst, and owed up to the same amount. So a
 * peer that caused one long piece of work waits a bounded time.
 */
export class Allowance {
  readonly #bucket: TokenBucket;
  #used = 0;
  #usedAt: number;

  /**
   * @param perSecond milliseconds granted each second
   * @param burst most milliseconds that are saved or owed
   * @param leftMs milliseconds at the start
   * @param now of the monotonic clock
   */
  constructor(perSecond: number, burst: number, leftMs: number, now: number) {
    this.#bucket = new TokenBucket(burst, perSecond, now, { tokens: leftMs, maxDebt: burst });
    this.#usedAt = now;
  }

  /** Milliseconds left; work may start if this is above 0. */
  left(now: number): number {
    return this.#bucket.left(now);
  }

  spend(ms: number, now: number): void {
    this.#bucket.spend(ms, now);
    this.#used = this.used(now) + ms;
    this.#usedAt = now;
  }

  /** Milliseconds used lately; recent use counts most. */
  used(now: number): number {
    return this.#used * 2 ** ((this.#usedAt - now) / HALF_LIFE_MS);
  }

  /** Milliseconds until work may start again; 0 if it may start now. */
  waitMs(now: number): number {
    return this.left(now) > 0 ? 0 : this.#bucket.waitMs(1, now);
  }
}
