import { bigIntToBytes, bytesToBigInt, fromHex } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import { DerReader, Tag, der, derInteger } from './der.ts';
import { isModulus, MODULUS_BYTES, PUBLIC_EXPONENT } from './modulus.ts';
import { pemBlock } from './pem.ts';

/** An RSA-2048 key pair. WebCrypto, node-forge (after parsing) and OpenSSL all accept `pkcs8`. */
export interface PrivateKey {
  /** 256 bytes, big-endian: the public key, because e is always 65537. */
  readonly modulus: Uint8Array;
  /** PrivateKeyInfo (RFC 5208 §5), DER, unencrypted: a secret. */
  readonly pkcs8: Uint8Array;
}

/** The numbers of RFC 8017 §3.2, second representation. */
export interface PrivateNumbers {
  readonly n: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly dP: bigint;
  readonly dQ: bigint;
  readonly qInv: bigint;
}

const E = BigInt(PUBLIC_EXPONENT);
const E_BYTES = bigIntToBytes(E, 3);
const ZERO = Uint8Array.of(0);
/** AlgorithmIdentifier { rsaEncryption 1.2.840.113549.1.1.1, NULL } (RFC 8017 appendix A.1). */
const RSA_ALGORITHM = der(Tag.sequence, der(Tag.oid, fromHex('2a864886f70d010101')), der(Tag.null));

/** The key with these numbers, in its only DER form. */
export function privateKeyFromNumbers(numbers: PrivateNumbers): PrivateKey {
  const { n, d, p, q, dP, dQ, qInv } = numbers;
  const integers = [n, E, d, p, q, dP, dQ, qInv].map((value) => derInteger(bigIntToBytes(value, MODULUS_BYTES)));
  const rsaKey = der(Tag.sequence, derInteger(ZERO), ...integers);
  return {
    modulus: bigIntToBytes(n, MODULUS_BYTES),
    pkcs8: der(Tag.sequence, derInteger(ZERO), RSA_ALGORITHM, der(Tag.octetString, rsaKey)),
  };
}

/**
 * The numbers of a PKCS#8 key, checked against each other, so a damaged or mixed-up key is refused before it signs.
 * @throws TabchainError `key-invalid`
 */
export function numbersFromPkcs8(pkcs8: Uint8Array): PrivateNumbers {
  const numbers = parseNumbers(pkcs8);
  const { n, d, p, q, dP, dQ, qInv } = numbers;
  const consistent =
    p > 1n &&
    q > 1n &&
    p * q === n &&
    // A larger d, by multiples of the group order, would sign too, but would be a second form of the key.
    d < n &&
    (d * E) % (p - 1n) === 1n &&
    (d * E) % (q - 1n) === 1n &&
    dP === d % (p - 1n) &&
    dQ === d % (q - 1n) &&
    qInv < p &&
    (qInv * q) % p === 1n;
  if (!consistent || !isModulus(bigIntToBytes(n, MODULUS_BYTES))) throw invalid();
  return numbers;
}

/**
 * Parses, checks and re-encodes a PKCS#8 RSA-2048 key (attributes after the key are dropped).
 * @throws TabchainError `key-invalid`
 */
export function privateKeyFromPkcs8(pkcs8: Uint8Array): PrivateKey {
  return privateKeyFromNumbers(numbersFromPkcs8(pkcs8));
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1) of a modulus, DER. */
export function publicKeyDer(modulus: Uint8Array): Uint8Array {
  const rsaKey = der(Tag.sequence, derInteger(modulus), derInteger(E_BYTES));
  return der(Tag.sequence, RSA_ALGORITHM, der(Tag.bitString, ZERO, rsaKey));
}

/** PEM of {@link publicKeyDer}, as `openssl pkey -pubin` reads it. */
export function publicKeyPem(modulus: Uint8Array): string {
  return pemBlock('PUBLIC KEY', publicKeyDer(modulus));
}

function parseNumbers(pkcs8: Uint8Array): PrivateNumbers {
  try {
    const info = new DerReader(pkcs8).enter(Tag.sequence);
    expectNumber(info, 0n);
    const algorithm = info.enter(Tag.sequence);
    if (bytesToBigInt(algorithm.read(Tag.oid)) !== 0x2a864886f70d010101n) throw invalid();
    const key = info.enter(Tag.octetString).enter(Tag.sequence);
    expectNumber(key, 0n);
    const n = bytesToBigInt(key.unsigned());
    expectNumber(key, E);
    const [d, p, q, dP, dQ, qInv] = Array.from({ length: 6 }, () => bytesToBigInt(key.unsigned())) as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    key.end();
    if (n >> BigInt(8 * MODULUS_BYTES) !== 0n) throw invalid();
    return { n, d, p, q, dP, dQ, qInv };
  } catch {
    throw invalid();
  }
}

function expectNumber(reader: DerReader, expected: bigint): void {
  if (bytesToBigInt(reader.unsigned()) !== expected) throw invalid();
}

function invalid(): TabchainError {
  return new TabchainError('key-invalid', 'This is not an RSA-2048 private key with exponent 65537.');
}
