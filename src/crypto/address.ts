import { bech32m } from '@scure/base';
import { fromHex, toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { sha256, sha256d } from './hash.ts';

/** Human-readable part of every address (BIP-350). */
export const ADDRESS_PREFIX = 'tab';
export const ADDRESS_BYTES = 20;
/** "tab" + separator + 32 data characters + 6 checksum characters. */
const ADDRESS_TEXT_LENGTH = 42;

/**
 * An address inside the node: 40 lower-case hexadecimal digits. Text order equals byte order, so an address is both a map key
 * and a sort key. Users see {@link addressText}.
 */
export type Address = string;

/** The address of an account: the first 20 bytes of SHA-256d of its signing modulus. */
export function addressOfModulus(modulus: Uint8Array): Address {
  return toHex(sha256d(modulus).subarray(0, ADDRESS_BYTES));
}

/** Bech32m text (BIP-350), e.g. "tab1…". */
export function addressText(address: Address): string {
  return bech32m.encode(ADDRESS_PREFIX, bech32m.toWords(fromHex(address)));
}

/**
 * Parses bech32m text: exactly this prefix, 20 bytes, one case.
 * @throws TabchainError `address-invalid`
 */
export function parseAddress(text: string): Address {
  const invalid = (): TabchainError =>
    new TabchainError('address-invalid', `This is not an address: it must start with "${ADDRESS_PREFIX}1" and be copied whole.`);
  if (text.length !== ADDRESS_TEXT_LENGTH) throw invalid();
  const decoded = bech32m.decodeUnsafe(text as `${string}1${string}`);
  if (!decoded || decoded.prefix !== ADDRESS_PREFIX) throw invalid();
  const bytes = bech32m.fromWordsUnsafe(decoded.words);
  if (!bytes || bytes.length !== ADDRESS_BYTES) throw invalid();
  return toHex(bytes);
}

/** Four groups of four hexadecimal digits, short enough for two people to compare aloud. */
export function addressFingerprint(address: Address): string {
  const digest = toHex(sha256(fromHex(address)).subarray(0, 8));
  return digest.replace(/.{4}(?=.)/g, '$& ');
}
