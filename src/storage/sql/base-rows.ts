import { HASH_BYTES } from '../../crypto/hash.ts';
import { encodeSealedHeader, readSealedHeader, type SealedHeader } from '../../protocol/block.ts';
import { Reader } from '../../protocol/codec.ts';
import { History, WORK_BYTES, type HistoryNode } from '../../protocol/history.ts';
import { fromHex, toHex } from '../../util/bytes.ts';
import { errorCode, TabchainError } from '../../util/errors.ts';
import type { ChainBase } from '../port.ts';
import type { Row, Sql } from './database.ts';

/** More rows are not read: the rules look back at fewer headers, and a history has at most one subtree for each bit of a height. */
const MAX_ROWS = 64;
const WORK = /^\d{1,78}$/;

/** Whether a database begins at a base above genesis. */
export function hasBase(sql: Sql): boolean {
  return sql.row('SELECT 1 FROM earlier_headers UNION ALL SELECT 1 FROM earlier_history LIMIT 1') !== null;
}

/**
 * Reads the base of a recent chain; null for a whole chain. Only the form of the rows is checked.
 * @throws TabchainError `storage-damaged`
 */
export function readBase(sql: Sql): ChainBase | null {
  if (!hasBase(sql)) return null;
  try {
    const headers = sql.all(`SELECT height, id, header FROM earlier_headers ORDER BY height LIMIT ${MAX_ROWS}`).map(headerOfRow);
    const rows = sql.all(`SELECT level, hash, work FROM earlier_history ORDER BY level DESC LIMIT ${MAX_ROWS}`);
    const size = rows.reduce((sum, [level]) => sum + 2 ** (level as number), 0);
    if (headers.at(-1)?.header.height !== size - 1) throw altered();
    return { headers, history: new History(size, rows.map(nodeOfRow)) };
  } catch (cause) {
    throw errorCode(cause).startsWith('storage-') ? cause : altered(cause);
  }
}

/** Replaces the base of a database. Must be called inside a transaction. */
export function writeBase(sql: Sql, { headers, history }: ChainBase): void {
  sql.run('DELETE FROM earlier_headers');
  sql.run('DELETE FROM earlier_history');
  for (const sealed of headers) {
    const values = [sealed.header.height, sealed.id, encodeSealedHeader(sealed)];
    sql.run('INSERT INTO earlier_headers (height, id, header) VALUES (?, ?, ?)', values);
  }
  let rest = history.size;
  for (const { hash, work } of history.peaks) {
    const level = 31 - Math.clz32(rest);
    sql.run('INSERT INTO earlier_history (level, hash, work) VALUES (?, ?, ?)', [level, toHex(hash), String(work)]);
    rest -= 2 ** level;
  }
}

function headerOfRow([height, id, bytes]: Row): SealedHeader {
  const reader = new Reader(bytes as Uint8Array);
  const sealed = readSealedHeader(reader);
  reader.end();
  if (sealed.header.height !== height || sealed.id !== id) throw altered();
  return sealed;
}

function nodeOfRow([, hash, work]: Row): HistoryNode {
  const node = { hash: fromHex(hash as string), work: WORK.test(work as string) ? BigInt(work as string) : -1n };
  if (node.hash.length !== HASH_BYTES || node.work >> BigInt(8 * WORK_BYTES) !== 0n) throw altered();
  return node;
}

function altered(cause?: unknown): TabchainError {
  return new TabchainError('storage-damaged', 'The stored start of a recent chain was altered.', {}, { cause });
}
