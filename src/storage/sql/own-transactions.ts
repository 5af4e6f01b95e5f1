import { asErrorCode } from '../../util/errors.ts';
import type { OwnTransaction } from '../port.ts';
import type { Sql } from './database.ts';

/** The table `own_transactions`, oldest first. */
export function readOwnTransactions(sql: Sql): OwnTransaction[] {
  const rows = sql.all('SELECT txid, bytes, first_seen, status, reason FROM own_transactions ORDER BY first_seen, txid');
  return rows.map(([id, bytes, firstSeenMs, status, reason]) => ({
    id: id as string,
    bytes: bytes as Uint8Array,
    firstSeenMs: firstSeenMs as number,
    status: status as OwnTransaction['status'],
    reason: reason === null ? null : asErrorCode(reason as string),
  }));
}
