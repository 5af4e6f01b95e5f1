import { getPublicKey, hashes, sign, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

// The library brings no hash of its own, and WebCrypto is missing on plain http.
hashes.sha512 = sha512;

export const ED25519_SECRET_BYTES = 32;
export const ED25519_PUBLIC_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** Public key of a secret of 32 random bytes (RFC 8032 §5.1.5). */
export function ed25519PublicKey(secret: Uint8Array): Uint8Array {
  return getPublicKey(secret);
}

/** Signature of `message` (RFC 8032 §5.1.6); about one millisecond. */
export function ed25519Sign(message: Uint8Array, secret: Uint8Array): Uint8Array {
  return sign(message, secret);
}

/** Whether the owner of `publicKey` signed `message` (RFC 8032 §5.1.7, keys of small order refused); about two milliseconds. Never throws. */
export function ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
