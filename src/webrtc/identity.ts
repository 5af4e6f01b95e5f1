import { ED25519_SECRET_BYTES, ed25519PublicKey, ed25519Sign } from '../crypto/ed25519.ts';
import { peerIdOf } from '../protocol/peer-id.ts';
import type { Random } from '../util/ports.ts';

/** A tab's identity to other tabs and the signaling server, for one page load: a key, and the peer id that is its hash. */
export interface TabIdentity {
  /** 16 hexadecimal digits. */
  readonly peerId: string;
  readonly publicKey: Uint8Array;
  /** Signature of 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** A new random identity. No account is part of it, so links do not show whose tab this is. */
export function createIdentity(random: Random): TabIdentity {
  const secret = random.bytes(ED25519_SECRET_BYTES);
  const publicKey = ed25519PublicKey(secret);
  return { peerId: peerIdOf(publicKey), publicKey, sign: (message) => ed25519Sign(message, secret) };
}
