import type { ErrorCode } from '../util/error-codes.ts';
import type { MinerPort, MinerReport } from './messages.ts';

/**
 * A real worker (of `miner.worker.ts` or `gpu.worker.ts`) as a mining thread.
 * @param failureCode error code for a failure of the worker
 */
export function workerPort(worker: Worker, failureCode: ErrorCode = 'thread-failed'): MinerPort {
  return {
    post: (command) => worker.postMessage(command),
    onMessage: (listener) => {
      worker.addEventListener('message', (event: MessageEvent<MinerReport>) => listener(event.data));
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        // An event without a message means that the script was not loaded.
        const reason = (event as Partial<ErrorEvent>).message || 'The script of the thread could not be loaded.';
        listener({ type: 'failed', code: failureCode, reason });
      });
    },
    terminate: () => worker.terminate(),
  };
}
