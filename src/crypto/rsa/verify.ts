import { bytesToBigInt, concatBytes, fromHex } from '../../util/bytes.ts';
import { sha256 } from '../hash.ts';
import { isModulus, MODULUS_BYTES } from './modulus.ts';

/** DER of DigestInfo { SHA-256 with NULL parameters, OCTET STRING of 32 bytes } before the digest (RFC 8017 §9.2 note 1). */
const DIGEST_INFO_PREFIX = fromHex('3031300d060960864801650304020105000420');
const PADDING_BYTES = MODULUS_BYTES - 3 - DIGEST_INFO_PREFIX.length - 32;
/** 00 01 FF…FF 00 and the DigestInfo prefix: everything before the digest. */
const ENCODING_PREFIX = concatBytes(Uint8Array.of(0, 1), new Uint8Array(PADDING_BYTES).fill(0xff), Uint8Array.of(0), DIGEST_INFO_PREFIX);
/** 65537 = 2^16 + 1: sixteen squarings and one multiplication. */
const SQUARINGS = 16;

/** EMSA-PKCS1-v1_5 with SHA-256 of `message` (RFC 8017 §9.2): 256 bytes. */
export function encodePkcs1(message: Uint8Array): Uint8Array {
  return concatBytes(ENCODING_PREFIX, sha256(message));
}

/** `base`^65537 mod `modulus`. */
export function publicPower(base: bigint, modulus: bigint): bigint {
  let power = base;
  for (let i = 0; i < SQUARINGS; i++) power = (power * power) % modulus;
  return (power * base) % modulus;
}

/**
 * The consensus rule for signatures, encode-then-compare (RFC 8017 §8.2.2): 256 bytes, s < n, and s^65537 mod n equal to the one
 * encoding of the message. Nothing is parsed, so nothing can be parsed differently in another tab.
 */
export function verifyPkcs1(modulus: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!isModulus(modulus) || signature.length !== MODULUS_BYTES) return false;
  const n = bytesToBigInt(modulus);
  const s = bytesToBigInt(signature);
  return s < n && publicPower(s, n) === bytesToBigInt(encodePkcs1(message));
}
