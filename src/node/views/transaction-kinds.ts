import { addressText, type Address } from '../../crypto/address.ts';
import type { Mempool } from '../../mempool/mempool.ts';
import { formatCoins, parseCoins } from '../../protocol/amount.ts';
import { amountOf, feeOf, senderOf, type DecodedTransaction, type Kind, type TransactionOf } from '../../protocol/transaction.ts';
import type { ChainQueries, PartyRow, TransactionRow } from '../../storage/sql/queries.ts';
import type { HistoryEntry, NodeEvent, TransactionInfo } from '../../api/api.ts';

export type PartyOf = (address: string) => PartyRow;

/** The fields of a transaction that mean something else for each kind. */
type OwnFields = Pick<TransactionInfo, 'from' | 'to' | 'nonce' | 'memo' | 'sealed' | 'name'> & {
  readonly sealedMemo: Uint8Array | null;
};

/** How people read one kind of transaction. */
interface TransactionView<K extends Kind> {
  /** Of one that is not in the chain. */
  fields(transaction: TransactionOf<K>, from: PartyRow, partyOf: PartyOf): OwnFields;
  /** The name that one in the chain binds. */
  boundName(row: TransactionRow): string | null;
  /** Id of the one that stands or waits in the place of one that was dropped. */
  rival(transaction: TransactionOf<K>, queries: ChainQueries, mempool: Mempool): string | undefined;
  /** How it moves an account's balance. */
  movement(info: TransactionInfo, address: string): Pick<HistoryEntry, 'change' | 'direction'>;
  /** What it tells an account that it has reached a block. */
  event(
    decoded: DecodedTransaction<TransactionOf<K>>,
    own: Address,
    height: number,
    nameOf: (address: Address) => string | null,
  ): NodeEvent | null;
}

const VIEWS: { readonly [K in Kind]: TransactionView<K> } = {
  transfer: {
    fields: ({ recipient, nonce, memo }, from, partyOf) => ({
      from,
      to: partyOf(addressText(recipient)),
      nonce,
      memo: memo.kind === 'plain' ? memo.text : null,
      sealed: memo.kind === 'sealed',
      name: null,
      sealedMemo: memo.kind === 'sealed' ? memo.ciphertext : null,
    }),
    boundName: () => null,
    rival: ({ sender, nonce }, queries, mempool) => queries.transferOf(addressText(sender), nonce) ?? mempool.transferOf(sender, nonce)?.id,
    movement(info, address) {
      const out = info.from.address === address;
      const self = out && info.to?.address === address;
      const amount = parseCoins(info.amount);
      const fee = parseCoins(info.fee);
      const units = self ? -fee : out ? -(amount + fee) : amount;
      // A dropped transfer has moved nothing.
      return { change: info.status === 'dropped' ? '0' : signedCoins(units), direction: self ? 'self' : out ? 'out' : 'in' };
    },
    event({ transaction: { sender, recipient, amount }, id }, own, height, nameOf) {
      if (sender === own) return { type: 'confirmed', txid: id, height };
      if (recipient !== own) return null;
      const from = { address: addressText(sender), name: nameOf(sender) };
      return { type: 'received', txid: id, from, amount: formatCoins(amount) };
    },
  },
  registration: {
    fields: ({ name }, from) => ({
      // Nobody has the name yet, but this is who it is for.
      from: { ...from, name: from.name ?? name },
      to: null,
      nonce: 0,
      memo: null,
      sealed: false,
      name,
      sealedMemo: null,
    }),
    boundName: ({ from }) => from.name,
    rival: ({ name }, queries, mempool) => queries.registrationOf(name) ?? mempool.registrationOfName(name)?.id,
    movement: () => ({ change: '0', direction: 'registration' }),
    // The account's own state says so.
    event: () => null,
  },
};

/** The fields of a transaction that is not in the chain, and its sealed memo. */
export function fieldsOf<K extends Kind>(
  transaction: TransactionOf<K>,
  partyOf: PartyOf,
): OwnFields & Pick<TransactionInfo, 'kind' | 'amount' | 'fee'> {
  const fields = VIEWS[transaction.kind].fields(transaction, partyOf(addressText(senderOf(transaction))), partyOf);
  return { ...fields, kind: transaction.kind, amount: formatCoins(amountOf(transaction)), fee: formatCoins(feeOf(transaction)) };
}

/** The name that a transaction of the chain binds, null where it binds none. */
export function boundNameOf(row: TransactionRow): string | null {
  return VIEWS[row.kind].boundName(row);
}

/** Id of the transaction that stands or waits in the place of one that was dropped. */
export function rivalOf<K extends Kind>(transaction: TransactionOf<K>, queries: ChainQueries, mempool: Mempool): string | undefined {
  return VIEWS[transaction.kind].rival(transaction, queries, mempool);
}

/** How a transaction moves an account's balance. */
export function movementOf(info: TransactionInfo, address: string): Pick<HistoryEntry, 'change' | 'direction'> {
  return VIEWS[info.kind].movement(info, address);
}

/** What a transaction tells the account `own` that a block has taken it. */
export function eventOf<K extends Kind>(
  decoded: DecodedTransaction<TransactionOf<K>>,
  own: Address,
  height: number,
  nameOf: (address: Address) => string | null,
): NodeEvent | null {
  return VIEWS[decoded.transaction.kind].event(decoded, own, height, nameOf);
}

/** With a plus where an account gains. */
export function signedCoins(units: number): string {
  return (units > 0 ? '+' : '') + formatCoins(units);
}
