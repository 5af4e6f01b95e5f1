import { addressOfModulus, ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { sha256, sha256d } from '../crypto/hash.ts';
import { concatBytes, copyOf, fromHex, toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { Reader, Writer } from './codec.ts';

/** RSA-2048: every modulus and signature. */
export const MODULUS_BYTES = 256;
export const SIGNATURE_BYTES = 256;
export const STAMP_BYTES = 20;
/** A memo is a line, not a letter: at most this many bytes of UTF-8. */
export const MAX_MEMO_BYTES = 140;
/** RSA-OAEP under a 2048-bit key always gives 256 bytes. */
export const SEALED_MEMO_BYTES = 256;
export const MAX_NAME_BYTES = 20;
/**
 * ASCII alone: Unicode tables differ between browsers, and that would split the chain. Two characters are enough, because many
 * people's whole name is that short in pinyin ("wu", "li").
 */
export const NAME_PATTERN = /^[a-z][a-z0-9_]{1,19}$/;
/** Upper bound of any transaction's encoding (a registration with the longest name needs 814). */
export const MAX_TRANSACTION_BYTES = 1024;
/** Lower bound (a transfer without memo): bounds the count of transactions in a block. */
export const MIN_TRANSACTION_BYTES = 322;

const KIND_TRANSFER = 1;
const KIND_REGISTRATION = 2;
const MEMO_NONE = 0;
const MEMO_PLAIN = 1;
const MEMO_SEALED = 2;

// Domain tags: a signature or stamp made for one purpose can never serve another.
const SIGNATURE_DOMAIN = utf8('tabchain transaction 1\n');
const STAMP_DOMAIN = utf8('tabchain stamp 1\n');

export type Memo =
  | { readonly kind: 'none' }
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'sealed'; readonly ciphertext: Uint8Array };

export interface TransferBody {
  readonly kind: 'transfer';
  /** First four bytes of the network id: names another network's transaction without trying its signature. */
  readonly networkTag: number;
  readonly sender: Address;
  readonly recipient: Address;
  /** Smallest units. */
  readonly amount: number;
  readonly fee: number;
  readonly nonce: number;
  readonly memo: Memo;
}

export interface RegistrationBody {
  readonly kind: 'registration';
  readonly networkTag: number;
  readonly name: string;
  readonly signingModulus: Uint8Array;
  readonly encryptionModulus: Uint8Array;
}

export interface Transfer extends TransferBody {
  readonly signature: Uint8Array;
}

export interface Registration extends RegistrationBody {
  /** 20-byte nonce: SHA-256d(stampHash ‖ stamp) meets the network's stamp target. */
  readonly stamp: Uint8Array;
  readonly signature: Uint8Array;
}

export type Transaction = Transfer | Registration;

/** Decoded from (or encoded to) canonical bytes; nothing about its truth is known yet. */
export interface DecodedTransaction<T extends Transaction = Transaction> {
  readonly transaction: T;
  /** Canonical bytes. */
  readonly bytes: Uint8Array;
  /** SHA-256d of the bytes, hexadecimal. The signature is unique, so the id cannot be malleated. */
  readonly id: string;
}

export function networkTag(networkId: string): number {
  return Number.parseInt(networkId.slice(0, 8), 16);
}

function encodeMemo(writer: Writer, memo: Memo): void {
  if (memo.kind === 'none') writer.u8(MEMO_NONE);
  else if (memo.kind === 'sealed') writer.u8(MEMO_SEALED).fixed(memo.ciphertext, SEALED_MEMO_BYTES);
  else if (memo.text === '') throw emptyMemo();
  else writer.u8(MEMO_PLAIN).text8(memo.text, MAX_MEMO_BYTES);
}

function emptyMemo(): TabchainError {
  return new TabchainError('encoding-non-canonical', 'An empty memo is written as none.');
}

function decodeMemo(reader: Reader): Memo {
  const kind = reader.u8();
  if (kind === MEMO_NONE) return { kind: 'none' };
  if (kind === MEMO_SEALED) return { kind: 'sealed', ciphertext: reader.take(SEALED_MEMO_BYTES) };
  if (kind !== MEMO_PLAIN) throw new TabchainError('encoding-non-canonical', 'An unknown kind of memo.', { kind });
  const text = reader.text8(MAX_MEMO_BYTES);
  if (text === '') throw emptyMemo();
  return { kind: 'plain', text };
}

function encodeBody(writer: Writer, body: TransferBody | RegistrationBody): Writer {
  if (body.kind === 'transfer') {
    writer.u8(KIND_TRANSFER).u32(body.networkTag);
    writer.fixed(fromHex(body.sender), ADDRESS_BYTES).fixed(fromHex(body.recipient), ADDRESS_BYTES);
    writer.u53(body.amount).u53(body.fee).u32(body.nonce);
    encodeMemo(writer, body.memo);
    return writer;
  }
  writer.u8(KIND_REGISTRATION).u32(body.networkTag).text8(body.name, MAX_NAME_BYTES);
  return writer.fixed(body.signingModulus, MODULUS_BYTES).fixed(body.encryptionModulus, MODULUS_BYTES);
}

/** What a signature covers: domain ‖ whole network id ‖ canonical bytes without the signature (a registration's stamp included). */
export function signedMessage(networkId: string, transaction: TransferBody | Omit<Registration, 'signature'>): Uint8Array {
  const body = encodeBody(new Writer(), transaction);
  if (transaction.kind === 'registration') body.fixed(transaction.stamp, STAMP_BYTES);
  return concatBytes(SIGNATURE_DOMAIN, fromHex(networkId), body.finish());
}

/** The same of a complete transaction, from its bytes. */
export function signedMessageOf(networkId: string, { bytes }: DecodedTransaction): Uint8Array {
  return concatBytes(SIGNATURE_DOMAIN, fromHex(networkId), bytes.subarray(0, bytes.length - SIGNATURE_BYTES));
}

/** Hash under a registration's stamp: plays the header hash's part in the seal function (see `sealDigest`). */
export function stampHash(networkId: string, body: RegistrationBody): Uint8Array {
  return sha256(STAMP_DOMAIN, fromHex(networkId), encodeBody(new Writer(1024), body).finish());
}

/**
 * Canonical bytes and id of a complete transaction.
 * @throws TabchainError `encoding-*` for a text that could not be read back
 */
export function encodeTransaction<T extends Transaction>(transaction: T): DecodedTransaction<T> {
  const writer = encodeBody(new Writer(), transaction);
  if (transaction.kind === 'registration') writer.fixed(transaction.stamp, STAMP_BYTES);
  const bytes = writer.fixed(transaction.signature, SIGNATURE_BYTES).finish();
  return { transaction, bytes, id: toHex(sha256d(bytes)) };
}

/**
 * Decodes exactly one transaction.
 * @throws TabchainError `encoding-*`
 */
export function decodeTransaction(bytes: Uint8Array): DecodedTransaction {
  if (bytes.length > MAX_TRANSACTION_BYTES) {
    throw new TabchainError('encoding-too-long', 'A transaction is longer than any can be.', { length: bytes.length });
  }
  const reader = new Reader(bytes);
  const decoded = readTransaction(reader);
  reader.end();
  return decoded;
}

/** Reads the next transaction of a longer encoding. */
export function readTransaction(reader: Reader): DecodedTransaction {
  const start = reader.offset;
  const transaction = readFields(reader);
  const bytes = copyOf(reader.bytes.subarray(start, reader.offset));
  return { transaction, bytes, id: toHex(sha256d(bytes)) };
}

/** Goes on behind the next transaction of a canonical encoding, without decoding it. */
export function skipTransaction(reader: Reader): void {
  if (reader.u8() === KIND_TRANSFER) {
    // Tag, addresses, amount, fee, nonce.
    reader.view(4 + 2 * ADDRESS_BYTES + 8 + 8 + 4);
    const memo = reader.u8();
    if (memo !== MEMO_NONE) reader.view(memo === MEMO_SEALED ? SEALED_MEMO_BYTES : reader.u8());
  } else {
    reader.view(4);
    reader.view(reader.u8());
    reader.view(2 * MODULUS_BYTES + STAMP_BYTES);
  }
  reader.view(SIGNATURE_BYTES);
}

function readFields(reader: Reader): Transaction {
  const kind = reader.u8();
  const tag = reader.u32();
  if (kind === KIND_TRANSFER) {
    return {
      kind: 'transfer',
      networkTag: tag,
      sender: toHex(reader.view(ADDRESS_BYTES)),
      recipient: toHex(reader.view(ADDRESS_BYTES)),
      amount: reader.u53(),
      fee: reader.u53(),
      nonce: reader.u32(),
      memo: decodeMemo(reader),
      signature: reader.take(SIGNATURE_BYTES),
    };
  }
  if (kind !== KIND_REGISTRATION) throw new TabchainError('encoding-non-canonical', 'An unknown kind of transaction.', { kind });
  return {
    kind: 'registration',
    networkTag: tag,
    name: reader.text8(MAX_NAME_BYTES),
    signingModulus: reader.take(MODULUS_BYTES),
    encryptionModulus: reader.take(MODULUS_BYTES),
    stamp: reader.take(STAMP_BYTES),
    signature: reader.take(SIGNATURE_BYTES),
  };
}

/** The account that a transaction speaks for. */
export function senderOf(transaction: Transaction): Address {
  return transaction.kind === 'transfer' ? transaction.sender : addressOfModulus(transaction.signingModulus);
}
