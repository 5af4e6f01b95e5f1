/**
 * Checks an exported file, in a worker that the page can end. The file's bytes may come from anyone, and may make SQLite loop. The worker has
 * no network, no keys and no storage.
 */
import initSqlJs from 'sql.js';
import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url';
import { sendNote, serve, type MessageEndpoint } from '../../api/rpc.ts';
import type { FileNote, FileService } from '../../api/file-service.ts';
import { createVerifier } from '../../crypto/rsa/verifier.ts';
import { FileSession } from './file-session.ts';

const endpoint: MessageEndpoint = self;
// Undefined on plain http, although the types say otherwise.
const subtle = (crypto.subtle as SubtleCrypto | undefined) ?? null;

async function start(): Promise<FileSession> {
  const sql = await initSqlJs({ locateFile: () => wasmUrl });
  return new FileSession({ sql, verifier: createVerifier({ subtle }) }, (note) => sendNote(endpoint, note satisfies FileNote));
}

/** Calls that arrive before sql.js is compiled wait for this promise. */
const session = start();

serve<FileService>(
  endpoint,
  {
    open: async (file) => (await session).open(file),
    check: async () => (await session).check(),
    headers: async (from) => (await session).headers(from),
    blocks: async (from) => (await session).blocks(from),
    idAt: async (height) => (await session).idAt(height),
  },
  () => undefined,
);
