/** Entry of the thread that makes, encrypts and opens keys: seconds of work where WebCrypto is missing. */
import { sendNote, serve, type MessageEndpoint } from '../api/rpc.ts';
import { preloadFallback } from '../crypto/rsa/keys.ts';
import { runKeyTask } from '../wallet/key-tasks.ts';
import type { KeyNote, KeyService } from './key-messages.ts';

const env = {
  // Undefined on plain http, whatever the types say.
  subtle: (crypto.subtle as SubtleCrypto | undefined) ?? null,
  random: { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) },
};
const endpoint: MessageEndpoint = self;

// Fetched now, while the server that gave this page is surely there. Should it fail, the task that needs it will say so.
if (!env.subtle) preloadFallback().catch(() => undefined);

serve<KeyService>(
  endpoint,
  { run: (task) => runKeyTask(task, env, (step, fraction) => sendNote(endpoint, { step, fraction } satisfies KeyNote)) },
  () => undefined,
);
