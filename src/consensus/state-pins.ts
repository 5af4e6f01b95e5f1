import { assert } from '../util/errors.ts';
import { NO_NODE, type NodeRef, type StateNodes } from './state-nodes.ts';

/** A version of a tree that was kept. */
export interface Pin {
  /** The last era in which the version's nodes were made. */
  readonly era: number;
  /** Nodes of this version that no later version has. Earlier versions may have them. */
  readonly dead: NodeRef[];
}

/**
 * The kept versions of a tree that changes, and which replaced nodes they still need. A replaced node waits in the list of the newest
 * version that has it. It thus becomes free at the moment when no version has it, and no search or count of references is needed. ZFS
 * keeps its snapshots in the same way, with dead lists.
 */
export class StatePins {
  readonly #nodes: StateNodes;
  /** Nodes of this era and earlier ones belong to the tree from which this tree was made, and are never freed here. -1: there are none. */
  readonly #foreignEra: number;
  /** Oldest first. */
  readonly #pins: Pin[] = [];

  constructor(nodes: StateNodes, foreignEra = -1) {
    this.#nodes = nodes;
    this.#foreignEra = foreignEra;
  }

  /** Keeps the tree's present version. The caller must have removed all nodes that this version does not have. */
  add(): Pin {
    const pin: Pin = { era: this.#nodes.endEra(), dead: [] };
    this.#pins.push(pin);
    return pin;
  }

  release(pin: Pin): void {
    const index = this.#pins.indexOf(pin);
    this.#pins.splice(index, 1);
    const earlier = this.#pins[index - 1];
    for (const node of pin.dead) this.#leave(node, earlier);
  }

  /** The tree no longer has this node. */
  replaced(node: NodeRef): void {
    this.#leave(node, this.#pins.at(-1));
  }

  /** Frees all nodes of a tree that is no longer needed, except those of the tree from which it was made. Its pins must be released. */
  removeAll(root: NodeRef): void {
    assert(this.#pins.length === 0, 'A state tree was released before its pinned versions.');
    this.#remove(root);
  }

  #remove(node: NodeRef): void {
    if (node === NO_NODE || this.#nodes.era(node) <= this.#foreignEra) return;
    if (node > 0) for (const side of [0, 1] as const) this.#remove(this.#nodes.child(node, side));
    this.#nodes.remove(node);
  }

  #leave(node: NodeRef, newest: Pin | undefined): void {
    const era = this.#nodes.era(node);
    if (newest && era <= newest.era) newest.dead.push(node);
    else if (era > this.#foreignEra) this.#nodes.remove(node);
  }
}
