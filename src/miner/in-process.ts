import type { MonotonicClock, Timers } from '../util/ports.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { MinerPort, MinerReport } from './messages.ts';
import { SearchLoop } from './search-loop.ts';

/** The ports of a mining "thread" that runs in the caller's thread. */
export interface InProcessPorts {
  readonly kernel: Kernel;
  readonly clock: MonotonicClock;
  readonly timers: Timers;
  /** Most words of a slice, because a virtual clock measures no time within a slice. */
  readonly maxSliceWords?: number;
}

/** A mining "thread" in the caller's thread, for Node tests and the simulator: the same loop, driven by the given timers. */
export function createInProcessMiner(ports: InProcessPorts): MinerPort {
  let listener: ((report: MinerReport) => void) | null = null;
  let terminated = false;
  const later = (callback: () => void, delayMs: number): void => {
    ports.timers.set(() => {
      if (!terminated) callback();
    }, delayMs);
  };
  const loop = new SearchLoop({ ...ports, schedule: later, report: (report) => later(() => listener?.(report), 0) });
  return {
    post: (command) => later(() => loop.handle(command), 0),
    onMessage: (callback) => {
      listener = callback;
    },
    terminate: () => {
      terminated = true;
    },
  };
}
