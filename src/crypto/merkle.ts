import { sha256 } from './hash.ts';

// RFC 6962 §2.1: leaves and inner nodes are hashed with different prefixes, so neither can pose as the other.
// An odd node is carried up instead of doubled, so CVE-2012-2459 (two lists, one root) is impossible.
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Hash of one leaf: SHA-256(0x00 ‖ data). @param data in one or more parts */
export function merkleLeaf(...data: readonly Uint8Array[]): Uint8Array {
  return sha256(LEAF_PREFIX, ...data);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function merkleNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIX, left, right);
}

/** Merkle tree hash (RFC 6962 §2.1) of the leaves' data in order; SHA-256("") without leaves. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  let level = leaves.map((data) => merkleLeaf(data));
  // Pairing from the left and carrying an odd node up gives RFC 6962's split at the largest power of two.
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(merkleNode(level[i]!, level[i + 1]!));
    if (level.length % 2 === 1) next.push(level[level.length - 1]!);
    level = next;
  }
  return level[0]!;
}

/** The largest power of two below `count`, which is 2 to 2^32: RFC 6962 splits a list of that many leaves there. */
export function merkleSplit(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}

/** A subtree beside the way from the root to a leaf: the leaves `from` to `to` - 1, left or right of the way. */
export interface MerkleSibling {
  readonly from: number;
  readonly to: number;
  readonly isLeft: boolean;
}

/** The subtrees beside the way to the leaf at `index` in a tree over `count` leaves, lowest first (RFC 6962 §2.1.1). */
export function merkleSiblings(index: number, count: number): MerkleSibling[] {
  const siblings: MerkleSibling[] = [];
  let [from, to] = [0, count];
  while (to - from > 1) {
    const middle = from + merkleSplit(to - from);
    const isLeft = index >= middle;
    siblings.push(isLeft ? { from, to: middle, isLeft } : { from: middle, to, isLeft });
    if (isLeft) from = middle;
    else to = middle;
  }
  return siblings.reverse();
}

/** A step of the way from a leaf to the root: the hash of the subtree beside the way, and its side. */
export interface MerkleStep {
  readonly isLeft: boolean;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** The audit path of a leaf (RFC 6962 §2.1.1), lowest first. */
export function merklePath(leaves: readonly Uint8Array[], index: number): MerkleStep[] {
  return merkleSiblings(index, leaves.length).map(({ from, to, isLeft }) => ({ isLeft, hash: merkleRoot(leaves.slice(from, to)) }));
}

/** The root to which a leaf's data and its path lead. */
export function merklePathRoot(data: Uint8Array, path: readonly MerkleStep[]): Uint8Array {
  return path.reduce((node, { isLeft, hash }) => (isLeft ? merkleNode(hash, node) : merkleNode(node, hash)), merkleLeaf(data));
}
