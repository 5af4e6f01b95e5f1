import { addressText } from '../../crypto/address.ts';
import type { PoolEntry } from '../../mempool/account-queue.ts';
import { formatCoins } from '../../protocol/amount.ts';
import { decodeTransaction, senderOf, type DecodedTransaction } from '../../protocol/transaction.ts';
import type { OwnTransaction } from '../../storage/port.ts';
import type { PartyRow, TransactionRow } from '../../storage/sql/queries.ts';
import { toHex } from '../../util/bytes.ts';
import type { TransactionInfo } from '../../api/api.ts';

/** A transaction as people read it, before its sealed memo is opened. */
export interface UnopenedTransaction {
  readonly info: TransactionInfo;
  readonly sealedMemo: Uint8Array | null;
}

/** Of the active chain. */
export function confirmedInfo(row: TransactionRow, tip: { height: number; work: bigint }): UnopenedTransaction {
  const info: TransactionInfo = {
    txid: row.txid,
    kind: row.kind,
    status: 'confirmed',
    reason: null,
    overtakenBy: null,
    height: row.height,
    blockId: row.blockId,
    position: row.position,
    time: row.timeMs,
    confirmations: tip.height - row.height + 1,
    confirmedWork: (tip.work - row.workBefore).toString(),
    from: row.from,
    to: row.to,
    amount: formatCoins(row.amount),
    fee: formatCoins(row.fee),
    nonce: row.nonce ?? 0,
    memo: row.memo,
    sealed: row.sealedMemo !== null,
    bytes: row.size,
    signature: toHex(row.signature),
    name: row.kind === 'registration' ? row.from.name : null,
  };
  return { info, sealedMemo: row.sealedMemo };
}

/** Waiting in the mempool. */
export function pooledInfo(entry: PoolEntry, status: 'pending' | 'queued', partyOf: (address: string) => PartyRow): UnopenedTransaction {
  return waitingInfo(entry.decoded, { status, reason: null, overtakenBy: null, timeMs: entry.firstSeenMs }, partyOf);
}

/** Own, and neither in the chain nor in the mempool. */
export function droppedInfo(own: OwnTransaction, overtakenBy: string | null, partyOf: (address: string) => PartyRow): UnopenedTransaction {
  return waitingInfo(
    decodeTransaction(own.bytes),
    { status: 'dropped', reason: own.reason, overtakenBy, timeMs: own.firstSeenMs },
    partyOf,
  );
}

function waitingInfo(
  { transaction, bytes, id }: DecodedTransaction,
  state: Pick<TransactionInfo, 'status' | 'reason' | 'overtakenBy'> & { timeMs: number },
  partyOf: (address: string) => PartyRow,
): UnopenedTransaction {
  const from = partyOf(addressText(senderOf(transaction)));
  const shared = {
    txid: id,
    kind: transaction.kind,
    status: state.status,
    reason: state.reason,
    overtakenBy: state.overtakenBy,
    height: null,
    blockId: null,
    position: null,
    time: state.timeMs,
    confirmations: 0,
    confirmedWork: '0',
    bytes: bytes.length,
    signature: toHex(transaction.signature),
  };
  if (transaction.kind === 'registration') {
    // Nobody has the name yet, but this is who it is for.
    const named = { ...from, name: from.name ?? transaction.name };
    const info: TransactionInfo = {
      ...shared,
      from: named,
      to: null,
      amount: '0',
      fee: '0',
      nonce: 0,
      memo: null,
      sealed: false,
      name: transaction.name,
    };
    return { info, sealedMemo: null };
  }
  const { memo } = transaction;
  const info: TransactionInfo = {
    ...shared,
    from,
    to: partyOf(addressText(transaction.recipient)),
    amount: formatCoins(transaction.amount),
    fee: formatCoins(transaction.fee),
    nonce: transaction.nonce,
    memo: memo.kind === 'plain' ? memo.text : null,
    sealed: memo.kind === 'sealed',
    name: null,
  };
  return { info, sealedMemo: memo.kind === 'sealed' ? memo.ciphertext : null };
}
