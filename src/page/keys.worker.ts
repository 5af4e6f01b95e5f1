/** Entry of the thread that makes, encrypts and opens keys. The work takes seconds where WebCrypto is missing. */
import { sendNote, serve, type MessageEndpoint } from '../api/rpc.ts';
import { preloadFallback } from '../crypto/rsa/keys.ts';
import { runKeyTask } from '../wallet/key-tasks.ts';
import type { KeyNote, KeyService } from './key-messages.ts';

const env = {
  // Undefined on plain http, although the types say otherwise.
  subtle: (crypto.subtle as SubtleCrypto | undefined) ?? null,
  random: { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) },
};
const endpoint: MessageEndpoint = self;

// Fetch the fallback now, while the server of this page is reachable. If this fails, the task that needs the fallback reports the error.
if (!env.subtle) preloadFallback().catch(() => undefined);

serve<KeyService>(
  endpoint,
  { run: (task) => runKeyTask(task, env, (step, fraction) => sendNote(endpoint, { step, fraction } satisfies KeyNote)) },
  () => undefined,
);
