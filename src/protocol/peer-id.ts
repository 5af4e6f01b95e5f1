import { sha256 } from '../crypto/hash.ts';
import { toHex } from '../util/bytes.ts';

/** Bytes of a peer id: short enough for every message. To find another key with the same id takes about 2^64 attempts. */
export const PEER_ID_BYTES = 8;

/** Peer id of a public Ed25519 key: the first bytes of its SHA-256, as 16 hexadecimal digits. */
export function peerIdOf(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey).subarray(0, PEER_ID_BYTES));
}
