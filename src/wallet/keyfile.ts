import { addressOfModulus, addressText, type Address } from '../crypto/address.ts';
import { sha256 } from '../crypto/hash.ts';
import { pemBlock, pemBlocks } from '../crypto/rsa/pem.ts';
import { privateKeyFromPkcs8, type PrivateKey } from '../crypto/rsa/private-key.ts';
import type { RsaEnv } from '../crypto/rsa/subtle.ts';
import { equalBytes, toHex } from '../util/bytes.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import type { AccountKeys } from './account-keys.ts';
import { assertPassphrase, MAX_PASSPHRASE_CHARACTERS, passphraseBytes } from './passphrase.ts';
import { MAX_READINGS, passphraseReadings } from './passphrase-readings.ts';
import {
  AES_BLOCK_BYTES,
  aesDecrypt,
  aesEncrypt,
  decodeEncryptedKey,
  deriveKey,
  encodeEncryptedKey,
  type EncryptedKey,
  type KeyDerivation,
} from './pbes2.ts';

/** The contents of a key file. */
export interface KeyFileContents extends AccountKeys {
  /** Null if unknown. */
  readonly name: string | null;
  /** The network on which the name was registered; null if unknown. The keys themselves belong to no network. */
  readonly networkId: string | null;
  /** The whole link of that network's page, for a user who finds the file a year later. */
  readonly link?: string | null;
}

/** A decrypted key file. Only the keys and their address are proven; the file's writer may have chosen any name and network. */
export interface OpenedKeyFile extends AccountKeys {
  readonly address: Address;
  readonly name: string | null;
  readonly networkId: string | null;
  /** Lower than {@link KEY_FILE_ITERATIONS} in a file of another program: encrypt the keys again before keeping them. */
  readonly iterations: number;
}

/** OWASP's figure for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet, 2023). */
export const KEY_FILE_ITERATIONS = 600_000;
/** Two blocks of about 2.5 KB and a preamble; the limit is sixteen times as much, for comments of other programs. */
export const MAX_KEY_FILE_CHARACTERS = 65_536;

const LABEL = 'ENCRYPTED PRIVATE KEY';
const SALT_BYTES = 16;
/** Enough to tell a damaged file from a wrong passphrase; protects against accidents, not against attackers. */
const CHECK_BYTES = 8;

/**
 * The key file: a preamble for people, then the signing and the encryption key as two PEM blocks of encrypted PKCS#8 (RFC 5958).
 * `openssl pkey -in FILE` skips the preamble and opens the first block. Both share one derivation (one salt, two IVs): a guess costs the
 * same, and an owner without WebCrypto waits only once.
 * @throws TabchainError `passphrase-too-short`, `passphrase-too-long`
 */
export async function encryptKeyFile(
  contents: KeyFileContents,
  passphrase: string,
  env: RsaEnv,
  iterations = KEY_FILE_ITERATIONS,
): Promise<string> {
  assertPassphrase(passphrase);
  const derivation: KeyDerivation = { salt: env.random.bytes(SALT_BYTES), iterations };
  const key = await deriveKey(passphraseBytes(passphrase), derivation, env.subtle);
  const blocks: Uint8Array[] = [];
  for (const { pkcs8 } of [contents.signing, contents.encryption]) {
    const iv = env.random.bytes(AES_BLOCK_BYTES);
    blocks.push(encodeEncryptedKey({ ...derivation, iv, ciphertext: await aesEncrypt(key, iv, pkcs8, env.subtle) }));
  }
  const { name, networkId, link = null } = contents;
  const address = addressText(addressOfModulus(contents.signing.modulus));
  return preamble({ name, address, networkId, link, check: checkOf(blocks) }) + blocks.map((block) => pemBlock(LABEL, block)).join('');
}

/**
 * Opens a key file of this project, or of another tool in the same form.
 * @throws TabchainError `key-file-invalid`, `passphrase-wrong`
 */
export async function decryptKeyFile(pem: string, passphrase: string, subtle: SubtleCrypto | null): Promise<OpenedKeyFile> {
  const [signingBlock, encryptionBlock] = readBlocks(pem);
  const bytes = passphraseBytes(passphrase);
  if (bytes.length === 0 || passphrase.length > 2 * MAX_PASSPHRASE_CHARACTERS) throw wrongPassphrase();
  const key = await deriveKey(bytes, signingBlock, subtle);
  const signing = await openBlock(signingBlock, key, subtle, wrongPassphrase);
  const secondKey = isShared(signingBlock, encryptionBlock) ? key : await deriveKey(bytes, encryptionBlock, subtle);
  // The passphrase opened the first block, so a failure now means an invalid file.
  const encryption = await openBlock(encryptionBlock, secondKey, subtle, invalid);
  const address = addressOfModulus(signing.modulus);
  const claimed = field(pem, 'Address');
  if (claimed !== null && claimed !== addressText(address)) throw invalid();
  const iterations = Math.min(signingBlock.iterations, encryptionBlock.iterations);
  return { signing, encryption, address, name: field(pem, 'Name'), networkId: field(pem, 'Network'), iterations };
}

/**
 * {@link decryptKeyFile}, also for a passphrase that another keyboard typed in other characters: see {@link passphraseReadings}. Each
 * reading costs a derivation, so a file with expensive derivations gets fewer readings. Returns the `passphrase` that opened the file.
 * @throws TabchainError `key-file-invalid`, `passphrase-wrong`
 */
export async function openKeyFile(
  pem: string,
  typed: string,
  subtle: SubtleCrypto | null,
): Promise<OpenedKeyFile & { readonly passphrase: string }> {
  const readings = Math.max(1, Math.floor((MAX_READINGS * KEY_FILE_ITERATIONS) / keyFileIterations(pem)));
  for (const passphrase of passphraseReadings(typed).slice(0, readings)) {
    try {
      return { ...(await decryptKeyFile(pem, passphrase, subtle)), passphrase };
    } catch (error) {
      if (errorCode(error) !== 'passphrase-wrong') throw error;
    }
  }
  throw wrongPassphrase();
}

/**
 * Rounds of PBKDF2 that opening a key file takes.
 * @throws TabchainError `key-file-invalid`
 */
export function keyFileIterations(pem: string): number {
  const [signing, encryption] = readBlocks(pem);
  return signing.iterations + (isShared(signing, encryption) ? 0 : encryption.iterations);
}

function isShared(a: EncryptedKey, b: EncryptedKey): boolean {
  return equalBytes(a.salt, b.salt) && a.iterations === b.iterations;
}

/**
 * The same keys under another preamble: one file may be opened on several networks, under several names.
 * @throws TabchainError `key-file-invalid`
 */
export function relabelKeyFile(pem: string, label: Omit<KeyFileLabel, 'check'>): string {
  const start = pem.indexOf('-----BEGIN');
  if (start < 0) throw invalid();
  return preamble({ ...label, check: field(pem, 'Check') }) + pem.slice(start);
}

/** The link in a key file; null if missing. The file's writer may have put any address there, so trust only its fragment. */
export function keyFileLink(pem: string): string | null {
  return field(pem, 'Link');
}

/** The preamble's fields, readable without the passphrase. They prove nothing. */
export function describeKeyFile(pem: string): { name: string | null; address: string | null; networkId: string | null } {
  return { name: field(pem, 'Name'), address: field(pem, 'Address'), networkId: field(pem, 'Network') };
}

/** The preamble's lines. */
export interface KeyFileLabel {
  readonly name: string | null;
  /** Bech32m text. */
  readonly address: string;
  readonly networkId: string | null;
  readonly link: string | null;
  /** Checksum over the blocks; null if missing. */
  readonly check: string | null;
}

function preamble({ name, address, networkId, link, check }: KeyFileLabel): string {
  const label = link === null ? null : (/[#&]net=([a-z0-9-]+)/.exec(link)?.[1] ?? null);
  const lines = { Name: name, Address: address, Network: networkId, Label: label, Link: link, Check: check };
  return [
    'Tabchain key file',
    '',
    ...Object.entries(lines).flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}`])),
    '',
    'This file and your passphrase together are your account. Keep both, apart, and give neither away:',
    'nobody can restore them. The first key signs payments, the second opens sealed memos. To look inside:',
    '  openssl pkey -in THIS_FILE -noout -text',
    '',
    '',
  ].join('\n');
}

/** A line "Label: value" of the preamble; null when absent. Values are one word of at most 300 characters. */
function field(pem: string, label: string): string | null {
  const text = pem.slice(0, Math.max(0, pem.indexOf('-----BEGIN')));
  return new RegExp(`^${label}: (\\S{1,300})\\s*$`, 'm').exec(text)?.[1] ?? null;
}

function checkOf(blocks: readonly Uint8Array[]): string {
  return toHex(sha256(...blocks).subarray(0, CHECK_BYTES));
}

function readBlocks(pem: string): [EncryptedKey, EncryptedKey] {
  if (pem.length > MAX_KEY_FILE_CHARACTERS) throw invalid();
  let blocks: Uint8Array[];
  try {
    blocks = pemBlocks(LABEL, pem);
  } catch {
    throw invalid();
  }
  const [first, second] = blocks;
  if (!first || !second || blocks.length !== 2) throw invalid();
  const check = field(pem, 'Check');
  if (check !== null && check !== checkOf(blocks)) throw invalid();
  return [decodeEncryptedKey(first), decodeEncryptedKey(second)];
}

async function openBlock(
  block: EncryptedKey,
  key: Uint8Array,
  subtle: SubtleCrypto | null,
  failure: () => TabchainError,
): Promise<PrivateKey> {
  try {
    return privateKeyFromPkcs8(await aesDecrypt(key, block.iv, block.ciphertext, subtle));
  } catch {
    throw failure();
  }
}

function wrongPassphrase(): TabchainError {
  return new TabchainError('passphrase-wrong', 'The passphrase does not open this key.');
}

function invalid(): TabchainError {
  return new TabchainError('key-file-invalid', 'This is not a whole Tabchain key file: it is damaged or of another kind.');
}
