/** Entry of the thread that makes, encrypts and opens keys: seconds of work where WebCrypto is missing. */
import { preloadFallback } from '../crypto/rsa/keys.ts';
import { toWireError } from '../util/errors.ts';
import { runKeyTask, type KeyReply, type KeyRequest } from './key-tasks.ts';

const env = {
  // Undefined on plain http, whatever the types say.
  subtle: (crypto.subtle as SubtleCrypto | undefined) ?? null,
  random: { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) },
};
const reply = (message: KeyReply): void => postMessage(message);

// Fetched now, while the server that gave this page is surely there. Should it fail, the task that needs it will say so.
if (!env.subtle) preloadFallback().catch(() => undefined);

addEventListener('message', (event: MessageEvent<KeyRequest>) => {
  const { id, task } = event.data;
  runKeyTask(task, env, (step, fraction) => reply({ id, type: 'progress', step, fraction })).then(
    (result) => reply({ id, type: 'result', result }),
    (error: unknown) => reply({ id, type: 'error', error: toWireError(error) }),
  );
});
