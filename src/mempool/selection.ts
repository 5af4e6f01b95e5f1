import type { DecodedTransaction } from '../protocol/transaction.ts';
import { feeRate, type PoolEntry, type TransferEntry } from './account-queue.ts';

/**
 * Fills a block: registrations in half of it at most, then always the best paying of the senders' next transfers, then more registrations
 * where there is room. They pay nothing, and must not shut out what pays where blocks are small. A transfer that does not fit ends its
 * sender's row, because the transfers behind it need it.
 * @param registrations the best first, as many as may go in
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
  const heads = new Heap(rows.filter((row) => row.length > 0).map((row) => ({ row, index: 0 })));
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

/** Binary max-heap of the senders' next transfers by fee per byte. */
class Heap {
  readonly #items: Head[] = [];

  constructor(items: readonly Head[]) {
    for (const item of items) this.push(item);
  }

  push(item: Head): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (rate(items[above]!) >= rate(item)) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  pop(): Head | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (!last || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && rate(items[below + 1]!) > rate(items[below]!)) below++;
      if (rate(items[below]!) <= rate(last)) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
    return top;
  }
}

function rate({ row, index }: Head): number {
  return feeRate(row[index]!);
}
