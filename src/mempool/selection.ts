import TinyQueue from 'tinyqueue';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { feeRate, type PoolEntry, type TransferEntry } from './account-queue.ts';

/**
 * Fills a block. Registrations take at most half of it. Transfers follow: always the best-paying among the senders' next transfers. More
 * registrations fill the remaining room. Registrations pay no fee, so in small blocks they must not displace paying transfers. A transfer
 * that does not fit ends its sender's row, because later nonces need it.
 * @param registrations best first, at most as many as a block may hold
 * @param rows each sender's executable transfers in order
 * @param maxBytes room for transactions
 */
export function selectForBlock(
  registrations: readonly PoolEntry[],
  rows: readonly (readonly TransferEntry[])[],
  maxBytes: number,
): DecodedTransaction[] {
  const selected: DecodedTransaction[] = [];
  let left = maxBytes;
  const take = ({ decoded }: PoolEntry, keep = 0): boolean => {
    if (decoded.bytes.length > left - keep) return false;
    left -= decoded.bytes.length;
    selected.push(decoded);
    return true;
  };
  const later = registrations.filter((registration) => !take(registration, maxBytes / 2));
  const heads = new TinyQueue<Head>([], (a, b) => rate(b) - rate(a));
  for (const row of rows) if (row.length > 0) heads.push({ row, index: 0 });
  for (let head = heads.pop(); head; head = heads.pop()) {
    if (!take(head.row[head.index]!)) continue;
    if (head.index + 1 < head.row.length) heads.push({ row: head.row, index: head.index + 1 });
  }
  for (const registration of later) take(registration);
  return selected;
}

interface Head {
  readonly row: readonly TransferEntry[];
  readonly index: number;
}

function rate({ row, index }: Head): number {
  return feeRate(row[index]!);
}
