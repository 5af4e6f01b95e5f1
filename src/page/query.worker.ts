/**
 * Runs SQL that a user typed on a copy of the database, or on somebody else's file, in a worker that can be ended. sql.js exports neither an
 * authorizer nor an interrupt, so nothing less protects the node's own database.
 */
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url';
import { PageFile } from '../storage/disk/page-file.ts';
import { readFile } from '../storage/read-file.ts';
import { openDatabase } from '../storage/sql/database-file.ts';
import { serve, type MessageEndpoint } from '../api/rpc.ts';
import { TabchainError } from '../util/errors.ts';
import type { QueryService } from './query-messages.ts';
import { bound, boundForeign, readQuery } from './query-reader.ts';

const loaded: { parts: Uint8Array[]; database: Database | null } = { parts: [], database: null };

const service: QueryService = {
  async open() {
    const sqlJs = await initSqlJs({ locateFile: () => wasmUrl });
    loaded.database = open(sqlJs, loaded.parts.splice(0));
    bound(loaded.database);
  },
  async openFile(file) {
    const pages = await readFile(file, () => undefined);
    loaded.database = openDatabase(await initSqlJs({ locateFile: () => wasmUrl }), pages);
    boundForeign(loaded.database);
  },
  async query(sql, params) {
    if (!loaded.database) throw new TabchainError('internal', 'No database was loaded.');
    return readQuery(loaded.database, sql, params);
  },
};

const endpoint: MessageEndpoint = self;
serve<QueryService>(endpoint, service, (part) => loaded.parts.push(part as Uint8Array));

/** Opens the database from its pieces, without joining them. */
function open(sqlJs: SqlJsStatic, parts: Uint8Array[]): Database {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  return openDatabase(sqlJs, PageFile.of(parts, size));
}
