import type { PoolEntry } from '../../mempool/account-queue.ts';
import { formatCoins } from '../../protocol/amount.ts';
import { decodeTransaction, type DecodedTransaction } from '../../protocol/transaction.ts';
import type { OwnTransaction } from '../../storage/port.ts';
import type { TransactionRow } from '../../storage/sql/queries.ts';
import { toHex } from '../../util/bytes.ts';
import type { TransactionInfo } from '../../api/api.ts';
import { boundNameOf, fieldsOf, type PartyOf } from './transaction-kinds.ts';

/** A transaction in the form of the API, before its sealed memo is opened. */
export interface UnopenedTransaction {
  readonly info: TransactionInfo;
  readonly sealedMemo: Uint8Array | null;
}

/** A transaction of the active chain. */
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
    granted: formatCoins(row.granted),
    nonce: row.nonce ?? 0,
    memo: row.memo,
    sealed: row.sealedMemo !== null,
    bytes: row.size,
    signature: toHex(row.signature),
    name: boundNameOf(row),
  };
  return { info, sealedMemo: row.sealedMemo };
}

/** A transaction that waits in the mempool. */
export function pooledInfo(entry: PoolEntry, status: 'pending' | 'queued', partyOf: PartyOf): UnopenedTransaction {
  return waitingInfo(entry.decoded, { status, reason: null, overtakenBy: null, timeMs: entry.firstSeenMs }, partyOf);
}

/** An own transaction that is neither in the chain nor in the mempool. */
export function droppedInfo(own: OwnTransaction, overtakenBy: string | null, partyOf: PartyOf): UnopenedTransaction {
  return waitingInfo(
    decodeTransaction(own.bytes),
    { status: 'dropped', reason: own.reason, overtakenBy, timeMs: own.firstSeenMs },
    partyOf,
  );
}

function waitingInfo(
  { transaction, bytes, id }: DecodedTransaction,
  state: Pick<TransactionInfo, 'status' | 'reason' | 'overtakenBy'> & { timeMs: number },
  partyOf: PartyOf,
): UnopenedTransaction {
  const { sealedMemo, ...fields } = fieldsOf(transaction, partyOf);
  const info: TransactionInfo = {
    ...fields,
    // Only a block mints.
    granted: '0',
    txid: id,
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
  return { info, sealedMemo };
}
