/** Entry of a mining thread. Here and in `gpu.worker.ts`, the miner uses the platform's messages and clock directly. */
import { chooseKernel } from './kernel/choose.ts';
import type { MinerCommand } from './messages.ts';
import { SearchLoop } from './search-loop.ts';

// Browsers delay a timer of 0 ms to 4 ms after a few turns. A message to the own thread has no delay and lets the pool's messages through.
const yields = new MessageChannel();
const waiting: (() => void)[] = [];
yields.port1.onmessage = () => waiting.shift()?.();

const clock = { monotonic: () => performance.now() };
const loop = new SearchLoop({
  kernel: chooseKernel({ bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) }, clock),
  clock,
  report: (report) => postMessage(report),
  schedule: (callback, delayMs) => {
    if (delayMs >= 1) {
      setTimeout(callback, delayMs);
      return;
    }
    waiting.push(callback);
    yields.port2.postMessage(null);
  },
});

addEventListener('message', (event: MessageEvent<MinerCommand>) => loop.handle(event.data));
