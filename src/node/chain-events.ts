import { addressText, type Address } from '../crypto/address.ts';
import type { ChainChange } from '../chain/chain.ts';
import type { MempoolEvent } from '../mempool/mempool.ts';
import { formatCoins } from '../protocol/amount.ts';
import type { DecodedBlock } from '../protocol/block.ts';
import { amountOf, recipientOf, senderOf } from '../protocol/transaction.ts';
import type { NodeEvent } from '../api/api.ts';
import type { LedgerContents } from './ledger.ts';
import type { AccountSession } from './own-account.ts';
import { eventOf } from './views/transaction-kinds.ts';

/**
 * The events of a movement of the tip: a reorganisation, the new tip, and the transactions of the account in the new blocks.
 * @param team whether a team of the lab has just come back
 */
export function chainEvents(change: ChainChange, account: AccountSession | null, ledger: LedgerContents, team: boolean): NodeEvent[] {
  const { connected, disconnected, tip } = change;
  const reorganisation: NodeEvent = {
    type: 'reorganisation',
    from: tip.height - connected.length + disconnected.length,
    depth: disconnected.length,
    height: tip.height,
    team,
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
  const nameOf = (address: Address): string | null => nameIn(store, address);
  return transactions.flatMap((decoded) => eventOf(decoded, account.address, header.height, nameOf) ?? []);
}

/** The event of a payment to the account that the next block could take; null for any other change of the mempool. */
export function incomingEvent(event: MempoolEvent, account: AccountSession | null, { store }: LedgerContents): NodeEvent | null {
  if (event.type === 'dropped' || (event.type === 'added' && (event.waits || event.returned))) return null;
  const { transaction, id } = event.entry.decoded;
  const sender = senderOf(transaction);
  if (!account || recipientOf(transaction) !== account.address || sender === account.address) return null;
  const from = { address: addressText(sender), name: nameIn(store, sender) };
  return { type: 'incoming', txid: id, from, amount: formatCoins(amountOf(transaction)) };
}

function nameIn(store: LedgerContents['store'], address: Address): string | null {
  return store.account(address)?.registration?.name ?? null;
}
