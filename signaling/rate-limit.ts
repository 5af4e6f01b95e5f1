import { TokenBucket } from '../src/util/token-bucket.ts';

/** A rate limit for bytes that allows bursts and debt. Tokens that others have paid are kept apart and used first. */
export class RateLimit {
  readonly #bucket: TokenBucket;
  readonly #maxGiven: number;
  #given = 0;

  /**
   * @param burst tokens that may be taken at once without debt
   * @param maxDebtMs the longest wait that is ever asked for; debt beyond it is forgiven
   * @param maxGiven how many tokens of others are kept
   */
  constructor(burst: number, perSecond: number, nowMs: number, maxDebtMs = Infinity, maxGiven = 0) {
    this.#bucket = new TokenBucket(burst, perSecond, nowMs, { maxDebt: (maxDebtMs * perSecond) / 1000 });
    this.#maxGiven = maxGiven;
  }

  /** Takes `tokens` whether they are there or not; returns after how many milliseconds the debt is paid, 0 without one. */
  take(tokens: number, nowMs: number): number {
    const given = Math.min(tokens, this.#given);
    this.#given -= given;
    this.#bucket.spend(tokens - given, nowMs);
    return Math.ceil(this.#bucket.waitMs(0, nowMs));
  }

  /** Adds `tokens` that somebody else has paid. */
  give(tokens: number): void {
    this.#given = Math.min(this.#maxGiven, this.#given + tokens);
  }
}
