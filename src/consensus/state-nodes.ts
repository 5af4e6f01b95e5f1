import { ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { HASH_BYTES } from '../crypto/hash.ts';
import { innerHash } from '../protocol/state-root.ts';
import { toHex } from '../util/bytes.ts';

/** A node of the state tree: above 0 an inner node, below 0 a leaf, 0 none. */
export type NodeRef = number;
export const NO_NODE: NodeRef = 0;

/** Nodes in a chunk of memory. */
const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;

/** An inner node's record: hash and bit. Its children are in a second array. */
const INNER_BYTES = HASH_BYTES + 1;
/** A leaf's record: hash and address. The address takes less memory than the key, and tells which account to read. */
const LEAF_BYTES = HASH_BYTES + ADDRESS_BYTES;

/** Numbers of records in chunks: growing copies nothing, and less than one chunk lies idle. */
class Places {
  readonly #free: number[] = [];
  readonly #grow: () => void;
  #end = 0;

  /** @param grow called when another chunk is needed */
  constructor(grow: () => void) {
    this.#grow = grow;
  }

  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#end % CHUNK === 0) this.#grow();
    return this.#end++;
  }

  give(place: number): void {
    this.#free.push(place);
  }

  get taken(): number {
    return this.#end - this.#free.length;
  }
}

/**
 * The nodes of the state tree in typed arrays: 101 bytes for an account and the inner node that comes with it. As objects, the same nodes
 * would take about 400 bytes and slow each collection of garbage. A node never changes, so an update adds nodes beside the old ones.
 */
export class StateNodes {
  readonly #inner: Uint8Array[] = [];
  /** Two references for each inner node: left and right. */
  readonly #children: Int32Array[] = [];
  readonly #innerEras: Uint32Array[] = [];
  readonly #leaves: Uint8Array[] = [];
  readonly #leafEras: Uint32Array[] = [];
  readonly #innerPlaces = new Places(() => {
    this.#inner.push(new Uint8Array(CHUNK * INNER_BYTES));
    this.#children.push(new Int32Array(CHUNK * 2));
    this.#innerEras.push(new Uint32Array(CHUNK));
  });
  readonly #leafPlaces = new Places(() => {
    this.#leaves.push(new Uint8Array(CHUNK * LEAF_BYTES));
    this.#leafEras.push(new Uint32Array(CHUNK));
  });
  #era = 0;

  /** Memory of all chunks, in bytes. */
  get bytes(): number {
    const chunks = [this.#inner, this.#children, this.#innerEras, this.#leaves, this.#leafEras].flat();
    return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Nodes in use. */
  get count(): number {
    return this.#innerPlaces.taken + this.#leafPlaces.taken;
  }

  /** Ends the era in which nodes are made. @returns its number: no later node belongs to this era or to an earlier one */
  endEra(): number {
    return this.#era++;
  }

  /** The era in which a node was made. */
  era(node: NodeRef): number {
    const place = node > 0 ? node - 1 : -1 - node;
    return (node > 0 ? this.#innerEras : this.#leafEras)[place >>> CHUNK_BITS]![place % CHUNK]!;
  }

  /** @param address 20 bytes */
  addLeaf(address: Uint8Array, hash: Uint8Array): NodeRef {
    const place = this.#leafPlaces.take();
    const chunk = this.#leaves[place >>> CHUNK_BITS]!;
    const at = (place % CHUNK) * LEAF_BYTES;
    chunk.set(hash, at);
    chunk.set(address, at + HASH_BYTES);
    this.#leafEras[place >>> CHUNK_BITS]![place % CHUNK] = this.#era;
    return -1 - place;
  }

  /** An inner node over two others, with its hash. */
  addInner(bit: number, left: NodeRef, right: NodeRef): NodeRef {
    const hash = innerHash(bit, this.hash(left), this.hash(right));
    const place = this.#innerPlaces.take();
    const chunk = this.#inner[place >>> CHUNK_BITS]!;
    const at = (place % CHUNK) * INNER_BYTES;
    chunk.set(hash, at);
    chunk[at + HASH_BYTES] = bit;
    const children = this.#children[place >>> CHUNK_BITS]!;
    children[2 * (place % CHUNK)] = left;
    children[2 * (place % CHUNK) + 1] = right;
    this.#innerEras[place >>> CHUNK_BITS]![place % CHUNK] = this.#era;
    return 1 + place;
  }

  /** Gives a node's place to the next new node. The children stay. */
  remove(node: NodeRef): void {
    if (node > 0) this.#innerPlaces.give(node - 1);
    else this.#leafPlaces.give(-1 - node);
  }

  /** A view, valid until the node is removed. */
  hash(node: NodeRef): Uint8Array {
    const place = node > 0 ? node - 1 : -1 - node;
    const at = (place % CHUNK) * (node > 0 ? INNER_BYTES : LEAF_BYTES);
    return (node > 0 ? this.#inner : this.#leaves)[place >>> CHUNK_BITS]!.subarray(at, at + HASH_BYTES);
  }

  /** The bit at which an inner node divides the keys below it. */
  bit(node: NodeRef): number {
    const place = node - 1;
    return this.#inner[place >>> CHUNK_BITS]![(place % CHUNK) * INNER_BYTES + HASH_BYTES]!;
  }

  /** A child of an inner node: left for 0, right for 1. */
  child(node: NodeRef, side: 0 | 1): NodeRef {
    const place = node - 1;
    return this.#children[place >>> CHUNK_BITS]![2 * (place % CHUNK) + side]!;
  }

  /** A view of a leaf's address, 20 bytes, valid until the leaf is removed. */
  addressBytes(leaf: NodeRef): Uint8Array {
    const place = -1 - leaf;
    const at = (place % CHUNK) * LEAF_BYTES + HASH_BYTES;
    return this.#leaves[place >>> CHUNK_BITS]!.subarray(at, at + ADDRESS_BYTES);
  }

  address(leaf: NodeRef): Address {
    return toHex(this.addressBytes(leaf));
  }
}
