/** The bench page: real Chromium, the project's sources, and no node. */
import MinerWorker from '../../../src/miner/miner.worker.ts?worker';
import { MiningPool } from '../../../src/miner/pool.ts';
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

async function poolRate(threads: number, milliseconds: number): Promise<number> {
  const pool = new MiningPool({
    spawn: () => workerPort(new MinerWorker()),
    random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    clock: { now: () => performance.now() },
    timers: { set: (callback, delayMs) => window.setTimeout(callback, delayMs), clear: (id) => window.clearTimeout(id) },
  });
  pool.setJob({ headerHash: new Uint8Array(32), target: 0n, tag: 1 });
  pool.start({ threads, throttle: 100 });
  // The threads choose their kernel first, and the pool's figure is that of its last three seconds.
  await pause(milliseconds);
  const rate = pool.hashrate();
  pool.stop();
  return rate / 1e6;
}

(window as unknown as { bench: LabApi }).bench = { ask, poolRate };
