import type { MonotonicClock } from '../util/ports.ts';
import { HEADERS_PATIENCE_MS, MAX_HEADER_QUESTIONS } from './peer-limits.ts';

/** While one peer leads on with full batches of headers, other peers are asked only now and then. */
export class HeaderLead {
  readonly #clock: MonotonicClock;
  /** When a peer last led on to more work with a full batch. */
  #ledAt = -Infinity;
  /** When another peer was last asked meanwhile. */
  #triedAt = -Infinity;

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  get isLed(): boolean {
    return this.#clock.monotonic() - this.#ledAt < HEADERS_PATIENCE_MS;
  }

  /** A peer has led on to more work with a full batch. */
  led(): void {
    this.#ledAt = this.#clock.monotonic();
  }

  /** How many more peers to ask now, while `open` requests have no answer yet. */
  room(open: number): number {
    const now = this.#clock.monotonic();
    if (!this.isLed) return Math.max(0, MAX_HEADER_QUESTIONS - open);
    if (now - this.#triedAt < HEADERS_PATIENCE_MS) return 0;
    this.#triedAt = now;
    return 1;
  }
}
