/**
 * A rate limit that allows bursts: holds up to `capacity` tokens and gains `perSecond` of them. May go into debt, which later time pays off.
 * Tokens that others have paid are kept apart and used first.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  readonly #maxDebt: number;
  readonly #maxGiven: number;
  #tokens: number;
  #given = 0;
  #updatedMs: number;

  /**
   * @param maxDebtMs the longest wait that is ever asked for; debt beyond it is forgiven
   * @param maxGiven how many tokens of others are kept
   */
  constructor(capacity: number, perSecond: number, nowMs: number, maxDebtMs = Infinity, maxGiven = 0) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#maxDebt = (maxDebtMs * perSecond) / 1000;
    this.#maxGiven = maxGiven;
    this.#tokens = capacity;
    this.#updatedMs = nowMs;
  }

  /** Takes `tokens` whether they are there or not; returns after how many milliseconds the debt is paid, 0 without one. */
  take(tokens: number, nowMs: number): number {
    const gained = ((nowMs - this.#updatedMs) * this.#perSecond) / 1000;
    this.#updatedMs = nowMs;
    const given = Math.min(tokens, this.#given);
    this.#given -= given;
    const left = Math.min(this.#capacity, this.#tokens + Math.max(0, gained)) - (tokens - given);
    this.#tokens = Math.max(-this.#maxDebt, left);
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#perSecond);
  }

  /** Adds `tokens` that somebody else has paid. */
  give(tokens: number): void {
    this.#given = Math.min(this.#maxGiven, this.#given + tokens);
  }
}
