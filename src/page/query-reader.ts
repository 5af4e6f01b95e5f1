import type { Database, Statement } from 'sql.js';
import { toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { QueryParams, QueryResult } from '../api/api.ts';

/** More rows than a user reads; a runaway join must not fill the memory. */
export const MAX_ROWS = 10_000;
/** More columns than a user compares or a page can draw. */
export const MAX_COLUMNS = 200;
/** Only the start of a longer name of a column is kept. */
const MAX_COLUMN_NAME = 200;
/** Only the start of a longer value is read. */
export const MAX_CELL_BYTES = 1 << 20;
/** Characters, or bytes of a blob, that are read of a value longer than {@link MAX_CELL_BYTES}. */
export const CUT_CELL_LENGTH = 1_000;
/** Characters of a whole answer. For a moment the answer exists three times: in SQLite, here, and on the page. */
export const MAX_RESULT_LENGTH = 8 << 20;
/**
 * Bytes that SQLite may use in addition to the file. Enough to sort a long chain, and far below the memory that would crash the tab. A
 * statement cannot raise the limit, because SQLite only lowers a hard heap limit.
 */
const HEAP_BYTES = 64 << 20;

/** `get(params, config)`: the published types lack the second argument; without it integers beyond 2^53 come back rounded. */
const READ_BIGINT = [undefined, { useBigInt: true }] as unknown as [undefined];

const READING = /^(?:select|with|values|explain|pragma)$/i;
const WRITING =
  /^(?:insert|update|delete|replace|create|drop|alter|attach|detach|vacuum|reindex|analyze|begin|commit|end|rollback|savepoint|release)$/i;
/** `PRAGMA name` and `PRAGMA schema.name`, and whether a value follows: most pragmas with a value change a setting. */
const PRAGMA = /^pragma\s+(?:\w+\s*\.\s*)?(\w+)\s*([=(])?/i;
const ASKING_PRAGMA = /^(?:(?:table|index)_x?info|table_list|index_list|foreign_key_(?:list|check)|(?:integrity|quick)_check)$/i;
const BEFORE_STATEMENT = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*/;

/** Limits the memory of a database for arbitrary queries. */
export function bound(db: Database): void {
  db.run(`PRAGMA hard_heap_limit = ${HEAP_BYTES}`);
}

/**
 * The same for a file from somebody else. Nothing in such a file may run when it is read: its views and triggers cannot call functions with
 * effects, and a damaged page gives an error. An exclusive lock lets SQLite read a file that was in WAL mode.
 * @throws TabchainError `file-damaged`
 */
export function boundForeign(db: Database): void {
  try {
    db.run('PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON');
    bound(db);
    db.exec('SELECT count(*) FROM sqlite_schema');
  } catch (cause) {
    throw new TabchainError('file-damaged', 'SQLite cannot read this file: it is damaged.', {}, { cause });
  }
}

/**
 * Runs one read-only statement and reads its answer up to the limits above.
 * @throws TabchainError `query-failed`, `query-write`, `query-too-large`
 */
export function readQuery(db: Database, sql: string, params: QueryParams | null): QueryResult {
  try {
    // Set these before each query, because an earlier statement may have changed them. Sorting in files would escape the heap limit.
    db.run('PRAGMA query_only = ON; PRAGMA temp_store = MEMORY');
    const started = performance.now();
    const { text, columns } = onlyStatement(db, sql);
    const answer = columns.length === 0 || isPlain(text) ? readPlain(db, text, params) : readGuarded(db, text, columns.length, params);
    return { columns, ...answer, ms: Math.round((performance.now() - started) * 100) / 100 };
  } catch (error) {
    throw queryError(error);
  }
}

function queryError(error: unknown): TabchainError {
  if (error instanceof TabchainError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/readonly database/.test(message)) return notReading();
  // SQLite's messages for its limits, and JavaScript's message for an array that is too long.
  if (/out of memory|too big|allocation failed|array (?:buffer )?length|abort/i.test(message)) {
    return new TabchainError(
      'query-too-large',
      'The answer takes more memory than the console has. Ask for less: fewer rows, or substr().',
    );
  }
  return new TabchainError('query-failed', `SQLite says: ${message}`, { sqlite: message });
}

const notReading = (): TabchainError => new TabchainError('query-write', 'The console only reads: it cannot change the node.');

/** The only statement in `sql`, as SQLite parses it, and the names of its columns. */
function onlyStatement(db: Database, sql: string): { text: string; columns: string[] } {
  const text = sql.replace(BEFORE_STATEMENT, '');
  const word = /^\w+/.exec(text)?.[0] ?? '';
  const pragma = PRAGMA.exec(text);
  if (WRITING.test(word)) throw notReading();
  if (pragma && (pragma[2] === '=' || (pragma[2] === '(' && !ASKING_PRAGMA.test(pragma[1]!)))) throw notReading();
  const statements = db.iterateStatements(text);
  const first = statements.next();
  if (first.done) throw new TabchainError('query-failed', 'There is no statement to run.', { own: 'empty' });
  const columns = first.value.getColumnNames().map((name) => name.slice(0, MAX_COLUMN_NAME));
  const own = first.value.getSQL();
  first.value.free();
  if (statements.getRemainingSQL().trim() !== '' && !statements.next().done) {
    throw new TabchainError('query-failed', 'One statement at a time, please.', { own: 'several' });
  }
  if (columns.length > MAX_COLUMNS) {
    const message = `The answer has ${columns.length} columns, and at most ${MAX_COLUMNS} can be shown. Name the ones to see.`;
    throw new TabchainError('query-too-large', message, { columns: columns.length, maximum: MAX_COLUMNS });
  }
  return { text: own.replace(/[\s;]+$/, ''), columns };
}

/** Whether the statement always has a short answer and cannot be part of another statement. */
function isPlain(text: string): boolean {
  const word = /^\w+/.exec(text)?.[0] ?? '';
  return /^(?:explain|pragma)$/i.test(word) || !READING.test(word);
}

type Answer = Pick<QueryResult, 'rows' | 'truncated' | 'cut'>;

function readPlain(db: Database, text: string, params: QueryParams | null): Answer {
  return read(db.prepare(text), params, (row) => ({ values: row, cut: '' }));
}

/**
 * Reads through an outer statement, which checks the length of each value before the value is copied. A join and an inner LIMIT keep
 * SQLite from merging the two statements, so each value is computed once, and the order of rows stays.
 */
function readGuarded(db: Database, text: string, count: number, params: QueryParams | null): Answer {
  const names = Array.from({ length: count }, (_, i) => `"v${i}"`);
  const isLong = (name: string): string => `octet_length(${name}) > ${MAX_CELL_BYTES}`;
  const values = names.map((name) => `CASE WHEN ${isLong(name)} THEN substr(${name}, 1, ${CUT_CELL_LENGTH}) ELSE ${name} END`);
  const lengths = names.map((name, i) => `CASE WHEN ${isLong(name)} THEN '${i}:' || octet_length(${name}) || ' ' ELSE '' END`);
  const guarded = `WITH "the answer"(${names.join()}) AS (SELECT * FROM (\n${text}\n) LIMIT -1)
SELECT ${values.join()}, ${lengths.join(' || ')} FROM "the answer" CROSS JOIN (SELECT 1)`;
  return read(prepareAround(db, text, guarded), params, (row) => ({ values: row.slice(0, -1), cut: row.at(-1) as string }));
}

function prepareAround(db: Database, text: string, guarded: string): Statement {
  try {
    return db.prepare(guarded);
  } catch (error) {
    // SQLite prepares "WITH … DELETE … RETURNING" alone, but not inside another statement.
    if (/\b(?:insert|update|delete|replace)\b/i.test(text)) throw notReading();
    throw error;
  }
}

function read(statement: Statement, params: QueryParams | null, partsOf: (row: unknown[]) => { values: unknown[]; cut: string }): Answer {
  try {
    if (params) statement.bind(bindable(params));
    const rows: QueryResult['rows'] = [];
    const cut: QueryResult['cut'] = [];
    let length = 0;
    while (statement.step()) {
      if (rows.length === MAX_ROWS || length > MAX_RESULT_LENGTH) return { rows, truncated: true, cut };
      const parts = partsOf(statement.get(...READ_BIGINT));
      for (const [, column, bytes] of parts.cut.matchAll(/(\d+):(\d+) /g)) {
        cut.push({ row: rows.length, column: Number(column), bytes: Number(bytes) });
      }
      const row = parts.values.map(plain);
      for (const cell of row) length += typeof cell === 'string' ? cell.length : 8;
      rows.push(row);
    }
    return { rows, truncated: false, cut };
  } finally {
    statement.free();
  }
}

/** Adds ":" to named parameters without a prefix. */
function bindable(params: QueryParams) {
  if (Array.isArray(params)) return [...(params as (string | number | null)[])];
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
