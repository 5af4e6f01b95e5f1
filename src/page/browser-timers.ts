import type { Timers } from '../util/ports.ts';

/** The timers of a page or a worker. */
export const browserTimers: Timers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs) as unknown as number,
  clear: (id) => clearTimeout(id),
};
