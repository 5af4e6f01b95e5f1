/**
 * Stands for src/crypto/ed25519.ts in the rooms. Keys are real, and so are the signatures for servers, which OpenSSL verifies. The signature
 * of a signal to another tab is a hash of the secret and the message. To verify such a signature, this module computes the hash again,
 * because it knows the secret of every tab. A tab signs only with its own secret, as with Ed25519, at a tenth of the cost.
 */
import { createHash } from 'node:crypto';
import * as openssl from '../../unit/webrtc/openssl-ed25519.ts';

export { ED25519_PUBLIC_BYTES, ED25519_SECRET_BYTES, ED25519_SIGNATURE_BYTES } from '../../unit/webrtc/openssl-ed25519.ts';

/** How the statement of a join begins (src/protocol/signaling.ts). */
const FOR_SERVERS = Buffer.from('tabchain join ');

/** The keys of page.ts: public keys by secret, and secrets by public key. */
const PUBLIC_KEYS = new Map<string, Uint8Array>();
const SECRETS = new Map<string, Uint8Array>();

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

function publicKeyOf(secret: Uint8Array): Uint8Array {
  const id = text(secret);
  let publicKey = PUBLIC_KEYS.get(id);
  if (!publicKey) {
    publicKey = openssl.ed25519PublicKey(secret);
    PUBLIC_KEYS.set(id, publicKey);
    SECRETS.set(text(publicKey), new Uint8Array(secret));
  }
  return publicKey;
}

const quickSignature = (message: Uint8Array, secret: Uint8Array): Buffer => createHash('sha512').update(secret).update(message).digest();

export function ed25519PublicKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(publicKeyOf(secret));
}

export function ed25519Sign(message: Uint8Array, secret: Uint8Array): Uint8Array {
  const isForServer = FOR_SERVERS.equals(message.subarray(0, FOR_SERVERS.length));
  return isForServer ? openssl.ed25519Sign(message, secret) : new Uint8Array(quickSignature(message, secret));
}

export function ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  const secret = SECRETS.get(text(publicKey));
  return secret !== undefined && quickSignature(message, secret).equals(signature);
}
