import type { Address } from '../crypto/address.ts';
import { addressOfModulus } from '../crypto/address.ts';
import { sign } from '../crypto/rsa/keys.ts';
import { open, seal } from '../crypto/rsa/oaep.ts';
import type { RsaEnv } from '../crypto/rsa/subtle.ts';
import {
  encodeTransaction,
  networkTag,
  signedMessage,
  type DecodedTransaction,
  type Registration,
  type RegistrationBody,
  type Transfer,
  type TransferBody,
} from '../protocol/transaction.ts';
import { isMemoText, MAX_MEMO_BYTES, NO_MEMO, type Memo } from '../protocol/memo.ts';
import { stampHash } from '../protocol/transactions/registration.ts';
import { fromUtf8, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from './account-keys.ts';
import { assertName } from './name.ts';

/** A transfer as the user ordered it, with the recipient's name resolved. The sender follows from the keys. */
export interface TransferOrder {
  readonly networkId: string;
  readonly recipient: Address;
  /** Smallest units. */
  readonly amount: number;
  readonly fee: number;
  /** The sender's next nonce. */
  readonly nonce: number;
  readonly memo: Memo;
}

/** Builds and signs a transfer. The rules, not this function, decide whether the transfer is valid. */
export async function buildTransfer(
  order: TransferOrder,
  keys: AccountKeys,
  subtle: SubtleCrypto | null,
): Promise<DecodedTransaction<Transfer>> {
  const { networkId, recipient, amount, fee, nonce, memo } = order;
  const body: TransferBody = {
    kind: 'transfer',
    networkTag: networkTag(networkId),
    sender: addressOfModulus(keys.signing.modulus),
    recipient,
    amount,
    fee,
    nonce,
    memo,
  };
  const signature = await sign(keys.signing, signedMessage(networkId, body), subtle);
  return encodeTransaction({ ...body, signature });
}

/** Finds the 20-byte nonce whose seal of `hash` meets the network's stamp target, e.g. `MiningPool.findSeal`. */
export type StampSearch = (hash: Uint8Array) => Promise<Uint8Array>;

/**
 * Builds a registration: first the stamp, about two seconds of search, then the signature, which covers the stamp.
 * @throws TabchainError `name-invalid`
 */
export async function buildRegistration(
  registration: { readonly networkId: string; readonly name: string },
  keys: AccountKeys,
  findStamp: StampSearch,
  subtle: SubtleCrypto | null,
): Promise<DecodedTransaction<Registration>> {
  const { networkId, name } = registration;
  assertName(name);
  const body: RegistrationBody = {
    kind: 'registration',
    networkTag: networkTag(networkId),
    name,
    signingModulus: keys.signing.modulus,
    encryptionModulus: keys.encryption.modulus,
  };
  const stamped = { ...body, stamp: await findStamp(stampHash(networkId, body)) };
  const signature = await sign(keys.signing, signedMessage(networkId, stamped), subtle);
  return encodeTransaction({ ...stamped, signature });
}

/**
 * A memo that everybody can read; kind `none` for an empty text.
 * @throws TabchainError `memo-too-long`, `memo-invalid`
 */
export function plainMemo(text: string): Memo {
  assertMemoText(text);
  return text === '' ? NO_MEMO : { kind: 'plain', text };
}

/**
 * A memo that only the owner of `encryptionModulus` can read; kind `none` for an empty text.
 * @throws TabchainError `memo-too-long`, `memo-invalid`
 */
export async function sealedMemo(text: string, encryptionModulus: Uint8Array, env: RsaEnv): Promise<Memo> {
  assertMemoText(text);
  return text === '' ? NO_MEMO : { kind: 'sealed', ciphertext: await seal(encryptionModulus, utf8(text), env) };
}

/**
 * The text of a sealed memo. No rule of the chain limits the sealed text, so this function checks the rule for plain memos.
 * @throws TabchainError `memo-unreadable`
 */
export async function openMemo(ciphertext: Uint8Array, keys: AccountKeys, subtle: SubtleCrypto | null): Promise<string> {
  const bytes = await open(keys.encryption, ciphertext, subtle);
  try {
    const text = fromUtf8(bytes);
    assertMemoText(text);
    return text;
  } catch (cause) {
    throw new TabchainError('memo-unreadable', 'What is sealed here is not a memo.', {}, { cause });
  }
}

function assertMemoText(text: string): void {
  if (utf8(text).length > MAX_MEMO_BYTES) {
    throw new TabchainError('memo-too-long', `A memo has at most ${MAX_MEMO_BYTES} bytes of UTF-8.`, { maximum: MAX_MEMO_BYTES });
  }
  if (!isMemoText(text)) throw new TabchainError('memo-invalid', 'A memo may not hold control or text direction characters.');
}
