import { createHash, createPublicKey, verify } from 'node:crypto';
import { joinStatement, type JoinMessage } from '../src/protocol/signaling.ts';

/** The bytes before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether the tab owns the peer id of its `join`: the id is the hash of the key, and the key has signed this connection's nonce. */
export function provesIdentity({ room, peer, key, signature }: JoinMessage, nonce: string): boolean {
  const raw = Buffer.from(key, 'hex');
  if (createHash('sha256').update(raw).digest('hex').slice(0, peer.length) !== peer) return false;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
    return verify(null, joinStatement(nonce, room, peer), publicKey, Buffer.from(signature, 'hex'));
  } catch {
    // Not a point of the curve.
    return false;
  }
}
