import { HASH_BYTES } from '../crypto/hash.ts';
import { merkleNode } from '../crypto/merkle.ts';
import { BUCKET_COUNT, bucketHash, EMPTY_BUCKET_HASH } from '../protocol/state-root.ts';
import { equalBytes } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import type { StateView } from './types.ts';

const ROOT = 1;

/**
 * The Merkle tree over the bucket hashes, all 8,191 nodes in 256 KiB of memory: node i has the children 2i and 2i+1, bucket b
 * is node 4096+b. A block that touches k buckets costs at most 12·k hashes.
 */
export class StateTree {
  readonly #nodes = new Uint8Array(2 * BUCKET_COUNT * HASH_BYTES);

  /** Builds the whole tree from the accounts. */
  static build(view: StateView): StateTree {
    const tree = new StateTree();
    for (let index = 0; index < BUCKET_COUNT; index++) {
      const accounts = view.bucket(index);
      tree.#set(BUCKET_COUNT + index, accounts.length === 0 ? EMPTY_BUCKET_HASH : bucketHash(accounts));
    }
    for (let node = BUCKET_COUNT - 1; node >= ROOT; node--) {
      // A young chain's tree is nearly empty: its equal pairs are hashed once a level instead of thousands of times.
      const twin = node + 1 < BUCKET_COUNT && tree.#sameChildren(node, node + 1) ? tree.#get(node + 1) : null;
      tree.#set(node, twin ?? merkleNode(tree.#get(2 * node), tree.#get(2 * node + 1)));
    }
    return tree;
  }

  /** Root of all accounts as of the last `apply`: the header's state root. */
  get root(): Uint8Array {
    return this.#get(ROOT).slice();
  }

  /** The root as it would be with these bucket hashes; the tree stays as it is. */
  rootWith(buckets: ReadonlyMap<number, Uint8Array>): Uint8Array {
    return (this.#changed(buckets).get(ROOT) ?? this.#get(ROOT)).slice();
  }

  /** Takes over these bucket hashes. */
  apply(buckets: ReadonlyMap<number, Uint8Array>): void {
    for (const [node, hash] of this.#changed(buckets)) this.#set(node, hash);
  }

  /** New hashes of all nodes between the given buckets and the root. */
  #changed(buckets: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> {
    const changed = new Map<number, Uint8Array>();
    let level = new Set<number>();
    for (const [index, hash] of buckets) {
      assert(Number.isInteger(index) && index >= 0 && index < BUCKET_COUNT && hash.length === HASH_BYTES, 'No such bucket.');
      changed.set(BUCKET_COUNT + index, hash);
      level.add((BUCKET_COUNT + index) >>> 1);
    }
    const hashOf = (node: number): Uint8Array => changed.get(node) ?? this.#get(node);
    while (level.size > 0) {
      const parents = new Set<number>();
      for (const node of level) {
        changed.set(node, merkleNode(hashOf(2 * node), hashOf(2 * node + 1)));
        if (node > ROOT) parents.add(node >>> 1);
      }
      level = parents;
    }
    return changed;
  }

  #sameChildren(a: number, b: number): boolean {
    return equalBytes(this.#get(2 * a), this.#get(2 * b)) && equalBytes(this.#get(2 * a + 1), this.#get(2 * b + 1));
  }

  #get(node: number): Uint8Array {
    return this.#nodes.subarray(node * HASH_BYTES, (node + 1) * HASH_BYTES);
  }

  #set(node: number, hash: Uint8Array): void {
    this.#nodes.set(hash, node * HASH_BYTES);
  }
}
