import { base64urlnopad } from '@scure/base';
import { checkReceipt, type ShownFact } from '../../consensus/receipt.ts';
import { addressText, parseAddress } from '../../crypto/address.ts';
import { merklePath } from '../../crypto/merkle.ts';
import { formatCoins } from '../../protocol/amount.ts';
import type { SealedHeader } from '../../protocol/block.ts';
import { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES, type Evidence, type Receipt } from '../../protocol/receipt.ts';
import { networkTag } from '../../protocol/transaction.ts';
import { fromHex } from '../../util/bytes.ts';
import { assert, TabchainError } from '../../util/errors.ts';
import { tidyHandle } from '../../util/typed-text.ts';
import type { AccountInfo, BlockPlace, ReceiptCheck, ReceiptInfo, TransactionInfo } from '../../api/api.ts';
import { argumentInvalid } from '../../api/arguments.ts';
import type { LedgerContents } from '../ledger.ts';
import { wholeBlock } from './block-info.ts';
import { fieldsOf, type PartyOf } from './transaction-kinds.ts';

/** Longest receipt as text: four characters for three bytes. */
const MAX_RECEIPT_TEXT = Math.ceil((MAX_RECEIPT_BYTES * 4) / 3);

/** The block that a receipt leads to: the tip, so that the receipt shows all work above; or, in a shorter receipt, its own block. */
export type Anchor = 'tip' | 'own';

/** The receipt of a confirmed transaction. */
export function transactionReceipt(
  ledger: LedgerContents,
  { txid, height }: Pick<TransactionInfo, 'txid' | 'height'>,
  anchor: Anchor,
): ReceiptInfo {
  if (height === null) throw new TabchainError('receipt-too-early', 'The transaction is in no block yet.', { txid });
  const block = wholeBlock(ledger.chain, height);
  const index = block.transactions.findIndex(({ id }) => id === txid);
  assert(index >= 0, 'A block lacks a transaction of its rows.');
  const path = merklePath(
    block.transactions.map(({ id }) => fromHex(id)),
    index,
  );
  const transaction = block.transactions[index]!;
  return receiptOf(ledger, height, { kind: 'transaction', transaction, path }, anchor);
}

/** The receipt of an account's balance, nonce and name after the tip. */
export function accountReceipt(ledger: LedgerContents, { address: text }: Pick<AccountInfo, 'address'>): ReceiptInfo {
  const { chain } = ledger;
  const address = parseAddress(text);
  return receiptOf(ledger, chain.tip().height, { kind: 'account', address, proof: chain.proofs.accountProof(address) }, 'tip');
}

/** The receipt of an active block: who mined the block, and when. */
export function blockReceipt(ledger: LedgerContents, height: number, anchor: Anchor): ReceiptInfo {
  return receiptOf(ledger, height, { kind: 'block' }, anchor);
}

function receiptOf({ chain, network }: LedgerContents, height: number, evidence: Evidence, anchor: Anchor): ReceiptInfo {
  const tip = chain.tip();
  const block = chain.header(chain.activeId(height) ?? '');
  assert(block, 'An active header is missing.');
  const proof = anchor === 'tip' ? chain.proofs.historyProof(height) : null;
  const later = proof && { sealed: tip.sealed, proof };
  const bytes = encodeReceipt({ networkTag: networkTag(network.id), block, later, evidence });
  return { kind: evidence.kind, text: base64urlnopad.encode(bytes), bytes, block: placeOf(block), anchor: placeOf(later?.sealed ?? block) };
}

/**
 * Checks a receipt, and whether the chain of this tab contains the block that it leads to.
 * @param given text or bytes
 * @param trusted id of a block that the caller trusts
 * @throws TabchainError `receipt-unreadable`, `receipt-version`, `receipt-other-network`, `receipt-wrong`, `argument-invalid`
 */
export function receiptCheck({ chain, network }: LedgerContents, partyOf: PartyOf, given: unknown, trusted: unknown): ReceiptCheck {
  if (trusted !== undefined && typeof trusted !== 'string') throw argumentInvalid('trusted', 'the id of a block');
  const { fact, block, anchor, workAbove } = checkReceipt(network, receiptFrom(given));
  const ends = [block, anchor];
  const ids = ends.map(({ header }) => chain.activeId(header.height));
  const known = ends.find(({ id }, index) => id === ids[index]);
  const named = trusted === undefined ? undefined : ends.find(({ id }) => id === tidyHandle(trusted));
  const reliedOn = known ?? named;
  const standing = known ? 'proven' : named ? 'trusted' : ids.some((id) => id) ? 'other-branch' : 'unknown';
  // On another branch, an address may have another name.
  const party: PartyOf = standing === 'proven' ? partyOf : (address) => ({ address, name: null });
  return {
    ...factInfo(fact, party),
    kind: fact.kind,
    block: placeOf(block),
    miner: party(addressText(block.header.miner)),
    anchor: placeOf(anchor),
    workAbove: workAbove.toString(),
    standing,
    reliesOn: reliedOn ? placeOf(reliedOn) : null,
  };
}

/** @throws TabchainError `receipt-unreadable`, `receipt-version` */
function receiptFrom(given: unknown): Receipt {
  const unreadable = (cause?: unknown): TabchainError => {
    const details = cause instanceof TabchainError ? { because: cause.code } : {};
    return new TabchainError('receipt-unreadable', 'This is not a whole receipt.', details, { cause });
  };
  try {
    if (given instanceof Uint8Array) return decodeReceipt(given);
    const text = typeof given === 'string' ? given.trim() : '';
    if (text === '' || text.length > MAX_RECEIPT_TEXT) throw unreadable();
    return decodeReceipt(base64urlnopad.decode(text));
  } catch (error) {
    if (error instanceof TabchainError && /^receipt-/.test(error.code)) throw error;
    throw unreadable(error);
  }
}

function factInfo(fact: ShownFact, partyOf: PartyOf): Pick<ReceiptCheck, 'transaction' | 'account'> {
  if (fact.kind === 'transaction') {
    const { sealedMemo, ...fields } = fieldsOf(fact.transaction.transaction, partyOf);
    return { transaction: { txid: fact.transaction.id, ...fields, sealed: sealedMemo !== null }, account: null };
  }
  if (fact.kind === 'block') return { transaction: null, account: null };
  const { address, row } = fact;
  const account = {
    address: addressText(address),
    exists: row !== null,
    balance: formatCoins(row?.balance ?? 0),
    nonce: row?.nonce ?? 0,
    name: row?.registration?.name ?? null,
  };
  return { transaction: null, account };
}

function placeOf({ header, id }: SealedHeader): BlockPlace {
  return { height: header.height, id, time: header.timeMs };
}
