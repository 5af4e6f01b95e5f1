/** A rate limit that allows bursts: holds up to `capacity` tokens and gains `perSecond` of them. May go into debt, which later time pays off. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  #updatedMs: number;

  constructor(capacity: number, perSecond: number, nowMs: number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#tokens = capacity;
    this.#updatedMs = nowMs;
  }

  /** Takes `tokens` whether they are there or not; returns after how many milliseconds the debt is paid, 0 without one. */
  take(tokens: number, nowMs: number): number {
    const gained = ((nowMs - this.#updatedMs) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#capacity, this.#tokens + Math.max(0, gained)) - tokens;
    this.#updatedMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#perSecond);
  }
}
