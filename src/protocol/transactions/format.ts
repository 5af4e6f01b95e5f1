import type { Address } from '../../crypto/address.ts';
import type { Reader, Writer } from '../codec.ts';
import type { AccountRegistration } from '../state-root.ts';

/** RSA-2048: every modulus and signature. */
export const MODULUS_BYTES = 256;
export const SIGNATURE_BYTES = 256;
/** Every transaction begins with its kind (1 byte) and the network tag (4 bytes). */
export const PREFIX_BYTES = 5;

/** Fields of every transaction. */
export interface TransactionFields {
  readonly kind: string;
  /** First four bytes of the network id: identifies another network's transaction without checking its signature. */
  readonly networkTag: number;
  readonly signature: Uint8Array;
}

/**
 * The encoding of one kind of transaction, and the properties of a transaction that other layers ask for.
 * Every encoding is kind `u8` ‖ networkTag `u32` ‖ the kind's own fields ‖ signature.
 */
export interface TransactionFormat<T extends TransactionFields> {
  /** First byte of the encoding. */
  readonly code: number;
  /** Length of the shortest encoding. */
  readonly minBytes: number;
  /** Writes the kind's own fields. @throws TabchainError `encoding-*` for a text that `read` would refuse */
  write(writer: Writer, transaction: Omit<T, 'signature'>): void;
  /** Reads the kind's own fields and the signature. @throws TabchainError `encoding-*` */
  read(reader: Reader, networkTag: number): T;
  /** Moves the reader past the kind's own fields of a canonical encoding without decoding them. */
  skip(reader: Reader): void;
  /** The account that signed the transaction. */
  sender(transaction: T): Address;
  /** The account that the transaction pays, null where it pays none. */
  recipient(transaction: T): Address | null;
  /** Smallest units that the recipient receives. */
  amount(transaction: T): number;
  /** Smallest units that the block's miner receives. */
  fee(transaction: T): number;
  /** Name and keys that the transaction binds to its sender, null where it binds none. */
  registration(transaction: T): AccountRegistration | null;
}

/** Writes the first {@link PREFIX_BYTES} of an encoding. */
export function writePrefix(writer: Writer, code: number, networkTag: number): Writer {
  return writer.u8(code).u32(networkTag);
}
