/** The benchmark page: the project's sources in real Chromium, without a node. */
import MinerWorker from '../../../src/miner/miner.worker.ts?worker';
import { MiningPool, type MiningSettings } from '../../../src/miner/pool.ts';
import { workerPort } from '../../../src/miner/worker-port.ts';
import type { LabAnswer, LabApi, LabRequest } from './lab.ts';
import LabWorker from './lab.worker.ts?worker';

const worker = new LabWorker();

function ask(request: LabRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<LabAnswer>) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value));
    worker.postMessage(request);
  });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const IMPOSSIBLE = 0n;
const ANY_SEAL = (1n << 256n) - 1n;
/** Time for the thread to choose its kernel and adapt its slices. */
const WARM_UP_MS = 1_500;

function createPool(): MiningPool {
  return new MiningPool({
    spawn: () => workerPort(new MinerWorker()),
    random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    clock: { monotonic: () => performance.now() },
    timers: { set: (callback, delayMs) => window.setTimeout(callback, delayMs), clear: (id) => window.clearTimeout(id) },
  });
}

async function poolRate(settings: MiningSettings, milliseconds: number): Promise<number> {
  const pool = createPool();
  pool.setJob({ headerHash: new Uint8Array(32), target: IMPOSSIBLE, tag: 1 });
  pool.start(settings);
  // The threads first choose their kernel. The pool reports the rate of its last three seconds.
  await pause(milliseconds);
  const rate = pool.hashrate();
  pool.stop();
  return rate / 1e6;
}

async function switchTimes(count: number): Promise<number[]> {
  const pool = createPool();
  pool.start({ threads: 1, throttle: 100 });
  const times: number[] = [];
  for (let tag = 1; times.length < count; tag += 2) {
    pool.setJob({ headerHash: new Uint8Array(32), target: IMPOSSIBLE, tag });
    // A random pause, so that the switch is not in step with the slices of the search.
    await pause(tag === 1 ? WARM_UP_MS : 60 + Math.random() * 60);
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      const unsubscribe = pool.onFound((found) => {
        if (found !== tag + 1) return;
        unsubscribe();
        resolve();
      });
      pool.setJob({ headerHash: new Uint8Array(32), target: ANY_SEAL, tag: tag + 1 });
    });
    times.push(performance.now() - startedAt);
  }
  pool.stop();
  return times;
}

(window as unknown as { bench: LabApi }).bench = { ask, poolRate, switchTimes };
