/**
 * Stands for src/crypto/ed25519.ts under src/webrtc in the tests (vitest.config.ts): the same signatures by OpenSSL, because large rooms
 * make and check thousands of them.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

export const ED25519_SECRET_BYTES = 32;
export const ED25519_PUBLIC_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** The bytes before the secret in its PKCS #8, and before the key in its SubjectPublicKeyInfo (RFC 8410 §7 and §4). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** OpenSSL needs a millisecond to parse a key. */
const KEYS = new Map<string, KeyObject>();

function parsed(prefix: Buffer, bytes: Uint8Array, parse: (der: Buffer) => KeyObject): KeyObject {
  const der = Buffer.concat([prefix, bytes]);
  const id = der.toString('latin1');
  const key = KEYS.get(id) ?? parse(der);
  KEYS.set(id, key);
  return key;
}

const privateKey = (secret: Uint8Array): KeyObject =>
  parsed(PKCS8_PREFIX, secret, (key) => createPrivateKey({ key, format: 'der', type: 'pkcs8' }));

export function ed25519PublicKey(secret: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKey(secret)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(SPKI_PREFIX.length));
}

export function ed25519Sign(message: Uint8Array, secret: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, privateKey(secret)));
}

export function ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    const key = parsed(SPKI_PREFIX, publicKey, (der) => createPublicKey({ key: der, format: 'der', type: 'spki' }));
    return verify(null, message, key, signature);
  } catch {
    // Not a point of the curve.
    return false;
  }
}
