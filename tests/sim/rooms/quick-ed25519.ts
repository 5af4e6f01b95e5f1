/**
 * Stands for src/crypto/ed25519.ts in the rooms. Keys are real, and so are the signatures for servers, which OpenSSL verifies. The signature
 * of a signal to another tab is a hash of the secret and the message. To verify such a signature, this module computes the hash again,
 * because it knows the secret of every tab. A tab signs only with its own secret, as with Ed25519, at a tenth of the cost.
 */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

export const ED25519_SECRET_BYTES = 32;
export const ED25519_PUBLIC_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** The bytes before the secret in its PKCS #8, and before the key in its SubjectPublicKeyInfo (RFC 8410 §7 and §4). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX_BYTES = 12;

/** How the statement of a join begins (src/protocol/signaling.ts). */
const FOR_SERVERS = Buffer.from('tabchain join ');

interface TabKey {
  readonly secret: Uint8Array;
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
}

/** The keys of page.ts, by secret and by public key. OpenSSL needs a millisecond to parse a new key. */
const BY_SECRET = new Map<string, TabKey>();
const BY_PUBLIC_KEY = new Map<string, TabKey>();

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

function tabKey(secret: Uint8Array): TabKey {
  const id = text(secret);
  let entry = BY_SECRET.get(id);
  if (!entry) {
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    entry = { secret: new Uint8Array(secret), key, publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX_BYTES)) };
    BY_SECRET.set(id, entry);
    BY_PUBLIC_KEY.set(text(entry.publicKey), entry);
  }
  return entry;
}

const quickSignature = (message: Uint8Array, secret: Uint8Array): Buffer => createHash('sha512').update(secret).update(message).digest();

export function ed25519PublicKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(tabKey(secret).publicKey);
}

export function ed25519Sign(message: Uint8Array, secret: Uint8Array): Uint8Array {
  const isForServer = FOR_SERVERS.equals(message.subarray(0, FOR_SERVERS.length));
  return new Uint8Array(isForServer ? sign(null, message, tabKey(secret).key) : quickSignature(message, secret));
}

export function ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  const secret = BY_PUBLIC_KEY.get(text(publicKey))?.secret;
  return secret !== undefined && quickSignature(message, secret).equals(signature);
}
