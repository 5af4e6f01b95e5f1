import { addressText, type Address } from '../../crypto/address.ts';
import type { Mempool } from '../../mempool/mempool.ts';
import { formatCoins, parseCoins } from '../../protocol/amount.ts';
import { amountOf, feeOf, senderOf, type DecodedTransaction, type Kind, type TransactionOf } from '../../protocol/transaction.ts';
import type { ChainQueries, PartyRow, TransactionRow } from '../../storage/sql/queries.ts';
import type { HistoryEntry, NodeEvent, TransactionInfo } from '../../api/api.ts';

export type PartyOf = (address: string) => PartyRow;

/** The fields whose values each kind determines in its own way. */
type OwnFields = Pick<TransactionInfo, 'from' | 'to' | 'nonce' | 'memo' | 'sealed' | 'name'> & {
  readonly sealedMemo: Uint8Array | null;
};

/** How the API shows one kind of transaction. */
interface TransactionView<K extends Kind> {
  /** The fields of a transaction that is not in the chain. */
  fields(transaction: TransactionOf<K>, from: PartyRow, partyOf: PartyOf): OwnFields;
  /** The name that a transaction of the chain binds. */
  boundName(row: TransactionRow): string | null;
  /** Id of the confirmed or waiting transaction that took the place of a dropped transaction. */
  rival(transaction: TransactionOf<K>, queries: ChainQueries, mempool: Mempool): string | undefined;
  /** The effect of a transaction on an account's balance. */
  movement(info: TransactionInfo, address: string): Pick<HistoryEntry, 'change' | 'direction'>;
  /** The event for the account `own` when a block has taken the transaction; null for no event. */
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
      // The sender does not own the name yet, but the registration is for the sender.
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
    movement: ({ granted }) => ({ change: signedCoins(parseCoins(granted)), direction: 'registration' }),
    // The account's state already shows its registration.
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

/** Id of the confirmed or waiting transaction that took the place of a dropped transaction. */
export function rivalOf<K extends Kind>(transaction: TransactionOf<K>, queries: ChainQueries, mempool: Mempool): string | undefined {
  return VIEWS[transaction.kind].rival(transaction, queries, mempool);
}

/** The effect of a transaction on an account's balance. */
export function movementOf(info: TransactionInfo, address: string): Pick<HistoryEntry, 'change' | 'direction'> {
  return VIEWS[info.kind].movement(info, address);
}

/** The event for the account `own` when a block has taken the transaction; null for no event. */
export function eventOf<K extends Kind>(
  decoded: DecodedTransaction<TransactionOf<K>>,
  own: Address,
  height: number,
  nameOf: (address: Address) => string | null,
): NodeEvent | null {
  return VIEWS[decoded.transaction.kind].event(decoded, own, height, nameOf);
}

/** Decimal coins with a plus sign for a gain. */
export function signedCoins(units: number): string {
  return (units > 0 ? '+' : '') + formatCoins(units);
}
