import type { Address } from '../crypto/address.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { NodeEvent } from '../api/api.ts';
import type { Ledger } from './ledger.ts';
import type { AccountSession } from './own-account.ts';
import { eventOf } from './views/transaction-kinds.ts';

/** What a connected block means for the account that is open: payments received, own transfers confirmed. */
export function ownerEvents({ header, transactions }: DecodedBlock, account: AccountSession | null, { store }: Ledger): NodeEvent[] {
  if (!account) return [];
  const nameOf = (address: Address): string | null => store.account(address)?.registration?.name ?? null;
  return transactions.flatMap((decoded) => eventOf(decoded, account.address, header.height, nameOf) ?? []);
}
