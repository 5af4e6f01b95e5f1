import { fromWireError, TabchainError } from '../util/errors.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import type { KeyReply, KeyRequest, KeyTask, KeyTaskResult } from '../wallet/key-tasks.ts';
import type { RegisterProgress } from '../api/api.ts';
import { workerFailure } from './worker-failure.ts';

/** Runs work on keys in a worker made for each task: it takes seconds on plain http, and its memory, secrets and all, goes with it. */
export class KeyThread {
  #nextId = 1;

  /** New keys (or `existing` ones under another name) and their key file. */
  create(request: Omit<Extract<KeyTask, { kind: 'create' }>, 'kind'>, progress: RegisterProgress): Promise<KeyTaskResult> {
    return this.#run({ kind: 'create', ...request }, progress);
  }

  /**
   * @param signal ends the work at once
   * @throws TabchainError `passphrase-wrong`, `key-file-invalid`, `key-file-slow`, `cancelled`
   */
  open(request: Omit<Extract<KeyTask, { kind: 'open' }>, 'kind'>, signal?: AbortSignal): Promise<KeyTaskResult> {
    return this.#run({ kind: 'open', ...request }, undefined, signal);
  }

  /** {@link open} for the keys alone, however long it takes: whoever keeps such a file has chosen so. */
  async decrypt(pem: string, passphrase: string, signal?: AbortSignal): Promise<AccountKeys> {
    return (await this.open({ pem, passphrase }, signal)).keys;
  }

  #run(task: KeyTask, progress?: RegisterProgress, signal?: AbortSignal): Promise<KeyTaskResult> {
    const worker = new Worker(new URL('../wallet/keys.worker.ts', import.meta.url), { type: 'module' });
    const request: KeyRequest = { id: this.#nextId++, task };
    return new Promise<KeyTaskResult>((resolve, reject) => {
      const cancel = (): void => reject(new TabchainError('cancelled', 'Opening the key was cancelled. Nothing was changed.'));
      if (signal?.aborted) cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      worker.onmessage = ({ data }: MessageEvent<KeyReply>) => {
        if (data.type === 'result') resolve(data.result);
        else if (data.type === 'error') reject(fromWireError(data.error));
        else if (data.step !== 'decrypt') progress?.(data.step, data.fraction);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(workerFailure(event, 'keys', (message) => new TabchainError('internal', `The key worker failed: ${message}`)));
      };
      worker.postMessage(request);
    }).finally(() => worker.terminate());
  }
}
