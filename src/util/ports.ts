/**
 * The ports through which all code below `node/` uses time, randomness and timers.
 * `node/env.ts` composes them for the browser; the simulator supplies its own ports, which depend on a seed.
 */

/** The calendar time, for times that others read. Users and their systems set this clock forwards and backwards. */
export interface WallClock {
  /** Unix time in whole milliseconds. */
  now(): number;
}

/** A stopwatch, for every duration: deadlines, rates, ages. */
export interface MonotonicClock {
  /** Milliseconds since some moment, with fractions. Never goes back, even if the wall clock is set. */
  monotonic(): number;
}

export interface Clock extends WallClock, MonotonicClock {}

/** Randomness. */
export interface Random {
  /** `length` fresh bytes, unpredictable in the browser, seeded in the simulator. */
  bytes(length: number): Uint8Array;
}

export type TimerId = number;

/** Timers; `delayMs` is never negative. */
export interface Timers {
  set(callback: () => void, delayMs: number): TimerId;
  clear(id: TimerId): void;
}

/** A uniformly random integer in [0, bound), bound ≤ 2^32. */
export function randomBelow(random: Random, bound: number): number {
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const b = random.bytes(4);
    const value = ((b[0]! << 24) | (b[1]! << 16) | (b[2]! << 8) | b[3]!) >>> 0;
    if (value < limit) return value % bound;
  }
}
