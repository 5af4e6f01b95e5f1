import type { Address } from '../crypto/address.ts';
import { sha256d } from '../crypto/hash.ts';
import { concatBytes, copyOf, fromHex, toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { Reader, Writer } from './codec.ts';
import type { AccountRegistration } from './state-root.ts';
import { SIGNATURE_BYTES, writePrefix, type TransactionFormat } from './transactions/format.ts';
import { registrationFormat, type Registration } from './transactions/registration.ts';
import { transferFormat, type Transfer } from './transactions/transfer.ts';

export type { Registration, RegistrationBody } from './transactions/registration.ts';
export type { Transfer, TransferBody } from './transactions/transfer.ts';

/** Every kind of transaction by its name. For a new kind, the compiler reports each table that lacks the kind. */
interface Kinds {
  transfer: Transfer;
  registration: Registration;
}

export type Kind = keyof Kinds;

/** A transaction of the kinds `K`. A function generic in `K` may pass it to the entry `TABLE[transaction.kind]` of any table by kind. */
export type TransactionOf<K extends Kind> = { [P in K]: Kinds[P] & { readonly kind: P } }[K];
type UnsignedOf<K extends Kind> = { [P in K]: Omit<Kinds[P], 'signature'> & { readonly kind: P } }[K];

export type Transaction = TransactionOf<Kind>;
export type UnsignedTransaction = UnsignedOf<Kind>;

type Formats = { readonly [K in Kind]: TransactionFormat<Kinds[K]> };

const FORMATS: Formats = { transfer: transferFormat, registration: registrationFormat };

const BY_CODE = new Map<number, Formats[Kind]>(Object.values(FORMATS).map((format) => [format.code, format]));

/** Upper bound of any transaction's encoding (a registration with the longest name needs 814). */
export const MAX_TRANSACTION_BYTES = 1024;
/** Lower bound (a transfer without memo has 322): bounds the count of transactions in a block. */
export const MIN_TRANSACTION_BYTES = Math.min(...Object.values(FORMATS).map(({ minBytes }) => minBytes));

// Domain tag: a signature made for one purpose can never serve another.
const SIGNATURE_DOMAIN = utf8('tabchain transaction 1\n');

/** A transaction decoded from (or encoded to) canonical bytes. No rule is checked yet. */
export interface DecodedTransaction<T extends Transaction = Transaction> {
  readonly transaction: T;
  /** Canonical bytes. */
  readonly bytes: Uint8Array;
  /** SHA-256d of the bytes, hexadecimal. Nobody can change the id of a signed transaction, because its signature is unique. */
  readonly id: string;
}

/** Whether an untrusted value is the name of a kind. */
export function isKind(word: unknown): word is Kind {
  return typeof word === 'string' && Object.hasOwn(FORMATS, word);
}

export function networkTag(networkId: string): number {
  return Number.parseInt(networkId.slice(0, 8), 16);
}

function writeUnsigned<K extends Kind>(writer: Writer, transaction: UnsignedOf<K>): Writer {
  const format = FORMATS[transaction.kind];
  format.write(writePrefix(writer, format.code, transaction.networkTag), transaction);
  return writer;
}

/** The signed bytes: domain ‖ whole network id ‖ canonical bytes without the signature (including a registration's stamp). */
export function signedMessage(networkId: string, transaction: UnsignedTransaction): Uint8Array {
  return concatBytes(SIGNATURE_DOMAIN, fromHex(networkId), writeUnsigned(new Writer(), transaction).finish());
}

/** {@link signedMessage} of a complete transaction, taken from its bytes. */
export function signedMessageOf(networkId: string, { bytes }: DecodedTransaction): Uint8Array {
  return concatBytes(SIGNATURE_DOMAIN, fromHex(networkId), bytes.subarray(0, bytes.length - SIGNATURE_BYTES));
}

/**
 * Canonical bytes and id of a complete transaction.
 * @throws TabchainError `encoding-*` for a text that decoding would refuse
 */
export function encodeTransaction<T extends Transaction>(transaction: T): DecodedTransaction<T> {
  const bytes = writeUnsigned(new Writer(), transaction).fixed(transaction.signature, SIGNATURE_BYTES).finish();
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
  const kind = reader.u8();
  const tag = reader.u32();
  const transaction = formatOf(kind).read(reader, tag);
  const bytes = copyOf(reader.bytes.subarray(start, reader.offset));
  return { transaction, bytes, id: toHex(sha256d(bytes)) };
}

/** Moves the reader past the next transaction of a canonical encoding without decoding it. */
export function skipTransaction(reader: Reader): void {
  const format = formatOf(reader.u8());
  reader.u32();
  format.skip(reader);
  reader.view(SIGNATURE_BYTES);
}

/** @throws TabchainError `encoding-non-canonical` */
function formatOf(code: number): Formats[Kind] {
  const format = BY_CODE.get(code);
  if (!format) throw new TabchainError('encoding-non-canonical', 'An unknown kind of transaction.', { kind: code });
  return format;
}

/** The account that signed a transaction. */
export function senderOf<K extends Kind>(transaction: TransactionOf<K>): Address {
  return FORMATS[transaction.kind].sender(transaction);
}

/** The account that a transaction pays, null where it pays none. */
export function recipientOf<K extends Kind>(transaction: TransactionOf<K>): Address | null {
  return FORMATS[transaction.kind].recipient(transaction);
}

/** Smallest units that the recipient receives; 0 where there is no recipient. */
export function amountOf<K extends Kind>(transaction: TransactionOf<K>): number {
  return FORMATS[transaction.kind].amount(transaction);
}

/** Smallest units that the block's miner receives. */
export function feeOf<K extends Kind>(transaction: TransactionOf<K>): number {
  return FORMATS[transaction.kind].fee(transaction);
}

/** The sum of {@link feeOf}. */
export function feesOf(transactions: readonly DecodedTransaction[]): number {
  let sum = 0;
  for (const { transaction } of transactions) sum += feeOf(transaction);
  return sum;
}

/** Name and keys that a transaction binds to its sender, null where it binds none. */
export function registrationIn<K extends Kind>(transaction: TransactionOf<K>): AccountRegistration | null {
  return FORMATS[transaction.kind].registration(transaction);
}
