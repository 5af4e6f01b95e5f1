import { randomBytes } from 'node:crypto';
import type { MonotonicClock, Random, Timers } from '../src/util/ports.ts';

/** Time and randomness of a server, so that the simulator can run the rooms and their connections from a seed. */
export interface ServerPorts {
  readonly clock: MonotonicClock;
  /** Timers that do not keep the process alive. */
  readonly timers: Timers;
  readonly random: Random;
}

export const NODE_PORTS: ServerPorts = {
  clock: { monotonic: () => performance.now() },
  timers: { set: (callback, delayMs) => Number(setTimeout(callback, delayMs).unref()), clear: (id) => clearTimeout(id) },
  random: { bytes: (length) => randomBytes(length) },
};
