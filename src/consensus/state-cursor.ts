import { sha256 } from '../crypto/hash.ts';
import type { Address } from '../crypto/address.ts';
import { firstDifference, KEY_BITS, keyBit } from '../protocol/state-root.ts';
import type { TreeEdge } from '../protocol/state-proof.ts';
import type { NodeRef, StateNodes } from './state-nodes.ts';

/** An inner node on the way to a leaf, and the side on which the way goes on. */
interface Step {
  readonly node: NodeRef;
  readonly side: 0 | 1;
}

/** A leaf of the state tree, with the way to it from the root. Moves over the accounts in the order of their keys. */
export class StateCursor {
  readonly #nodes: StateNodes;
  readonly #root: NodeRef;
  readonly #steps: Step[] = [];
  #leaf: NodeRef;

  /** Stands on the first account. */
  constructor(nodes: StateNodes, root: NodeRef) {
    this.#nodes = nodes;
    this.#root = root;
    this.#leaf = this.#descend(root, () => 0);
  }

  get address(): Address {
    return this.#nodes.address(this.#leaf);
  }

  /** Moves to the leaf at which a search for `key` ends: that of the key where the tree has it. @param key 32 bytes */
  search(key: Uint8Array): void {
    this.#steps.length = 0;
    this.#leaf = this.#descend(this.#root, (bit) => keyBit(key, bit));
  }

  /** Moves to the last account whose key is at most `key`; to the first account where there is none. @param key 32 bytes */
  seek(key: Uint8Array): void {
    this.search(key);
    const split = firstDifference(key, sha256(this.#nodes.addressBytes(this.#leaf)));
    if (split === KEY_BITS) return;
    // All keys below the last step before bit `split` agree with each other up to there: they are all smaller, or all larger.
    while (this.#steps.length > 0 && this.#nodes.bit(this.#steps.at(-1)!.node) > split) this.#steps.pop();
    if (keyBit(key, split) === 1) this.#leaf = this.#descend(this.#below(), () => 1);
    else this.#previous();
  }

  /** Moves to the next account. Returns false on the last account. */
  next(): boolean {
    const depth = this.#steps.findLastIndex(({ side }) => side === 0);
    if (depth < 0) return false;
    this.#turn(depth, 1);
    return true;
  }

  /**
   * The subtrees beside the way, from the leaf to the root.
   * @param side of the subtrees: 0 for smaller keys, 1 for larger keys; both where absent
   */
  edges(side?: 0 | 1): TreeEdge[] {
    const nodes = this.#nodes;
    return this.#steps
      .filter((step) => side === undefined || step.side !== side)
      .map((step) => ({ bit: nodes.bit(step.node), hash: nodes.hash(nodes.child(step.node, step.side === 0 ? 1 : 0)).slice() }))
      .reverse();
  }

  /** Moves to the last account before the subtree below the last step; to the first account where there is none. */
  #previous(): void {
    const depth = this.#steps.findLastIndex(({ side }) => side === 1);
    if (depth >= 0) return this.#turn(depth, 0);
    this.#steps.length = 0;
    this.#leaf = this.#descend(this.#root, () => 0);
  }

  /** Takes the other side at a step: the account next to the way on that side. */
  #turn(depth: number, side: 0 | 1): void {
    const { node } = this.#steps[depth]!;
    this.#steps.length = depth;
    this.#steps.push({ node, side });
    this.#leaf = this.#descend(this.#below(), () => (side === 0 ? 1 : 0));
  }

  /** The node to which the last step leads. */
  #below(): NodeRef {
    const last = this.#steps.at(-1);
    return last ? this.#nodes.child(last.node, last.side) : this.#root;
  }

  /** Goes down to a leaf, and notes the steps. @param choose the side at a bit */
  #descend(from: NodeRef, choose: (bit: number) => 0 | 1): NodeRef {
    let node = from;
    while (node > 0) {
      const side = choose(this.#nodes.bit(node));
      this.#steps.push({ node, side });
      node = this.#nodes.child(node, side);
    }
    return node;
  }
}
