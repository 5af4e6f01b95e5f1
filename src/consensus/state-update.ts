import { HASH_BYTES, sha256 } from '../crypto/hash.ts';
import { firstDifference, KEY_BITS, keyBit } from '../protocol/state-root.ts';
import { compareBytes, equalBytes } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import { NO_NODE, type NodeRef, type StateNodes } from './state-nodes.ts';

/** Bits of a key that decide the order of nearly all keys. */
const PREFIX_BITS = 32;
/** Bits in which a number is exact. */
const EXACT_BITS = 53;

/** The tree after an update, as nodes beside those of the tree before. */
export interface UpdatedTree {
  readonly root: NodeRef;
  /** Nodes that only the new tree has. */
  readonly made: readonly NodeRef[];
  /** Nodes that only the old tree has. */
  readonly replaced: readonly NodeRef[];
}

/**
 * Accounts to set and to remove, each once, in one pass over the tree: each inner node above a change is hashed once. The old tree stays.
 * The new tree depends only on the accounts that are then in it, not on the order of changes.
 */
export class StateUpdate {
  readonly #nodes: StateNodes;
  readonly #oldRoot: NodeRef;
  /** 32 bytes for each change. */
  #keys = new Uint8Array(64 * HASH_BYTES);
  /** The new leaf of each change, {@link NO_NODE} for a removal. */
  readonly #leaves: NodeRef[] = [];
  /** The first bit in which a change's key differs from the nearest key in the old tree; {@link KEY_BITS} where that tree has the key. */
  readonly #splits: number[] = [];
  /** Numbers of the changes in the order of their keys. */
  #order: Uint32Array = new Uint32Array();
  readonly #made: NodeRef[] = [];
  readonly #replaced: NodeRef[] = [];

  constructor(nodes: StateNodes, root: NodeRef) {
    this.#nodes = nodes;
    this.#oldRoot = root;
  }

  /**
   * @param address 20 bytes
   * @param hash of the account's leaf, null to remove the account
   */
  add(address: Uint8Array, hash: Uint8Array | null): void {
    const key = sha256(address);
    const split = this.#splitOf(key, address);
    // There is nothing to remove.
    if (hash === null && split < KEY_BITS) return;
    const at = this.#leaves.length * HASH_BYTES;
    if (at === this.#keys.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys.set(key, at);
    this.#splits.push(split);
    this.#leaves.push(hash ? this.#note(this.#nodes.addLeaf(address, hash)) : NO_NODE);
  }

  /** Must be the last call. @throws TabchainError `invariant-broken` where an account was added twice */
  run(): UpdatedTree {
    this.#order = orderOf(this.#keys, this.#leaves.length);
    const root = this.#place(this.#oldRoot, 0, this.#order.length);
    return { root, made: this.#made, replaced: this.#replaced };
  }

  /**
   * A search for a key looks only at the bits of the inner nodes, and ends at a leaf. No key in the tree has more leading bits in common
   * with the sought key than that leaf.
   */
  #splitOf(key: Uint8Array, address: Uint8Array): number {
    const nodes = this.#nodes;
    let node = this.#oldRoot;
    if (node === NO_NODE) return 0;
    while (node > 0) node = nodes.child(node, keyBit(key, nodes.bit(node)));
    const nearest = nodes.addressBytes(node);
    return equalBytes(nearest, address) ? KEY_BITS : firstDifference(key, sha256(nearest));
  }

  /** The node in place of `node`, after the changes from `from` to before `to`, all of which belong at or below it. */
  #place(node: NodeRef, from: number, to: number): NodeRef {
    if (from === to) return node;
    if (node === NO_NODE) return this.#grow(from, to);
    const bit = node > 0 ? this.#nodes.bit(node) : KEY_BITS;
    const first = this.#firstToSplit(from, to);
    const split = this.#splits[first]!;
    if (split < bit) {
      // The node moves down: at bit `split` the new keys go to one side, and the node to the other.
      const middle = this.#middle(from, to, split);
      return this.#bitOf(first, split) === 1
        ? this.#join(split, this.#place(node, from, middle), this.#grow(middle, to))
        : this.#join(split, this.#grow(from, middle), this.#place(node, middle, to));
    }
    this.#replaced.push(node);
    if (node < 0) return this.#leaves[this.#order[from]!]!;
    const middle = this.#middle(from, to, bit);
    const left = this.#place(this.#nodes.child(node, 0), from, middle);
    return this.#join(bit, left, this.#place(this.#nodes.child(node, 1), middle, to));
  }

  /** A tree of new leaves only. */
  #grow(from: number, to: number): NodeRef {
    if (to - from === 1) return this.#leaves[this.#order[from]!]!;
    const bit = firstDifference(this.#keys, this.#keys, this.#order[from]! * HASH_BYTES, this.#order[to - 1]! * HASH_BYTES);
    const middle = this.#middle(from, to, bit);
    return this.#join(bit, this.#grow(from, middle), this.#grow(middle, to));
  }

  #join(bit: number, left: NodeRef, right: NodeRef): NodeRef {
    if (left === NO_NODE) return right;
    if (right === NO_NODE) return left;
    return this.#note(this.#nodes.addInner(bit, left, right));
  }

  #note(node: NodeRef): NodeRef {
    this.#made.push(node);
    return node;
  }

  /** The change whose key leaves the keys of the old tree first. */
  #firstToSplit(from: number, to: number): number {
    let first = this.#order[from]!;
    for (let i = from + 1; i < to; i++) {
      const change = this.#order[i]!;
      if (this.#splits[change]! < this.#splits[first]!) first = change;
    }
    return first;
  }

  #bitOf(change: number, bit: number): 0 | 1 {
    return keyBit(this.#keys, bit, change * HASH_BYTES);
  }

  /** The first change with this bit set, by binary search: the keys agree in all bits before. */
  #middle(from: number, to: number, bit: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bitOf(this.#order[middle]!, bit) === 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * The numbers of `count` keys of 32 bytes in ascending order of the keys.
 * @throws TabchainError `invariant-broken` where two keys are equal
 */
function orderOf(keys: Uint8Array, count: number): Uint32Array {
  const view = new DataView(keys.buffer);
  // Prefix and number of a key together are one exact number, and engines sort plain numbers much faster than by a function.
  const numberBits = Math.max(EXACT_BITS - PREFIX_BITS, Math.ceil(Math.log2(count + 1)));
  const [scale, lost] = [2 ** numberBits, 2 ** (numberBits + PREFIX_BITS - EXACT_BITS)];
  const packed = new Float64Array(count);
  for (let i = 0; i < count; i++) packed[i] = Math.floor(view.getUint32(i * HASH_BYTES) / lost) * scale + i;
  packed.sort();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = packed[i]! % scale;
  for (let from = 0, to = 1; from < count; from = to++) {
    while (to < count && Math.floor(packed[to]! / scale) === Math.floor(packed[from]! / scale)) to++;
    if (to - from > 1) orderRun(keys, order.subarray(from, to));
  }
  return order;
}

/** Orders keys with the same prefix. */
function orderRun(keys: Uint8Array, run: Uint32Array): void {
  const key = (change: number): Uint8Array => keys.subarray(change * HASH_BYTES, (change + 1) * HASH_BYTES);
  run.sort((a, b) => compareBytes(key(a), key(b)));
  for (let i = 1; i < run.length; i++) assert(!equalBytes(key(run[i - 1]!), key(run[i]!)), 'An account changes twice.');
}
