import { sha256 } from './hash.ts';

// RFC 6962 §2.1: leaves and inner nodes are hashed with different prefixes, so neither can pose as the other.
// An odd node is carried up instead of doubled, so CVE-2012-2459 (two lists, one root) is impossible.
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Hash of one leaf: SHA-256(0x00 ‖ data). */
export function merkleLeaf(data: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, data);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function merkleNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIX, left, right);
}

/** Merkle tree hash (RFC 6962 §2.1) of the leaves' data in order; SHA-256("") without leaves. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  let level = leaves.map(merkleLeaf);
  // Pairing from the left and carrying an odd node up gives RFC 6962's split at the largest power of two.
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(merkleNode(level[i]!, level[i + 1]!));
    if (level.length % 2 === 1) next.push(level[level.length - 1]!);
    level = next;
  }
  return level[0]!;
}
