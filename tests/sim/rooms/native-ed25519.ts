/**
 * Stands for src/crypto/ed25519.ts in the rooms, with the same results: OpenSSL signs, and a signature that this process made is known to be
 * valid. The signals of a room of 120 tabs would otherwise take most of its time. All other signatures are verified by the library.
 */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { hashes, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

hashes.sha512 = sha512;

export const ED25519_SECRET_BYTES = 32;
export const ED25519_PUBLIC_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** The bytes before the secret in its PKCS #8, and before the key in its SubjectPublicKeyInfo (RFC 8410 §7 and §4). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX_BYTES = 12;

/** Both maps only save time, so they may be emptied at any moment. */
const MAX_KEYS = 10_000;
const MAX_SIGNATURES = 20_000;
const KEYS = new Map<string, { readonly key: KeyObject; readonly publicKey: Buffer }>();
/** Key and message by signature. */
const MADE = new Map<string, string>();

const text = (...parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');

function parsed(secret: Uint8Array): { readonly key: KeyObject; readonly publicKey: Buffer } {
  const id = text(secret);
  let entry = KEYS.get(id);
  if (!entry) {
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    entry = { key, publicKey: spki.subarray(SPKI_PREFIX_BYTES) };
    if (KEYS.size >= MAX_KEYS) KEYS.clear();
    KEYS.set(id, entry);
  }
  return entry;
}

export function ed25519PublicKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(parsed(secret).publicKey);
}

export function ed25519Sign(message: Uint8Array, secret: Uint8Array): Uint8Array {
  const { key, publicKey } = parsed(secret);
  const signature = new Uint8Array(sign(null, message, key));
  if (MADE.size >= MAX_SIGNATURES) MADE.clear();
  MADE.set(text(signature), text(publicKey, message));
  return signature;
}

export function ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (MADE.get(text(signature)) === text(publicKey, message)) return true;
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
