import { HASH_BYTES } from '../crypto/hash.ts';
import { merkleNode } from '../crypto/merkle.ts';
import {
  BUCKET_COUNT,
  bucketHash,
  EMPTY_BUCKET_HASH,
  keyDigest,
  type AccountRegistration,
  type AccountState,
} from '../protocol/state-root.ts';
import { assert } from '../util/errors.ts';
import type { StateView } from './types.ts';

const ROOT = 1;

/** New hashes of buckets, by their index. */
type BucketHashes = ReadonlyMap<number, Uint8Array>;

/**
 * The Merkle tree over the bucket hashes: 8,191 nodes in 256 KiB of memory. Node i has the children 2i and 2i+1. Bucket b
 * is node 4096+b. A block that touches k buckets costs at most 12·k hashes.
 */
export class StateTree {
  readonly #nodes = new Uint8Array(2 * BUCKET_COUNT * HASH_BYTES);
  /** Last result of `rootWith`: usually the next call is `apply` with the same buckets. */
  #prepared: { readonly buckets: BucketHashes; readonly changed: ReadonlyMap<number, Uint8Array> } | null = null;

  /** Digests of the keys of registrations, kept because keys never change and make up most of a bucket's bytes. */
  readonly #keyDigests = new WeakMap<AccountRegistration, Uint8Array>();

  /** Builds the whole tree from the accounts. */
  static build(view: StateView): StateTree {
    const tree = StateTree.#empty();
    const buckets = new Map<number, Uint8Array>();
    for (let index = 0; index < BUCKET_COUNT; index++) {
      const accounts = view.bucket(index);
      if (accounts.length > 0) buckets.set(index, tree.bucketHash(accounts));
    }
    tree.apply(buckets);
    return tree;
  }

  /** The tree of an empty ledger. All nodes of a level share one hash. */
  static #empty(): StateTree {
    const tree = new StateTree();
    let hash = EMPTY_BUCKET_HASH;
    for (let first = BUCKET_COUNT; first >= ROOT; first >>>= 1) {
      for (let node = first; node < 2 * first; node++) tree.#set(node, hash);
      hash = merkleNode(hash, hash);
    }
    return tree;
  }

  /** Hash of a bucket with these accounts. Does not change the tree. */
  bucketHash(accounts: readonly AccountState[]): Uint8Array {
    return accounts.length === 0 ? EMPTY_BUCKET_HASH : bucketHash(accounts, this.#keyDigest);
  }

  readonly #keyDigest = (registration: AccountRegistration): Uint8Array => {
    let digest = this.#keyDigests.get(registration);
    if (!digest) this.#keyDigests.set(registration, (digest = keyDigest(registration)));
    return digest;
  };

  /** Root of all accounts as of the last `apply`: the header's state root. */
  get root(): Uint8Array {
    return this.#get(ROOT).slice();
  }

  /** The root that the tree would have with these bucket hashes. Does not change the tree. */
  rootWith(buckets: BucketHashes): Uint8Array {
    const changed = this.#changed(buckets);
    this.#prepared = { buckets, changed };
    return (changed.get(ROOT) ?? this.#get(ROOT)).slice();
  }

  /** Stores these bucket hashes in the tree. The caller must not change a map after passing it to `rootWith`. */
  apply(buckets: BucketHashes): void {
    const changed = this.#prepared?.buckets === buckets ? this.#prepared.changed : this.#changed(buckets);
    for (const [node, hash] of changed) this.#set(node, hash);
    this.#prepared = null;
  }

  /** New hashes of all nodes between the given buckets and the root. */
  #changed(buckets: BucketHashes): Map<number, Uint8Array> {
    const changed = new Map<number, Uint8Array>();
    for (const [index, hash] of buckets) {
      assert(Number.isInteger(index) && index >= 0 && index < BUCKET_COUNT && hash.length === HASH_BYTES, 'No such bucket.');
      changed.set(BUCKET_COUNT + index, hash);
    }
    const hashOf = (node: number): Uint8Array => changed.get(node) ?? this.#get(node);
    // Ascending order puts two children of a parent next to each other, so each parent is hashed once.
    let level = [...changed.keys()].sort((a, b) => a - b);
    while (level.length > 0 && level[0]! > ROOT) {
      const parents: number[] = [];
      for (const child of level) {
        const node = child >>> 1;
        if (parents.at(-1) === node) continue;
        parents.push(node);
        changed.set(node, merkleNode(hashOf(2 * node), hashOf(2 * node + 1)));
      }
      level = parents;
    }
    return changed;
  }

  #get(node: number): Uint8Array {
    return this.#nodes.subarray(node * HASH_BYTES, (node + 1) * HASH_BYTES);
  }

  #set(node: number, hash: Uint8Array): void {
    this.#nodes.set(hash, node * HASH_BYTES);
  }
}
