import { connectRemote } from '../api/rpc.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import type { KeyTask, KeyTaskResult } from '../wallet/key-tasks.ts';
import type { RegisterProgress } from '../api/api.ts';
import type { KeyNote, KeyService } from './key-messages.ts';
import { workerFailure } from './worker-failure.ts';

/** Runs each task on keys in a new worker, because a task takes seconds on plain http, and ending the worker frees its secrets. */
export class KeyThread {
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

  /** {@link open} for the keys alone. Accepts a slow key file, because the user accepted it when this browser stored the account. */
  async decrypt(pem: string, passphrase: string, signal?: AbortSignal): Promise<AccountKeys> {
    return (await this.open({ pem, passphrase }, signal)).keys;
  }

  #run(task: KeyTask, progress?: RegisterProgress, signal?: AbortSignal): Promise<KeyTaskResult> {
    const worker = new Worker(new URL('./keys.worker.ts', import.meta.url), { type: 'module' });
    const { api } = connectRemote<KeyService>(worker, (note) => {
      const { step, fraction } = note as KeyNote;
      if (step !== 'decrypt') progress?.(step, fraction);
    });
    return new Promise<KeyTaskResult>((resolve, reject) => {
      const cancel = (): void => reject(new TabchainError('cancelled', 'Opening the key was cancelled. Nothing was changed.'));
      if (signal?.aborted) cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      worker.onerror = (event) => {
        event.preventDefault();
        reject(workerFailure(event, 'keys', (message) => new TabchainError('internal', `The key worker failed: ${message}`)));
      };
      api.run(task).then(resolve, reject);
    }).finally(() => worker.terminate());
  }
}
