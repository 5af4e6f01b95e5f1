import { randomBelow, type MonotonicClock, type Random } from '../util/ports.ts';
import { HOPELESS_MAX_MS, HOPELESS_MIN_MS, HOPELESS_PEERS } from './link-limits.ts';

/**
 * Whether WebRTC connects at all in the network of this tab. If all dials of several other tabs have failed, the network probably blocks
 * WebRTC. Then the dials of all tabs together get pauses, each twice as long as the pause before.
 */
export class DialProspect {
  readonly #clock: MonotonicClock;
  readonly #random: Random;
  /** Tabs that this tab failed to connect with; null once a dial has succeeded in this network. */
  #failed: Set<string> | null = new Set();
  #pauseMs = HOPELESS_MIN_MS;
  #dialAt = -Infinity;

  constructor(clock: MonotonicClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Whether this tab should make no dial now. */
  get pauses(): boolean {
    return this.#isHopeless && this.#clock.monotonic() < this.#dialAt;
  }

  get #isHopeless(): boolean {
    return this.#failed !== null && this.#failed.size >= HOPELESS_PEERS;
  }

  /** This tab makes a dial, and makes no other until the pause is over. */
  dialled(): void {
    if (!this.#isHopeless) return;
    this.#dialAt = this.#clock.monotonic() + this.#pauseMs / 2 + randomBelow(this.#random, this.#pauseMs);
    this.#pauseMs = Math.min(HOPELESS_MAX_MS, 2 * this.#pauseMs);
  }

  /** The other tab answered, but WebRTC did not connect. */
  failed(id: string): void {
    if (!this.#failed || this.#isHopeless) return;
    this.#failed.add(id);
    this.dialled();
  }

  succeeded(): void {
    this.#failed = null;
  }

  /** This tab may be in another network now. */
  reset(): void {
    this.#failed = new Set();
    this.#pauseMs = HOPELESS_MIN_MS;
  }
}
