import { TokenBucket } from '../src/util/token-bucket.ts';

/** A rate limit for bytes that allows bursts and debt. Tokens paid by other tabs are kept apart and used first. */
export class RateLimit {
  readonly #bucket: TokenBucket;
  readonly #maxGiven: number;
  #given = 0;

  /**
   * @param burst tokens that can be taken at once without debt
   * @param maxDebtMs the longest wait that {@link take} returns; debt beyond this is forgiven
   * @param maxGiven the largest number of tokens kept from other tabs
   */
  constructor(burst: number, perSecond: number, nowMs: number, maxDebtMs = Infinity, maxGiven = 0) {
    this.#bucket = new TokenBucket(burst, perSecond, nowMs, { maxDebt: (maxDebtMs * perSecond) / 1000 });
    this.#maxGiven = maxGiven;
  }

  /** Takes `tokens`, into debt if necessary. @returns milliseconds until the debt is paid, 0 without debt */
  take(tokens: number, nowMs: number): number {
    const given = Math.min(tokens, this.#given);
    this.#given -= given;
    this.#bucket.spend(tokens - given, nowMs);
    return Math.ceil(this.#bucket.waitMs(0, nowMs));
  }

  /** Adds `tokens` that another tab has paid. */
  give(tokens: number): void {
    this.#given = Math.min(this.#maxGiven, this.#given + tokens);
  }
}
