import type { MonotonicClock, TimerId, Timers } from '../util/ports.ts';
import { KEEP_ALIVE_MS, PONG_TIMEOUT_MS, PROBE_TIMEOUT_MS } from './link-limits.ts';

export interface PulseOptions {
  readonly clock: MonotonicClock;
  readonly timers: Timers;
  /** Sends something that the other end answers. */
  ping(): void;
  /** Nothing has come back in time. */
  dead(): void;
}

/** A timer this late means that the page itself stood still, so that an answer may have come without being heard. */
const LATE_MS = 1_000;

/**
 * Finds out whether a connection still carries anything: a network that went away closes no socket. Also keeps proxies from
 * closing a connection on which nothing is said.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #timer: TimerId | null = null;
  #heard = false;
  /** When the answer to the last question is due, null when none is awaited. */
  #dueAt: number | null = null;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Pings from now on, each time after a while. */
  start(): void {
    this.#set(() => this.#ask(PONG_TIMEOUT_MS), KEEP_ALIVE_MS);
  }

  stop(): void {
    if (this.#timer !== null) this.#options.timers.clear(this.#timer);
    this.#timer = null;
    this.#dueAt = null;
  }

  /** Something has come from the other end. */
  heard(): void {
    this.#heard = true;
  }

  /** Asks at once, and waits less long. */
  probe(): void {
    const dueAt = this.#options.clock.monotonic() + PROBE_TIMEOUT_MS;
    // Asked again and again, it would never come to an end.
    if (this.#dueAt === null || this.#dueAt > dueAt) this.#ask(PROBE_TIMEOUT_MS);
  }

  #ask(timeoutMs: number, again = false): void {
    const { clock, ping } = this.#options;
    const dueAt = clock.monotonic() + timeoutMs;
    this.#heard = false;
    this.#set(() => {
      if (this.#heard) return this.start();
      // Asked once more, and no more: the timers of a hidden page may be late every time.
      if (!again && clock.monotonic() > dueAt + LATE_MS) return this.#ask(timeoutMs, true);
      this.#options.dead();
    }, timeoutMs);
    this.#dueAt = dueAt;
    ping();
  }

  #set(callback: () => void, delayMs: number): void {
    this.stop();
    this.#timer = this.#options.timers.set(callback, delayMs);
  }
}
