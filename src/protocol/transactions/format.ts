import type { Address } from '../../crypto/address.ts';
import type { Reader, Writer } from '../codec.ts';
import type { AccountRegistration } from '../state-root.ts';

/** RSA-2048: every modulus and signature. */
export const MODULUS_BYTES = 256;
export const SIGNATURE_BYTES = 256;
/** Kind and network tag, with which every transaction begins. */
export const PREFIX_BYTES = 5;

/** Fields of every transaction. */
export interface TransactionFields {
  readonly kind: string;
  /** First four bytes of the network id: names another network's transaction without trying its signature. */
  readonly networkTag: number;
  readonly signature: Uint8Array;
}

/**
 * One kind of transaction: its encoding, and the answers to all questions that other layers ask of any transaction.
 * Every encoding is kind `u8` ‖ networkTag `u32` ‖ the kind's own fields ‖ signature.
 */
export interface TransactionFormat<T extends TransactionFields> {
  /** First byte of the encoding. */
  readonly code: number;
  /** Length of the shortest encoding. */
  readonly minBytes: number;
  /** Writes the kind's own fields. @throws TabchainError `encoding-*` for a text that could not be read back */
  write(writer: Writer, transaction: Omit<T, 'signature'>): void;
  /** Reads the kind's own fields and the signature. @throws TabchainError `encoding-*` */
  read(reader: Reader, networkTag: number): T;
  /** Goes on behind the kind's own fields of a canonical encoding, without decoding them. */
  skip(reader: Reader): void;
  /** The account that signed it. */
  sender(transaction: T): Address;
  /** The account that it pays, null where it pays none. */
  recipient(transaction: T): Address | null;
  /** What the recipient receives, smallest units. */
  amount(transaction: T): number;
  /** What the block's miner receives, smallest units. */
  fee(transaction: T): number;
  /** Name and keys that it binds to its sender, null where it binds none. */
  registration(transaction: T): AccountRegistration | null;
}

/** Begins an encoding. */
export function writePrefix(writer: Writer, code: number, networkTag: number): Writer {
  return writer.u8(code).u32(networkTag);
}
