import type { MonotonicClock, TimerId, Timers } from '../util/ports.ts';
import { KEEP_ALIVE_MS, PONG_TIMEOUT_MS, PROBE_TIMEOUT_MS } from './link-limits.ts';

export interface PulseOptions {
  readonly clock: MonotonicClock;
  readonly timers: Timers;
  /** Sends a message that the other end answers. */
  ping(): void;
  /** No message has come back in time. */
  dead(): void;
}

/** A timer this late means that the page itself was frozen, so an answer may have arrived but not been read. */
const LATE_MS = 1_000;

/**
 * Checks whether a connection still works, because a network that goes away closes no socket. The pings also keep proxies from
 * closing a silent connection.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #timer: TimerId | null = null;
  #heard = false;
  /** When the answer to the last ping is due; null when none is due. */
  #dueAt: number | null = null;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Pings from now on, each time after {@link KEEP_ALIVE_MS}. */
  start(): void {
    this.#set(() => this.#ask(PONG_TIMEOUT_MS), KEEP_ALIVE_MS);
  }

  stop(): void {
    if (this.#timer !== null) this.#options.timers.clear(this.#timer);
    this.#timer = null;
    this.#dueAt = null;
  }

  /** A message has come from the other end. */
  heard(): void {
    this.#heard = true;
  }

  /** Pings at once, and waits only {@link PROBE_TIMEOUT_MS}. */
  probe(): void {
    const dueAt = this.#options.clock.monotonic() + PROBE_TIMEOUT_MS;
    // Keep an earlier deadline; otherwise repeated probes would put it off without end.
    if (this.#dueAt === null || this.#dueAt > dueAt) this.#ask(PROBE_TIMEOUT_MS);
  }

  #ask(timeoutMs: number, again = false): void {
    const { clock, ping } = this.#options;
    const dueAt = clock.monotonic() + timeoutMs;
    this.#heard = false;
    this.#set(() => {
      if (this.#heard) return this.start();
      // Ping once more, but only once, because the timers of a hidden page may be late every time.
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
