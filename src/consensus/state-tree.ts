import { ADDRESS_BYTES } from '../crypto/address.ts';
import { EMPTY_STATE_ROOT, keyDigest, leafHash, stateRow, type AccountRegistration, type AccountState } from '../protocol/state-root.ts';
import { fromHex } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import { StateCursor } from './state-cursor.ts';
import { NO_NODE, StateNodes } from './state-nodes.ts';
import { StateUpdate, type UpdatedTree } from './state-update.ts';
import type { AccountChange } from './types.ts';

/** An account as it will be, undefined where it will not exist. */
export type LeafChange = Pick<AccountChange, 'address' | 'after'>;

/**
 * The tree over all accounts (`protocol/state-root.ts` has its hashes), in memory. An update costs some log₂(accounts) hashes for each
 * changed account, wherever the account lies.
 */
export class StateTree {
  readonly #nodes = new StateNodes();
  #root = NO_NODE;
  /** Last result of `rootWith`: usually the next call is `apply` with the same changes. */
  #prepared: { readonly changes: readonly LeafChange[]; readonly tree: UpdatedTree } | null = null;
  /** Digests of the keys of registrations, kept because keys never change and make up most of the bytes to hash. */
  readonly #keyDigests = new WeakMap<AccountRegistration, Uint8Array>();

  /**
   * Builds the whole tree, with one hash for each node.
   * @param accounts each once, in any order
   * @throws TabchainError `invariant-broken` where an account occurs twice
   */
  static build(accounts: Iterable<AccountState>): StateTree {
    const tree = new StateTree();
    const update = new StateUpdate(tree.#nodes, NO_NODE);
    // Without the cache, because a digest for each account would take more memory than the tree.
    for (const account of accounts) update.add(fromHex(account.address), leafHash(stateRow(account)));
    tree.#root = update.run().root;
    return tree;
  }

  /** Root of all accounts as of the last `apply`: the header's state root. */
  get root(): Uint8Array {
    return this.#rootOf(this.#root);
  }

  /** Memory of the nodes in bytes, including nodes that are not used at present. */
  get bytes(): number {
    return this.#nodes.bytes;
  }

  /** Nodes in memory: for n accounts 2n − 1, and those of the last `rootWith`. */
  get nodes(): number {
    return this.#nodes.count;
  }

  /** The root that the tree would have with these changes. Does not change the tree. @param changes each address once */
  rootWith(changes: readonly LeafChange[]): Uint8Array {
    return this.#rootOf(this.#prepare(changes).root);
  }

  /** Makes these changes. The caller must not change a list after passing it to `rootWith`. @param changes each address once */
  apply(changes: readonly LeafChange[]): void {
    const { root, replaced } = this.#prepared?.changes === changes ? this.#prepared.tree : this.#prepare(changes);
    this.#root = root;
    this.#prepared = null;
    for (const node of replaced) this.#nodes.remove(node);
  }

  /** A reader of the tree, valid until the next `apply`. Null without accounts. */
  cursor(): StateCursor | null {
    return this.#root === NO_NODE ? null : new StateCursor(this.#nodes, this.#root);
  }

  #prepare(changes: readonly LeafChange[]): UpdatedTree {
    for (const node of this.#prepared?.tree.made ?? []) this.#nodes.remove(node);
    this.#prepared = null;
    const update = new StateUpdate(this.#nodes, this.#root);
    for (const { address, after } of changes) {
      const bytes = fromHex(address);
      assert(bytes.length === ADDRESS_BYTES, 'An address has another length.');
      update.add(bytes, after ? leafHash(stateRow(after, this.#keyDigest)) : null);
    }
    const tree = update.run();
    this.#prepared = { changes, tree };
    return tree;
  }

  readonly #keyDigest = (registration: AccountRegistration): Uint8Array => {
    let digest = this.#keyDigests.get(registration);
    if (!digest) this.#keyDigests.set(registration, (digest = keyDigest(registration)));
    return digest;
  };

  #rootOf(node: number): Uint8Array {
    return (node === NO_NODE ? EMPTY_STATE_ROOT : this.#nodes.hash(node)).slice();
  }
}
