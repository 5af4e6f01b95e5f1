import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

// From the author of @noble/hashes, audited, without dependencies. WebCrypto has no XChaCha20, and is missing on plain http.

export const AEAD_NONCE_BYTES = 24;
/** Bytes that a sealed message has more than its plaintext. */
export const AEAD_TAG_BYTES = 16;

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): encrypts and authenticates.
 * @param key 32 bytes
 * @param nonce never used twice with one key
 * @param context authenticated, but not part of the result
 * @returns ciphertext ‖ tag
 */
export function aeadSeal(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return xchacha20poly1305(key, nonce, context).encrypt(plaintext);
}

/** The plaintext; null if key, nonce, context or bytes are not those of the sender. */
export function aeadOpen(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < AEAD_TAG_BYTES) return null;
  try {
    return xchacha20poly1305(key, nonce, context).decrypt(sealed);
  } catch {
    return null;
  }
}
