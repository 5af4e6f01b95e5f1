import type { Clock, TimerId, Timers } from '../../../../src/util/ports.ts';

interface Entry {
  readonly id: TimerId;
  readonly atMs: number;
  readonly callback: () => void;
}

/** Lets every pending promise settle. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves only on request, with timers. Several nodes share one clock; each may have its own skew. */
export class VirtualTime implements Clock, Timers {
  readonly #startMs: number;
  #nowMs: number;
  #nextId = 1;
  /** Timers sorted by time, then by age. */
  readonly #entries: Entry[] = [];

  constructor(nowMs: number) {
    this.#startMs = nowMs;
    this.#nowMs = nowMs;
  }

  /** In whole milliseconds, like the clock of a machine; timers may be due in between. */
  now(): number {
    return Math.floor(this.#nowMs);
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  /** A clock that is ahead of this one by `ahead`, also after `ahead` changes. */
  skewed(ahead: { ms: number }): Clock {
    return { now: () => Math.floor(this.#nowMs + ahead.ms), monotonic: () => this.monotonic() };
  }

  set(callback: () => void, delayMs: number): TimerId {
    const entry = { id: this.#nextId++, atMs: this.#nowMs + delayMs, callback };
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#entries[middle]!.atMs <= entry.atMs) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, entry);
    return entry.id;
  }

  clear(id: TimerId): void {
    const index = this.#entries.findIndex((entry) => entry.id === id);
    if (index >= 0) this.#entries.splice(index, 1);
  }

  /** Runs all timers due in the next `durationMs`, each at its time and to its end. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await settle();
    while (this.#entries.length > 0 && this.#entries[0]!.atMs <= untilMs) {
      const entry = this.#entries.shift()!;
      // An earlier timer may have taken time itself, so this timer may be late.
      this.#nowMs = Math.max(this.#nowMs, entry.atMs);
      entry.callback();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Advances in small steps until `condition` holds. @returns whether it held in time */
  async until(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#nowMs + limitMs;
    await settle();
    while (!condition()) {
      if (this.#nowMs >= endMs) return false;
      await this.advance(10);
    }
    return true;
  }

  /** Moves the time without running timers, as when the machine sleeps or is busy. */
  sleep(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}
