import type { MinerPort, MinerReport } from './messages.ts';

/**
 * A real worker (of `miner.worker.ts` or `gpu.worker.ts`) as a mining thread.
 * @param failureCode what its end by itself is called
 */
export function workerPort(worker: Worker, failureCode = 'thread-failed'): MinerPort {
  return {
    post: (command) => worker.postMessage(command),
    onMessage: (listener) => {
      worker.addEventListener('message', (event: MessageEvent<MinerReport>) => listener(event.data));
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        // Without a message the script was not loaded at all.
        const reason = (event as Partial<ErrorEvent>).message || 'The script of the thread could not be loaded.';
        listener({ type: 'failed', code: failureCode, reason });
      });
    },
    terminate: () => worker.terminate(),
  };
}
