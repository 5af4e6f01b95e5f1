import type { DecodedBlock } from '../protocol/block.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { shortIdFunction, type CompactBlockMessage } from '../protocol/wire.ts';
import { MAX_PREFILLED_BYTES } from './peer-limits.ts';

/** The transactions of a block by position; missing transactions are undefined. */
export type Slots = (DecodedTransaction | undefined)[];

/**
 * A block as header and short ids. Transactions for which `isKnown` is false are included whole, up to {@link MAX_PREFILLED_BYTES}.
 * @param salt 8 random bytes
 */
export function buildCompactBlock(
  block: DecodedBlock,
  salt: Uint8Array,
  shortIds: readonly number[],
  isKnown: (id: string) => boolean,
): CompactBlockMessage {
  const prefilled: { index: number; transaction: DecodedTransaction }[] = [];
  const others: number[] = [];
  let bytes = 0;
  block.transactions.forEach((transaction, index) => {
    if (isKnown(transaction.id) || bytes + transaction.bytes.length > MAX_PREFILLED_BYTES) {
      others.push(shortIds[index]!);
      return;
    }
    bytes += transaction.bytes.length;
    prefilled.push({ index, transaction });
  });
  return { type: 'compactBlock', sealed: block, salt, shortIds: others, prefilled };
}

/**
 * The block's slots, filled from the mempool as far as possible. Null if two short ids are equal, because then only the whole block helps.
 * The slot of a short id that matches two transactions of the mempool stays empty.
 */
export function fillFromMempool(message: CompactBlockMessage, mempool: Iterable<DecodedTransaction>): Slots | null {
  const slots: Slots = new Array<DecodedTransaction | undefined>(message.shortIds.length + message.prefilled.length).fill(undefined);
  for (const { index, transaction } of message.prefilled) slots[index] = transaction;
  const places = new Map<number, number>();
  let next = 0;
  for (const shortId of message.shortIds) {
    while (slots[next]) next++;
    if (places.has(shortId)) return null;
    places.set(shortId, next++);
  }
  if (places.size === 0) return slots;
  const shortIdOf = shortIdFunction(message.sealed, message.salt);
  const ambiguous = new Set<number>();
  for (const transaction of mempool) {
    const place = places.get(shortIdOf(transaction.id));
    if (place === undefined) continue;
    if (slots[place]) ambiguous.add(place);
    else slots[place] = transaction;
  }
  for (const place of ambiguous) slots[place] = undefined;
  return slots;
}
