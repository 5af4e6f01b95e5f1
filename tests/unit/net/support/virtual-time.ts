import type { Clock, TimerId, Timers } from '../../../../src/util/ports.ts';

interface Entry {
  readonly id: TimerId;
  readonly atMs: number;
  readonly callback: () => void;
}

/** Lets every pending promise of the real world settle. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves only when told to, with the timers that hang on it. Several nodes share one; each may see it skewed. */
export class VirtualTime implements Clock, Timers {
  readonly #startMs: number;
  #nowMs: number;
  #nextId = 1;
  /** Sorted by time, then by age. */
  readonly #entries: Entry[] = [];

  constructor(nowMs: number) {
    this.#startMs = nowMs;
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  /** A clock that is ahead of this one; it keeps to that when it changes. */
  skewed(ahead: { ms: number }): Clock {
    return { now: () => this.#nowMs + ahead.ms, monotonic: () => this.monotonic() };
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

  /** Runs whatever is due in the next `durationMs`, each timer at its time and to its end. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await settle();
    while (this.#entries.length > 0 && this.#entries[0]!.atMs <= untilMs) {
      const entry = this.#entries.shift()!;
      // Whatever ran before may have taken time itself; then this one is late.
      this.#nowMs = Math.max(this.#nowMs, entry.atMs);
      entry.callback();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Advances in small steps until `condition` holds. @returns whether it came to hold in time */
  async until(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#nowMs + limitMs;
    await settle();
    while (!condition()) {
      if (this.#nowMs >= endMs) return false;
      await this.advance(10);
    }
    return true;
  }

  /** Time passes without any timer running: the machine sleeps, or is busy with one thing. */
  sleep(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}
