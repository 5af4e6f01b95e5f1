import type { MinerPort, MinerReport } from './messages.ts';

/** A real worker (of `miner.worker.ts`) as a mining thread. */
export function workerPort(worker: Worker): MinerPort {
  return {
    post: (command) => worker.postMessage(command),
    onMessage: (listener) => worker.addEventListener('message', (event: MessageEvent<MinerReport>) => listener(event.data)),
    terminate: () => worker.terminate(),
  };
}
