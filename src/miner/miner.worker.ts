/** Entry of a mining thread. At the edge of the platform: the one place of the miner that knows workers and their clock. */
import { chooseKernel } from './kernel/choose.ts';
import type { MinerCommand } from './messages.ts';
import { SearchLoop } from './search-loop.ts';

// A timer of 0 ms is held back to 4 ms after a few turns; a message to oneself is not, and lets those of the pool in between.
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
