import type { Log } from '../util/log.ts';
import type { MonotonicClock } from '../util/ports.ts';
import { ASLEEP_MS, BUSY_MS, QUIET_MS, QUIET_MS_PER_LINK, QUIET_UNWATCHED_MS, TICK_MS } from './peer-limits.ts';
import type { Session } from './session.ts';

/** Notices from a regular tick which links are silent, and whether this machine itself was asleep. */
export class Heartbeat {
  /** Whether somebody looks at this tab, or it mines, so silent links matter at once. */
  attentive = true;
  readonly #clock: MonotonicClock;
  readonly #log: Log;
  #tickedAt = 0;

  constructor(clock: MonotonicClock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#tickedAt = this.#clock.monotonic();
  }

  /** Milliseconds by which the tick of {@link TICK_MS} comes too late: this thread was busy, or the machine asleep. Call once a tick. */
  lateness(): number {
    const now = this.#clock.monotonic();
    const lateMs = now - this.#tickedAt - TICK_MS;
    this.#tickedAt = now;
    return Math.max(0, lateMs);
  }

  /** Whether a tick this late means that the machine was asleep. */
  wasAsleep(lateMs: number): boolean {
    if (lateMs <= ASLEEP_MS) return false;
    this.#log('info', 'net/was-asleep', { ms: Math.round(lateMs) });
    return true;
  }

  /**
   * Sends pings that are due, and notices links that have become silent.
   * @returns whether a link has become silent or has ended
   */
  check(sessions: readonly Session[], lateMs: number): boolean {
    const quietMs = this.attentive ? Math.max(QUIET_MS, sessions.length * QUIET_MS_PER_LINK) : QUIET_UNWATCHED_MS;
    let hasChanged = false;
    for (const session of sessions) {
      const { ready } = session;
      if (lateMs > BUSY_MS) session.excuse(lateMs);
      session.tick(quietMs);
      if (session.ready === ready) continue;
      hasChanged = true;
      this.#log('info', 'net/peer-silent', { peer: session.peerId });
    }
    return hasChanged;
  }
}
