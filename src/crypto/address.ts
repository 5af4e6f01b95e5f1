import { fromHex, toHex } from '../util/bytes.ts';
import { assert, TabchainError } from '../util/errors.ts';
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

// Bech32m (BIP-350), for this prefix and 20 bytes only. A node that opens reads the address of every account, and @scure/base takes four
// times as long.
const CHARACTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const WORD_BITS = 5;
const WORDS = (8 * ADDRESS_BYTES) / WORD_BITS;
const CHECKSUM_WORDS = 6;
const BECH32M = 0x2bc830a3;

/** Value of each character by its code, in both cases; 255 for other characters. */
const VALUES = new Uint8Array(128).fill(255);
[...CHARACTERS].forEach((character, value) => {
  VALUES[character.charCodeAt(0)] = value;
  VALUES[character.toUpperCase().charCodeAt(0)] = value;
});

/** What the five bits that leave the checksum add to it. */
const CARRIES = Int32Array.from({ length: 32 }, (_, leaving) =>
  [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].reduce((sum, term, bit) => ((leaving >>> bit) & 1 ? sum ^ term : sum), 0),
);

/** The checksum of 30 bits after one more word of five bits. */
function checksumAfter(checksum: number, word: number): number {
  return ((checksum & 0x1ffffff) << WORD_BITS) ^ word ^ CARRIES[checksum >>> 25]!;
}

/** The checksum after the prefix: the high bits of its letters, 0, and their low bits. */
const PREFIX_CODES = [...ADDRESS_PREFIX].map((letter) => letter.charCodeAt(0));
const PREFIX_CHECKSUM = [...PREFIX_CODES.map((code) => code >>> WORD_BITS), 0, ...PREFIX_CODES.map((code) => code & 31)].reduce(
  checksumAfter,
  1,
);

/** Bech32m text (BIP-350), e.g. "tab1…". */
export function addressText(address: Address): string {
  const bytes = fromHex(address);
  assert(bytes.length === ADDRESS_BYTES, 'An address has another length.');
  let text = `${ADDRESS_PREFIX}1`;
  let checksum = PREFIX_CHECKSUM;
  for (let i = 0; i < WORDS; i++) {
    const at = (i * WORD_BITS) >>> 3;
    const word = (((bytes[at]! << 8) | (bytes[at + 1] ?? 0)) >>> (11 - ((i * WORD_BITS) & 7))) & 31;
    checksum = checksumAfter(checksum, word);
    text += CHARACTERS[word]!;
  }
  for (let i = 0; i < CHECKSUM_WORDS; i++) checksum = checksumAfter(checksum, 0);
  checksum ^= BECH32M;
  for (let i = CHECKSUM_WORDS - 1; i >= 0; i--) text += CHARACTERS[(checksum >>> (WORD_BITS * i)) & 31]!;
  return text;
}

/**
 * Parses bech32m text: exactly this prefix, 20 bytes, one case.
 * @throws TabchainError `address-invalid`
 */
export function parseAddress(text: string): Address {
  const bytes = bytesOfText(text);
  if (bytes) return toHex(bytes);
  throw new TabchainError('address-invalid', `This is not an address: it must start with "${ADDRESS_PREFIX}1" and be copied whole.`);
}

function bytesOfText(text: string): Uint8Array | null {
  if (text.length !== ADDRESS_TEXT_LENGTH) return null;
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return null;
  if (text.slice(0, ADDRESS_PREFIX.length + 1).toLowerCase() !== `${ADDRESS_PREFIX}1`) return null;
  const bytes = new Uint8Array(ADDRESS_BYTES);
  let [checksum, bits] = [PREFIX_CHECKSUM, 0];
  for (let i = 0; i < WORDS + CHECKSUM_WORDS; i++) {
    const word = VALUES[text.charCodeAt(ADDRESS_PREFIX.length + 1 + i)] ?? 255;
    if (word > 31) return null;
    checksum = checksumAfter(checksum, word);
    // The last twelve bits: a complete byte, and at most four bits of the next byte.
    bits = ((bits << WORD_BITS) | word) & 0xfff;
    const missing = ((i + 1) * WORD_BITS) & 7;
    if (i < WORDS && missing < WORD_BITS) bytes[((i + 1) * WORD_BITS - missing) / 8 - 1] = bits >>> missing;
  }
  return checksum === BECH32M ? bytes : null;
}

/** Four groups of four hexadecimal digits, short enough for two people to compare aloud. */
export function addressFingerprint(address: Address): string {
  const digest = toHex(sha256(fromHex(address)).subarray(0, 8));
  return digest.replace(/.{4}(?=.)/g, '$& ');
}
