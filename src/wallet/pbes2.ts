/** PBES2 (RFC 8018 §6.2) with PBKDF2-HMAC-SHA256 and AES-256-CBC, as `openssl pkcs8 -topk8 -v2 aes-256-cbc` writes. */
import { pbkdf2Sha256 } from '../crypto/hash.ts';
import { DerReader, Tag, der, derInteger } from '../crypto/rsa/der.ts';
import { unshared } from '../crypto/rsa/subtle.ts';
import { bigIntToBytes, bytesToBigInt, equalBytes, fromHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/** Parameters of the key derivation, the cost of one guess. */
export interface KeyDerivation {
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** EncryptedPrivateKeyInfo (RFC 5958 §3), decoded. */
export interface EncryptedKey extends KeyDerivation {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export const AES_BLOCK_BYTES = 16;
const AES_KEY_BYTES = 32;
/** RFC 8018 §4.1 requires at least eight; openssl 3 writes 8 or 16. */
const MIN_SALT_BYTES = 8;
const MAX_SALT_BYTES = 64;
/** For files of other programs: fewer rounds were never a sensible choice. Not higher, because a refused file is a lost account. */
const MIN_ITERATIONS = 1_000;
/** A crafted file must not block the thread for more than about half a minute without WebCrypto. */
const MAX_ITERATIONS = 10_000_000;

const OID_PBES2 = fromHex('2a864886f70d01050d');
const OID_PBKDF2 = fromHex('2a864886f70d01050c');
const OID_HMAC_SHA256 = fromHex('2a864886f70d0209');
const OID_AES_256_CBC = fromHex('60864801650304012a');

/** DER of an encrypted key. */
export function encodeEncryptedKey(key: EncryptedKey): Uint8Array {
  const prf = der(Tag.sequence, der(Tag.oid, OID_HMAC_SHA256), der(Tag.null));
  const iterations = derInteger(bigIntToBytes(BigInt(key.iterations), 4));
  const derivation = der(Tag.sequence, der(Tag.oid, OID_PBKDF2), der(Tag.sequence, der(Tag.octetString, key.salt), iterations, prf));
  const cipher = der(Tag.sequence, der(Tag.oid, OID_AES_256_CBC), der(Tag.octetString, key.iv));
  const algorithm = der(Tag.sequence, der(Tag.oid, OID_PBES2), der(Tag.sequence, derivation, cipher));
  return der(Tag.sequence, algorithm, der(Tag.octetString, key.ciphertext));
}

/**
 * The inverse of {@link encodeEncryptedKey}, bounds checked.
 * @throws TabchainError `key-file-invalid`, also for other algorithms
 */
export function decodeEncryptedKey(bytes: Uint8Array): EncryptedKey {
  try {
    const outer = new DerReader(bytes);
    const info = outer.enter(Tag.sequence);
    outer.end();
    const algorithm = info.enter(Tag.sequence);
    expectOid(algorithm, OID_PBES2);
    const parameters = algorithm.enter(Tag.sequence);
    const derivation = decodeDerivation(parameters.enter(Tag.sequence));
    const cipher = parameters.enter(Tag.sequence);
    expectOid(cipher, OID_AES_256_CBC);
    const iv = cipher.read(Tag.octetString);
    const ciphertext = info.read(Tag.octetString);
    info.end();
    if (iv.length !== AES_BLOCK_BYTES || ciphertext.length === 0 || ciphertext.length % AES_BLOCK_BYTES !== 0) throw invalid();
    return { ...derivation, iv, ciphertext };
  } catch {
    throw invalid();
  }
}

/** Derives an AES-256 key by PBKDF2-HMAC-SHA256 (RFC 8018 §5.2): 0.15 s with WebCrypto or 1 to 2 s without, for 600,000 iterations. */
export async function deriveKey(passphrase: Uint8Array, derivation: KeyDerivation, subtle: SubtleCrypto | null): Promise<Uint8Array> {
  const { salt, iterations } = derivation;
  if (!subtle) return pbkdf2Sha256(passphrase, salt, iterations);
  const base = await subtle.importKey('raw', unshared(passphrase), 'PBKDF2', false, ['deriveBits']);
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: unshared(salt), iterations };
  return new Uint8Array(await subtle.deriveBits(algorithm, base, 8 * AES_KEY_BYTES));
}

/** AES-256-CBC with PKCS#7 padding. */
export async function aesEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array, subtle: SubtleCrypto | null): Promise<Uint8Array> {
  if (!subtle) return (await import('../crypto/rsa/forge.ts')).forgeAesCbcEncrypt(key, iv, plaintext);
  const imported = await subtle.importKey('raw', unshared(key), 'AES-CBC', false, ['encrypt']);
  return new Uint8Array(await subtle.encrypt({ name: 'AES-CBC', iv: unshared(iv) }, imported, unshared(plaintext)));
}

/** The inverse of {@link aesEncrypt}; rejects with an error of the platform if the padding is wrong. */
export async function aesDecrypt(
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
  subtle: SubtleCrypto | null,
): Promise<Uint8Array> {
  if (!subtle) return (await import('../crypto/rsa/forge.ts')).forgeAesCbcDecrypt(key, iv, ciphertext);
  const imported = await subtle.importKey('raw', unshared(key), 'AES-CBC', false, ['decrypt']);
  return new Uint8Array(await subtle.decrypt({ name: 'AES-CBC', iv: unshared(iv) }, imported, unshared(ciphertext)));
}

function decodeDerivation(reader: DerReader): KeyDerivation {
  expectOid(reader, OID_PBKDF2);
  const parameters = reader.enter(Tag.sequence);
  const salt = parameters.read(Tag.octetString);
  const iterations = Number(bytesToBigInt(parameters.unsigned()));
  if (parameters.nextTag === Tag.integer && bytesToBigInt(parameters.unsigned()) !== BigInt(AES_KEY_BYTES)) throw invalid();
  // Without this field the standard's default would apply: HMAC-SHA1, which is refused.
  expectOid(parameters.enter(Tag.sequence), OID_HMAC_SHA256);
  if (salt.length < MIN_SALT_BYTES || salt.length > MAX_SALT_BYTES) throw invalid();
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) throw invalid();
  return { salt, iterations };
}

function expectOid(reader: DerReader, oid: Uint8Array): void {
  if (!equalBytes(reader.read(Tag.oid), oid)) throw invalid();
}

function invalid(): TabchainError {
  return new TabchainError('key-file-invalid', 'The key file is damaged, or encrypted in a way that is not supported.');
}
