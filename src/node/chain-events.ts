import type { Address } from '../crypto/address.ts';
import type { ChainChange } from '../chain/chain.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import type { NodeEvent } from '../api/api.ts';
import type { LedgerContents } from './ledger.ts';
import type { AccountSession } from './own-account.ts';
import { eventOf } from './views/transaction-kinds.ts';

/** The events of a movement of the tip: a reorganisation, the new tip, and the transactions of the account in the new blocks. */
export function chainEvents(change: ChainChange, account: AccountSession | null, ledger: LedgerContents): NodeEvent[] {
  const { connected, disconnected, tip } = change;
  const reorganisation: NodeEvent = {
    type: 'reorganisation',
    from: tip.height - connected.length + disconnected.length,
    depth: disconnected.length,
    height: tip.height,
  };
  return [
    ...(disconnected.length > 0 ? [reorganisation] : []),
    { type: 'block', height: tip.height, id: tip.id, own: connected.at(-1)?.header.miner === account?.address },
    ...connected.flatMap((block) => ownerEvents(block, account, ledger)),
  ];
}

/** Payments received, own transfers confirmed. */
function ownerEvents(block: DecodedBlock, account: AccountSession | null, { store }: LedgerContents): NodeEvent[] {
  if (!account) return [];
  const { header, transactions } = block;
  const nameOf = (address: Address): string | null => store.account(address)?.registration?.name ?? null;
  return transactions.flatMap((decoded) => eventOf(decoded, account.address, header.height, nameOf) ?? []);
}
