/** `burst` tokens at once, and `perMinute` tokens a minute in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

export interface TokenBucketStart {
  /** Tokens at the start; default: the whole burst. */
  readonly tokens?: number;
  /** How far {@link TokenBucket.spend} may overdraw; debt beyond this is forgiven. Default 0. */
  readonly maxDebt?: number;
}

/** Tokens that refill evenly up to a burst. They may be overdrawn up to a limit; later refills pay the debt. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #maxDebt: number;
  #tokens: number;
  #at: number;

  /** @param nowMs time of the clock that all later calls use */
  constructor(burst: number, perSecond: number, nowMs: number, { tokens = burst, maxDebt = 0 }: TokenBucketStart = {}) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#maxDebt = maxDebt;
    this.#tokens = tokens;
    this.#at = nowMs;
  }

  static of({ burst, perMinute }: Rate, nowMs: number): TokenBucket {
    return new TokenBucket(burst, perMinute / 60, nowMs);
  }

  /** The tokens left; negative in debt. */
  left(nowMs: number): number {
    // A clock that is set back removes no tokens.
    this.#tokens = Math.min(this.#burst, this.#tokens + (Math.max(0, nowMs - this.#at) * this.#perSecond) / 1000);
    this.#at = nowMs;
    return this.#tokens;
  }

  /** Takes tokens, even more than are left. */
  spend(tokens: number, nowMs: number): void {
    this.#tokens = Math.max(-this.#maxDebt, this.left(nowMs) - tokens);
  }

  /** Whether at least one whole token is left. */
  has(nowMs: number): boolean {
    return this.left(nowMs) >= 1;
  }

  /** Takes one token if there is one. */
  take(nowMs: number): boolean {
    if (!this.has(nowMs)) return false;
    this.#tokens--;
    return true;
  }

  /** Milliseconds until `tokens` tokens are available; 0 if they are available now. */
  waitMs(tokens: number, nowMs: number): number {
    return (Math.max(0, tokens - this.left(nowMs)) / this.#perSecond) * 1000;
  }
}
