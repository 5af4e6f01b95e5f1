import type { Log } from '../util/log.ts';
import type { MonotonicClock } from '../util/ports.ts';
import { ASLEEP_MS, BUSY_MS, PING_INTERVAL_MS, QUIET_MS, QUIET_MS_PER_LINK, TICK_MS } from './peer-limits.ts';
import type { Session } from './session.ts';

/** Notices from a regular tick which links are silent, and whether this machine itself was asleep. */
export class Heartbeat {
  readonly #clock: MonotonicClock;
  readonly #log: Log;
  readonly #attentive: () => boolean;
  #tickedAt = 0;
  /** How much of the silence to forgive, because this thread was busy. */
  #excusedMs = 0;

  /** @param attentive whether somebody looks at this tab, or it mines, so silent links matter at once */
  constructor(clock: MonotonicClock, log: Log, attentive: () => boolean) {
    this.#clock = clock;
    this.#log = log;
    this.#attentive = attentive;
  }

  start(): void {
    this.#tickedAt = this.#clock.monotonic();
  }

  /** Whether the tick of {@link TICK_MS} comes so late that the machine was asleep. Call once a tick, before {@link check}. */
  wasAsleep(): boolean {
    const now = this.#clock.monotonic();
    const lateMs = now - this.#tickedAt - TICK_MS;
    this.#tickedAt = now;
    const asleep = lateMs > ASLEEP_MS;
    // After sleep, all links are probed, and then they need no excuse.
    this.#excusedMs = lateMs > BUSY_MS && !asleep ? lateMs : 0;
    if (!asleep) return false;
    this.#log('info', 'net/was-asleep', { ms: Math.round(lateMs) });
    return true;
  }

  /**
   * Sends pings that are due, and notices links that have become silent.
   * @returns whether a link has become silent or has ended
   */
  check(sessions: readonly Session[]): boolean {
    const quietMs = this.#attentive() ? Math.max(QUIET_MS, sessions.length * QUIET_MS_PER_LINK) : PING_INTERVAL_MS;
    let hasChanged = false;
    for (const session of sessions) {
      const { ready } = session;
      session.excuse(this.#excusedMs);
      session.tick(quietMs);
      if (session.ready === ready) continue;
      hasChanged = true;
      this.#log('info', 'net/peer-silent', { peer: session.peerId });
    }
    return hasChanged;
  }
}
