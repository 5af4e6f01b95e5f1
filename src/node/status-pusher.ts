import type { MonotonicClock, TimerId, Timers } from '../util/ports.ts';

/** At most four events a second: people cannot follow more. */
const INTERVAL_MS = 250;
/** The hash rate and the peers' latency change without any other event. */
const IDLE_MS = 1_000;

/** Paces status events: soon after a change, never faster than {@link INTERVAL_MS}, and once a second in any case. */
export class StatusPusher {
  readonly #ports: { readonly clock: MonotonicClock; readonly timers: Timers };
  readonly #push: () => void;
  #timer: TimerId | null = null;
  #dueMs = 0;

  constructor(ports: { readonly clock: MonotonicClock; readonly timers: Timers }, push: () => void) {
    this.#ports = ports;
    this.#push = push;
  }

  start(): void {
    this.#ports.timers.set(() => {
      this.soon();
      this.start();
    }, IDLE_MS);
  }

  soon(): void {
    const { clock, timers } = this.#ports;
    if (this.#timer !== null) return;
    this.#timer = timers.set(
      () => {
        this.#timer = null;
        this.#dueMs = clock.monotonic() + INTERVAL_MS;
        this.#push();
      },
      Math.max(0, this.#dueMs - clock.monotonic()),
    );
  }
}
