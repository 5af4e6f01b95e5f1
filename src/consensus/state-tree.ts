import { ADDRESS_BYTES } from '../crypto/address.ts';
import { EMPTY_STATE_ROOT, leafHash, LeafHasher, stateRow, type AccountState } from '../protocol/state-root.ts';
import { fromHex } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import { StateCursor } from './state-cursor.ts';
import { NO_NODE, StateNodes, type NodeRef } from './state-nodes.ts';
import { StatePins } from './state-pins.ts';
import { StateUpdate, type UpdatedTree } from './state-update.ts';
import type { AccountChange } from './types.ts';

/** An account as it will be, undefined where it will not exist. */
export type LeafChange = Pick<AccountChange, 'address' | 'after'>;

/**
 * The tree over all accounts (`protocol/state-root.ts` has its hashes), in memory. An update costs some log₂(accounts) hashes for each
 * changed account, wherever the account lies. A pinned version is a tree of its own that shares all nodes which have not changed since.
 */
export class StateTree {
  readonly #nodes: StateNodes;
  readonly #pins: StatePins;
  readonly #leaves: LeafHasher;
  readonly #unpin: () => void;
  #root: NodeRef;
  /** Last result of `rootWith`: usually the next call is `apply` with the same changes. */
  #prepared: { readonly changes: readonly LeafChange[]; readonly tree: UpdatedTree } | null = null;

  private constructor(nodes: StateNodes, root: NodeRef, pins: StatePins, leaves: LeafHasher, unpin: () => void) {
    this.#nodes = nodes;
    this.#root = root;
    this.#pins = pins;
    this.#leaves = leaves;
    this.#unpin = unpin;
  }

  /**
   * Builds the whole tree, with one hash for each node.
   * @param accounts each once, in any order
   * @throws TabchainError `invariant-broken` where an account occurs twice
   */
  static build(accounts: Iterable<AccountState>): StateTree {
    const nodes = new StateNodes();
    const update = new StateUpdate(nodes, NO_NODE);
    // Not by a `LeafHasher`, because what it keeps for each account would take more memory than the tree.
    for (const account of accounts) update.add(fromHex(account.address), leafHash(stateRow(account)));
    return new StateTree(nodes, update.run().root, new StatePins(nodes), new LeafHasher(), () => undefined);
  }

  /**
   * The present version as a tree of its own: changes of either tree leave the other as it is. The two share their nodes, so this takes no
   * time, and later the memory of what has changed. {@link release} must be called on the new tree when it is no longer needed.
   */
  pin(): StateTree {
    this.#forgetPrepared();
    const pin = this.#pins.add();
    const unpin = (): void => this.#pins.release(pin);
    return new StateTree(this.#nodes, this.#root, new StatePins(this.#nodes, pin.era), this.#leaves, unpin);
  }

  /** Frees the nodes that only this pinned version has. Neither this tree nor its cursors may be used afterwards. */
  release(): void {
    this.#forgetPrepared();
    this.#pins.removeAll(this.#root);
    this.#root = NO_NODE;
    this.#unpin();
  }

  /** Root of all accounts as of the last `apply`: the header's state root. */
  get root(): Uint8Array {
    return this.#rootOf(this.#root);
  }

  /** Memory of the nodes in bytes, including nodes that are not used at present. */
  get bytes(): number {
    return this.#nodes.bytes;
  }

  /** Nodes in memory: for n accounts 2n − 1, those of the last `rootWith`, and those that only pinned versions have. */
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
    for (const node of replaced) this.#pins.replaced(node);
  }

  /** A reader of the tree, valid until the next `apply`. Null without accounts. */
  cursor(): StateCursor | null {
    return this.#root === NO_NODE ? null : new StateCursor(this.#nodes, this.#root);
  }

  #prepare(changes: readonly LeafChange[]): UpdatedTree {
    this.#forgetPrepared();
    const update = new StateUpdate(this.#nodes, this.#root);
    for (const { address, after } of changes) {
      const bytes = fromHex(address);
      assert(bytes.length === ADDRESS_BYTES, 'An address has another length.');
      update.add(bytes, after ? this.#leaves.hash(bytes, after) : null);
    }
    const tree = update.run();
    this.#prepared = { changes, tree };
    return tree;
  }

  #forgetPrepared(): void {
    for (const node of this.#prepared?.tree.made ?? []) this.#nodes.remove(node);
    this.#prepared = null;
  }

  #rootOf(node: number): Uint8Array {
    return (node === NO_NODE ? EMPTY_STATE_ROOT : this.#nodes.hash(node)).slice();
  }
}
