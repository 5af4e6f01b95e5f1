import { addressText } from '../crypto/address.ts';
import { leastReplacementFee } from '../mempool/transfer-pool.ts';
import { MIN_FEE_PER_BYTE } from '../mempool/policy.ts';
import type { TransferEntry } from '../mempool/account-queue.ts';
import { formatCoins } from '../protocol/amount.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { NO_MEMO } from '../protocol/memo.ts';
import { TRANSFER_BYTES } from '../protocol/transactions/transfer.ts';
import type { PartyRow } from '../storage/sql/queries.ts';
import { argumentInvalid, textArgument } from '../api/arguments.ts';
import { TabchainError } from '../util/errors.ts';
import { tidyHandle } from '../util/typed-text.ts';
import { buildTransfer, type TransferOrder } from '../wallet/builder.ts';
import type { ReplacementPreview, ReplacementRequest } from '../api/api.ts';
import type { Env } from './env.ts';
import { expectedBlocks, feeOfLevel } from './fees.ts';
import type { LedgerContents } from './ledger.ts';
import type { AccountSession } from './own-account.ts';
import { feeField, resolveRecipient } from './payments.ts';

/** The rules demand an amount above zero. */
const SMALLEST_AMOUNT = 1;

interface Replacement {
  readonly entry: TransferEntry;
  readonly cancel: boolean;
  readonly order: TransferOrder;
  readonly bytes: number;
  readonly minimum: number;
  readonly left: number;
}

/** @throws TabchainError `argument-invalid`, `transfer-not-waiting`, `fee-*`, `recipient-unknown`, `replacement-fee-too-low`, `balance-insufficient` */
function resolve(ledger: LedgerContents, account: AccountSession, request: ReplacementRequest): Replacement {
  if (typeof request !== 'object' || request === null) throw argumentInvalid('request', 'an object such as { txid }');
  const entry = ledger.mempool.transferWaiting(account.address, tidyHandle(textArgument(request.txid, 'txid')));
  if (!entry) {
    throw new TabchainError('transfer-not-waiting', 'Only an own transfer that waits for a block can be changed.');
  }
  const cancel = request.cancel === true;
  if (cancel && request.to !== undefined) throw argumentInvalid('to', 'absent where `cancel` is true');
  const other = request.to === undefined ? null : resolveRecipient(ledger, request.to);
  const { recipient, amount, nonce, memo } = entry.decoded.transaction;
  const bytes = cancel || other !== null ? TRANSFER_BYTES : entry.decoded.bytes.length;
  const minimum = Math.max(leastReplacementFee(entry, bytes), MIN_FEE_PER_BYTE * bytes);
  const fee = request.fee === undefined ? Math.max(minimum, feeOfLevel(ledger, 'next', bytes)) : feeField(request.fee);
  if (fee < minimum) {
    const details = { minimum: formatCoins(minimum) };
    throw new TabchainError('replacement-fee-too-low', `A replacement must pay at least ${details.minimum} coins.`, details);
  }
  const order = cancel
    ? { recipient: account.address, amount: SMALLEST_AMOUNT, memo: NO_MEMO }
    : { recipient: other ?? recipient, amount, memo: other === null ? memo : NO_MEMO };
  const spendable = ledger.mempool.spendableInPlaceOf(entry);
  const left = spendable - order.amount - fee;
  if (left < 0) {
    const have = formatCoins(spendable);
    throw new TabchainError('balance-insufficient', `You can spend ${have} coins, fee included.`, { spendable: have });
  }
  return { entry, cancel, order: { networkId: ledger.network.id, fee, nonce, ...order }, bytes, minimum, left };
}

/** What a replacement changes, before it is signed. Throws the same errors as {@link signReplacement}, except `locked`. */
export function previewReplacement(
  ledger: LedgerContents,
  account: AccountSession,
  request: ReplacementRequest,
  partyOf: (address: string) => PartyRow,
): ReplacementPreview {
  const { entry, cancel, order, bytes, minimum, left } = resolve(ledger, account, request);
  const { id, transaction, bytes: former } = entry.decoded;
  return {
    txid: id,
    cancel,
    to: partyOf(addressText(transaction.recipient)),
    amount: formatCoins(transaction.amount),
    formerFee: formatCoins(transaction.fee),
    formerBlocks: expectedBlocks(ledger, { fee: transaction.fee, bytes: former.length }, id),
    fee: formatCoins(order.fee),
    minimumFee: formatCoins(minimum),
    blocks: expectedBlocks(ledger, { fee: order.fee, bytes }, id),
    // What a cancelled payment pays to oneself comes back with its block.
    balanceAfter: formatCoins(cancel ? left + order.amount : left),
  };
}

/** Signs the replacement of a waiting transfer: the same nonce with a higher fee. The mempool checks the result. */
export async function signReplacement(
  env: Env,
  ledger: LedgerContents,
  account: AccountSession,
  request: ReplacementRequest,
): Promise<DecodedTransaction> {
  const keys = account.keys();
  return buildTransfer(resolve(ledger, account, request).order, keys, env.subtle);
}
