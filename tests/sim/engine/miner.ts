import type { Kernel, SearchJob } from '../../../src/miner/kernel/kernel.ts';
import type { MinerCommand, MinerPort, MinerReport } from '../../../src/miner/messages.ts';
import { SearchLoop } from '../../../src/miner/search-loop.ts';
import { workOfTarget } from '../../../src/protocol/target.ts';
import { bytesToBigInt } from '../../../src/util/bytes.ts';
import type { Clock, TimerId, Timers } from '../../../src/util/ports.ts';
import type { Prng } from './prng.ts';

export interface MinerPorts {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Prng;
  /** Virtual hashes per second: a function, because the machine's load may change. */
  readonly hashesPerSecond: () => number;
}

/** Often enough for the pool's watchdog. */
const PROGRESS_MS = 4_000;

/**
 * A mining thread that waits for an exponentially distributed time, as hashing would take, and only then hashes. Searches abandoned when
 * the tip changes therefore cost nothing. The seal is real.
 */
export function createExponentialMiner({ kernel, timers, rng, hashesPerSecond }: MinerPorts): MinerPort {
  let listener: ((report: MinerReport) => void) | null = null;
  let timer: TimerId | null = null;
  let progress: TimerId | null = null;
  let terminated = false;
  const clear = (): void => {
    if (timer !== null) timers.clear(timer);
    timer = null;
  };
  const report = (message: MinerReport): void => {
    if (!terminated) listener?.(message);
  };
  const find = (tag: number, job: SearchJob): void => {
    timer = null;
    const first = rng.u32() >>> 1;
    const { found, hashes } = kernel.search(job, first, 2 ** 31);
    report({ type: 'progress', hashes });
    report(found === null ? { type: 'exhausted', tag } : { type: 'found', tag, word: found });
  };
  const beat = (): void => {
    progress = null;
    if (terminated || timer === null) return;
    report({ type: 'progress', hashes: Math.round((hashesPerSecond() * PROGRESS_MS) / 1000) });
    progress = timers.set(beat, PROGRESS_MS);
  };
  timers.set(() => report({ type: 'ready', kernel: 'simulated' }), 0);
  const handle = (command: MinerCommand): void => {
    if (terminated || command.type === 'throttle') return;
    clear();
    if (command.type === 'stop') return;
    const { tag, job } = command;
    const meanMs = (Number(workOfTarget(bytesToBigInt(job.target))) / hashesPerSecond()) * 1000 * (100 / command.throttle);
    timer = timers.set(() => find(tag, job), rng.exponential(meanMs));
    progress ??= timers.set(beat, PROGRESS_MS);
  };
  return {
    post: handle,
    onMessage: (callback) => {
      listener = callback;
    },
    terminate: () => {
      terminated = true;
      clear();
      if (progress !== null) timers.clear(progress);
    },
  };
}

/** The program's own search loop, which computes every hash, at a virtual rate: each turn lasts as long as its hashes would. */
export function createHashingMiner({ kernel, clock, timers, hashesPerSecond }: MinerPorts): MinerPort {
  let listener: ((report: MinerReport) => void) | null = null;
  let terminated = false;
  const words = Math.max(1, Math.round(hashesPerSecond() / 5));
  const later = (callback: () => void, delayMs: number): void => {
    timers.set(() => {
      if (!terminated) callback();
    }, delayMs);
  };
  const loop = new SearchLoop({
    kernel,
    clock,
    maxSliceWords: words,
    report: (report) => later(() => listener?.(report), 0),
    schedule: (callback, delayMs) => later(callback, Math.max(delayMs, (words / hashesPerSecond()) * 1000)),
  });
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
