import { addressOfModulus } from '../../crypto/address.ts';
import { sha256 } from '../../crypto/hash.ts';
import { fromHex, utf8 } from '../../util/bytes.ts';
import { Writer } from '../codec.ts';
import { MODULUS_BYTES, PREFIX_BYTES, SIGNATURE_BYTES, writePrefix, type TransactionFields, type TransactionFormat } from './format.ts';

export const STAMP_BYTES = 20;
export const MAX_NAME_BYTES = 20;
/**
 * ASCII only: Unicode tables differ between browsers, and the difference would split the chain. Two characters are enough, because many
 * people's whole name is that short in pinyin ("wu", "li").
 */
export const NAME_PATTERN = /^[a-z][a-z0-9_]{1,19}$/;

/** Binds a name and two keys to the account of the signing key. */
export interface Registration extends TransactionFields {
  readonly kind: 'registration';
  readonly name: string;
  readonly signingModulus: Uint8Array;
  readonly encryptionModulus: Uint8Array;
  /** 20-byte nonce: SHA-256d(stampHash ‖ stamp) meets the network's stamp target. */
  readonly stamp: Uint8Array;
}

/** The fields that the stamp covers. */
export type RegistrationBody = Omit<Registration, 'stamp' | 'signature'>;

/** Length of a registration without the letters of its name: 794. */
export const REGISTRATION_BYTES = PREFIX_BYTES + 1 + 2 * MODULUS_BYTES + STAMP_BYTES + SIGNATURE_BYTES;

const CODE = 2;

// Domain tag: a stamp can never serve as a block's seal. The network id in `stampHash` binds the stamp to one network.
const STAMP_DOMAIN = utf8('tabchain stamp 1\n');

function writeBody(writer: Writer, { name, signingModulus, encryptionModulus }: RegistrationBody): Writer {
  return writer.text8(name, MAX_NAME_BYTES).fixed(signingModulus, MODULUS_BYTES).fixed(encryptionModulus, MODULUS_BYTES);
}

/** The hash that a registration's stamp seals: takes the place of the header hash in the seal function (`sealDigest`). */
export function stampHash(networkId: string, body: RegistrationBody): Uint8Array {
  const bytes = writeBody(writePrefix(new Writer(1024), CODE, body.networkTag), body).finish();
  return sha256(STAMP_DOMAIN, fromHex(networkId), bytes);
}

export const registrationFormat: TransactionFormat<Registration> = {
  code: CODE,
  minBytes: REGISTRATION_BYTES,
  write(writer, transaction) {
    writeBody(writer, transaction).fixed(transaction.stamp, STAMP_BYTES);
  },
  read: (reader, networkTag) => ({
    kind: 'registration',
    networkTag,
    name: reader.text8(MAX_NAME_BYTES),
    signingModulus: reader.take(MODULUS_BYTES),
    encryptionModulus: reader.take(MODULUS_BYTES),
    stamp: reader.take(STAMP_BYTES),
    signature: reader.take(SIGNATURE_BYTES),
  }),
  skip(reader) {
    reader.view(reader.u8());
    reader.view(2 * MODULUS_BYTES + STAMP_BYTES);
  },
  sender: ({ signingModulus }) => addressOfModulus(signingModulus),
  recipient: () => null,
  amount: () => 0,
  fee: () => 0,
  registration: (transaction) => transaction,
};
