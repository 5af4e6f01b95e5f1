/**
 * SQL that a person typed runs here, on a copy of the database in a worker that can be thrown away: sql.js exports neither an
 * authorizer nor an interrupt, so nothing less keeps the node's own database out of reach.
 */
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url';
import { PageFile } from '../../storage/pages/page-file.ts';
import { openDatabase } from '../../storage/sql/database-file.ts';
import { toHex } from '../../util/bytes.ts';
import { TabchainError, toWireError } from '../../util/errors.ts';
import type { QueryResult } from '../api.ts';
import type { QueryReply, QueryRequest } from './query-messages.ts';

/** More rows than anybody reads; a runaway join must not fill the memory. */
const MAX_ROWS = 10_000;

/** `get(params, config)`: the published types lack the second argument; without it integers beyond 2^53 come back rounded. */
const READ_BIGINT = [undefined, { useBigInt: true }] as unknown as [undefined];

const loaded: { parts: Uint8Array[]; database: Database | null } = { parts: [], database: null };

self.onmessage = ({ data }: MessageEvent<QueryRequest>) => {
  if (data.type === 'part') loaded.parts.push(data.part);
  else void answer(data).then((reply) => self.postMessage(reply));
};

async function answer(request: Exclude<QueryRequest, { type: 'part' }>): Promise<QueryReply> {
  try {
    if (request.type === 'open') {
      const sqlJs = await initSqlJs({ locateFile: () => wasmUrl });
      loaded.database = open(sqlJs, loaded.parts.splice(0));
      return { id: request.id };
    }
    if (!loaded.database) throw new TabchainError('internal', 'No database was loaded.');
    return { id: request.id, result: run(loaded.database, request) };
  } catch (error) {
    return { id: request.id, error: toWireError(error) };
  }
}

/** In the pieces in which it came. */
function open(sqlJs: SqlJsStatic, parts: Uint8Array[]): Database {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  return openDatabase(sqlJs, PageFile.of(parts, size));
}

function run(db: Database, { sql, params }: Extract<QueryRequest, { type: 'query' }>): QueryResult {
  const started = performance.now();
  // Switched on again each time: a statement may have switched it off on this copy.
  db.run('PRAGMA query_only = ON');
  const statements = db.iterateStatements(sql);
  try {
    const first = statements.next();
    if (first.done) throw new TabchainError('query-failed', 'There is no statement to run.');
    const statement = first.value;
    if (params) statement.bind(bindable(params));
    const rows: QueryResult['rows'] = [];
    let truncated = false;
    while (statement.step()) {
      if (rows.length === MAX_ROWS) {
        truncated = true;
        break;
      }
      rows.push(statement.get(...READ_BIGINT).map(plain));
    }
    const columns = statement.getColumnNames();
    statement.free();
    if (statements.getRemainingSQL().trim() !== '' && !statements.next().done) {
      throw new TabchainError('query-failed', 'One statement at a time, please.');
    }
    return { columns, rows, ms: Math.round((performance.now() - started) * 100) / 100, truncated };
  } catch (error) {
    if (error instanceof TabchainError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (/readonly database/.test(message)) throw new TabchainError('query-write', 'The console only reads: it cannot change the node.');
    throw new TabchainError('query-failed', `SQLite says: ${message}`, { sqlite: message });
  }
}

/** Named parameters may come with or without their ":". */
function bindable(params: NonNullable<Extract<QueryRequest, { type: 'query' }>['params']>) {
  if (Array.isArray(params)) return [...params];
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [/^[:@$]/.test(name) ? name : `:${name}`, value]));
}

function plain(value: unknown): string | number | null {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return value as string | number | null;
}
