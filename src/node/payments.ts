import { addressFingerprint, addressText, type Address } from '../crypto/address.ts';
import { formatCoins, parseCoins } from '../protocol/amount.ts';
import { parseParty } from '../protocol/party.ts';
import type { DecodedTransaction, Transfer } from '../protocol/transaction.ts';
import { TRANSFER_BYTES } from '../protocol/transactions/transfer.ts';
import { SEALED_MEMO_BYTES, type Memo } from '../protocol/memo.ts';
import { MIN_FEE_PER_BYTE } from '../mempool/policy.ts';
import { utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { buildTransfer, plainMemo, sealedMemo } from '../wallet/builder.ts';
import type { FeeLevel, FeeLevelsRequest, MaximumRequest, TransferPreview, TransferRequest } from '../api/api.ts';
import type { Env } from './env.ts';
import { feeHint, feeOfLevel, expectedBlocks, suggestedFee } from './fees.ts';
import type { LedgerContents } from './ledger.ts';
import type { AccountSession } from './own-account.ts';

const LONGEST_TEXT = 1_000;

interface ResolvedTransfer {
  readonly recipient: Address;
  readonly amount: number;
  readonly fee: number;
  readonly memoText: string;
  readonly sealed: boolean;
  readonly bytes: number;
}

/**
 * The address that `to` means: a user name of the chain, an address, or a payment link.
 * @throws TabchainError `recipient-unknown`, and the errors of {@link parseParty}
 */
export function resolveRecipient(ledger: LedgerContents, to: unknown): Address {
  const party = parseParty(typeof to === 'string' ? to : '', ledger.network.id);
  if (party.kind === 'address') return party.address;
  const address = ledger.store.addressOfName(party.name);
  if (address !== undefined) return address;
  throw new TabchainError('recipient-unknown', `Nobody on this chain is called "${party.name}".`, { name: party.name });
}

function memoBytes(text: string, sealed: boolean): number {
  if (text === '') return 0;
  return sealed ? SEALED_MEMO_BYTES : 1 + utf8(text).length;
}

/** @throws TabchainError `recipient-*`, `address-invalid`, `amount-*`, `fee-*`, `memo-*` */
function resolve(ledger: LedgerContents, request: TransferRequest): ResolvedTransfer {
  const recipient = resolveRecipient(ledger, request?.to);
  const amount = coinsField(request.amount, 'amount');
  if (amount <= 0) throw new TabchainError('amount-not-positive', 'The amount must be more than zero.');
  const { memoText, sealed, bytes } = memoField(request);
  if (sealed && !ledger.store.account(recipient)?.registration) {
    throw new TabchainError('memo-cannot-seal', 'Only a registered recipient has a key to seal a memo to.');
  }
  const fee = request.fee === undefined ? suggestedFee(feeHint(ledger).perByte, bytes) : feeField(request.fee);
  const minimum = MIN_FEE_PER_BYTE * bytes;
  if (fee < minimum) {
    throw new TabchainError('fee-too-low', `The fee must be at least ${formatCoins(minimum)} coins.`, { minimum: formatCoins(minimum) });
  }
  return { recipient, amount, fee, memoText, sealed, bytes };
}

/** The memo, and the length of a transfer with this memo. @throws TabchainError `memo-*` */
function memoField({
  memo = '',
  sealed,
}: Pick<TransferRequest, 'memo' | 'sealed'>): Pick<ResolvedTransfer, 'memoText' | 'sealed' | 'bytes'> {
  if (typeof memo !== 'string' || memo.length > LONGEST_TEXT) {
    throw new TabchainError('memo-too-long', 'A memo has at most 140 bytes of UTF-8.');
  }
  plainMemo(memo);
  const isSealed = sealed === true && memo !== '';
  return { memoText: memo, sealed: isSealed, bytes: TRANSFER_BYTES + memoBytes(memo, isSealed) };
}

function coinsField(value: unknown, field: string): number {
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new TabchainError('amount-invalid', 'An amount is a plain decimal number such as 12.5.', { field });
  }
  return parseCoins(value);
}

/** @throws TabchainError `fee-invalid`, `fee-ambiguous` */
export function feeField(value: unknown): number {
  try {
    const fee = coinsField(value, 'fee');
    if (fee >= 0) return fee;
  } catch (error) {
    if (error instanceof TabchainError && error.code === 'amount-ambiguous') {
      throw new TabchainError('fee-ambiguous', error.message, error.details, { cause: error });
    }
    throw new TabchainError('fee-invalid', 'The fee is a plain decimal number such as 0.001.', {}, { cause: error });
  }
  throw new TabchainError('fee-invalid', 'The fee cannot be negative.');
}

/** @throws TabchainError `not-registered` */
function assertRegistered(ledger: LedgerContents, account: AccountSession): void {
  if (ledger.store.account(account.address)?.registration) return;
  throw new TabchainError('not-registered', 'Your registration is not in a block yet. Mine, or wait for the next block.');
}

function assertCovered(ledger: LedgerContents, account: AccountSession, { amount, fee }: ResolvedTransfer): number {
  const left = ledger.mempool.spendable(account.address) - amount - fee;
  if (left >= 0) return left;
  const have = formatCoins(ledger.mempool.spendable(account.address));
  throw new TabchainError('balance-insufficient', `You can spend ${have} coins, fee included.`, { spendable: have });
}

/** All facts about a transfer before it is signed. Throws the same errors as {@link signTransfer}, except `locked`. */
export function previewTransfer(ledger: LedgerContents, account: AccountSession, request: TransferRequest): TransferPreview {
  const resolved = resolve(ledger, request);
  assertRegistered(ledger, account);
  const balanceAfter = assertCovered(ledger, account, resolved);
  const registration = ledger.store.account(resolved.recipient)?.registration ?? null;
  return {
    to: {
      name: registration?.name ?? null,
      address: addressText(resolved.recipient),
      fingerprint: addressFingerprint(resolved.recipient),
      registered: registration !== null,
    },
    amount: formatCoins(resolved.amount),
    fee: formatCoins(resolved.fee),
    total: formatCoins(resolved.amount + resolved.fee),
    balanceAfter: formatCoins(balanceAfter),
    nonce: ledger.mempool.nextNonce(account.address),
    bytes: resolved.bytes,
    expectedBlocks: expectedBlocks(ledger, resolved),
    suggestedFee: formatCoins(suggestedFee(feeHint(ledger).perByte, resolved.bytes)),
    minimumFee: formatCoins(MIN_FEE_PER_BYTE * resolved.bytes),
    canSeal: registration !== null,
  };
}

/** Fees of a transfer with this memo, highest first. @throws TabchainError `memo-*` */
export function feeLevels(ledger: LedgerContents, request: FeeLevelsRequest): FeeLevel[] {
  const { bytes } = memoField(request);
  return (['next', 'soon', 'whenever'] as const).map((level) => {
    const fee = feeOfLevel(ledger, level, bytes);
    return { level, fee: formatCoins(fee), blocks: expectedBlocks(ledger, { fee, bytes }) };
  });
}

/** The largest amount that a transfer with this fee (and this memo) can send. */
export function maximumAmount(ledger: LedgerContents, account: AccountSession, request: MaximumRequest): string {
  const { bytes } = memoField(request);
  const units = request.fee === undefined ? suggestedFee(feeHint(ledger).perByte, bytes) : feeField(request.fee);
  return formatCoins(Math.max(0, ledger.mempool.spendable(account.address) - units));
}

/** Builds and signs a transfer, which the mempool checks next. @throws TabchainError the errors of {@link previewTransfer}, and `locked` */
export async function signTransfer(
  env: Env,
  ledger: LedgerContents,
  account: AccountSession,
  request: TransferRequest,
): Promise<DecodedTransaction<Transfer>> {
  const keys = account.keys();
  const resolved = resolve(ledger, request);
  assertRegistered(ledger, account);
  assertCovered(ledger, account, resolved);
  const { recipient, amount, fee } = resolved;
  const memo = await makeMemo(env, ledger, resolved);
  const nonce = ledger.mempool.nextNonce(account.address);
  return buildTransfer({ networkId: ledger.network.id, recipient, amount, fee, nonce, memo }, keys, env.subtle);
}

async function makeMemo(env: Env, ledger: LedgerContents, { memoText, sealed, recipient }: ResolvedTransfer): Promise<Memo> {
  const registration = ledger.store.account(recipient)?.registration;
  return sealed && registration ? sealedMemo(memoText, registration.encryptionModulus, env) : plainMemo(memoText);
}
