import type { ExperimentRequest } from '../api/api.ts';
import { argumentInvalid, fieldsArgument, textArgument } from '../api/arguments.ts';
import { MIN_FEE_PER_BYTE } from '../mempool/policy.ts';
import { parseCoins } from '../protocol/amount.ts';
import { encodeBlock } from '../protocol/block.ts';
import { NO_MEMO } from '../protocol/memo.ts';
import { encodeTransaction, recipientOf, type DecodedTransaction, type Transaction } from '../protocol/transaction.ts';
import { TRANSFER_BYTES } from '../protocol/transactions/transfer.ts';
import type { Offer } from '../protocol/wire-experiment.ts';
import { buildTransfer } from '../wallet/builder.ts';
import type { LedgerContents } from './ledger.ts';
import type { AccountSession } from './own-account.ts';
import { changedBlock } from './views/block-trial.ts';
import { Views } from './views/views.ts';

/** An offer with the id of its transaction or block. */
export interface MadeOffer extends Offer {
  readonly id: string;
}

/** Makes what an experiment offers. Nothing checks yet whether the offer breaks a rule. @throws TabchainError `argument-invalid`, `amount-…`, `locked` */
export async function makeOffer(
  ledger: LedgerContents,
  account: AccountSession,
  subtle: SubtleCrypto | null,
  given: ExperimentRequest,
): Promise<MadeOffer> {
  const request = fieldsArgument(given);
  if ('payment' in request) return payment(ledger, account, subtle, unitsOf(request['payment']));
  const views = new Views(ledger, account, subtle);
  if ('transaction' in request) {
    const decoded = views.decoded(textArgument(request['transaction'], 'transaction'));
    if (!decoded || recipientOf(decoded.transaction) === null) throw argumentInvalid('transaction', 'the id of a payment');
    return ofTransaction(encodeTransaction({ ...decoded.transaction, amount: unitsOf(request['amount']) } as Transaction));
  }
  const copy = 'block' in request ? views.changedCopy(request['block'], request['change']) : null;
  if (!copy) throw argumentInvalid('request', 'a payment, a transaction or a block of this chain');
  const block = changedBlock(copy.known.block, copy.changed);
  return { kind: 'block', bytes: encodeBlock(block), id: block.id };
}

/** A payment to oneself. A signed payment to somebody else could become valid on the day on which the account has the coins. */
async function payment(ledger: LedgerContents, account: AccountSession, subtle: SubtleCrypto | null, amount: number): Promise<MadeOffer> {
  const { network, store } = ledger;
  const order = {
    networkId: network.id,
    recipient: account.address,
    amount,
    fee: MIN_FEE_PER_BYTE * TRANSFER_BYTES,
    nonce: store.account(account.address)?.nonce ?? 0,
    memo: NO_MEMO,
  };
  return ofTransaction(await buildTransfer(order, account.keys(), subtle));
}

const ofTransaction = ({ bytes, id }: DecodedTransaction): MadeOffer => ({ kind: 'transaction', bytes, id });

function unitsOf(coins: unknown): number {
  if (typeof coins !== 'string' && typeof coins !== 'number') throw argumentInvalid('amount', 'an amount of coins');
  const units = parseCoins(coins);
  if (units <= 0) throw argumentInvalid('amount', 'more than zero');
  return units;
}
