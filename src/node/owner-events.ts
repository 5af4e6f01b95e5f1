import { addressText } from '../crypto/address.ts';
import { formatCoins } from '../protocol/amount.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { NodeEvent } from '../api/api.ts';
import type { Ledger } from './ledger.ts';
import type { AccountSession } from './own-account.ts';

/** What a connected block means for the account that is open: payments received, own transfers confirmed. */
export function ownerEvents(block: DecodedBlock, account: AccountSession | null, { store }: Ledger): NodeEvent[] {
  if (!account) return [];
  const own = account.address;
  return block.transactions.flatMap(({ transaction, id }): NodeEvent[] => {
    if (transaction.kind !== 'transfer') return [];
    if (transaction.sender === own) return [{ type: 'confirmed', txid: id, height: block.header.height }];
    if (transaction.recipient !== own) return [];
    const name = store.account(transaction.sender)?.registration?.name ?? null;
    const from = { address: addressText(transaction.sender), name };
    return [{ type: 'received', txid: id, from, amount: formatCoins(transaction.amount) }];
  });
}
