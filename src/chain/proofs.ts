import { proveAccount } from '../consensus/state-proof.ts';
import { tailStart } from '../consensus/work-proof.ts';
import type { Address } from '../crypto/address.ts';
import type { HistoryProof } from '../protocol/history-proof.ts';
import type { AccountProof, StateChunk } from '../protocol/state-proof.ts';
import { pointWork, type ChainTail, type WorkSamples } from '../protocol/work-proof.ts';
import type { ChainStore } from '../storage/port.ts';
import { headerOf, type BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';
import type { ChainState } from './chain-state.ts';
import type { Histories } from './histories.ts';
import type { ProofsPort } from './port.ts';

interface Parts {
  readonly store: ChainStore;
  readonly state: ChainState;
  readonly tree: BlockTree;
  readonly histories: Histories;
}

/** Makes proofs about the active chain, for those who do not have the chain. */
export class ChainProofs implements ProofsPort {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Proves an account's row, or that the account does not exist, under the tip's state root. */
  accountProof(address: Address): AccountProof {
    const { state, store } = this.#parts;
    return proveAccount(state.tree, store, address);
  }

  /**
   * Proves that the active block at `height` is an ancestor of the active block at `later`. The proof belongs to the later header's
   * `historyRoot`. Null unless 0 ≤ `height` < `later` ≤ the tip's height.
   */
  historyProof(height: number, later = this.#parts.tree.tip.height): HistoryProof | null {
    const { tree, histories } = this.#parts;
    if (!tree.activeAt(height) || !tree.activeAt(later) || height >= later) return null;
    return histories.prove(height, later);
  }

  tail(tipId: string): ChainTail | null {
    const { tree, histories, store } = this.#parts;
    const tip = this.#active(tipId);
    const from = tip && tailStart(tip.height);
    const below = from === null ? undefined : tree.activeAt(from - 1);
    if (!tip || !below) return null;
    return { headers: store.headers(below.height + 1, tip.height - below.height), history: histories.upTo(below).peaks };
  }

  samples(before: string, points: readonly bigint[]): WorkSamples | null {
    const { tree, histories, store } = this.#parts;
    const size = this.#active(before)?.height ?? 0;
    const work = tree.activeAt(size - 1)?.work ?? 0n;
    // A chain that begins above genesis lacks most of the blocks.
    if (work === 0n || !tree.activeAt(0)) return null;
    const heights = new Set(points.map((point) => this.#heightOf(pointWork(point, work), size)));
    const headers = [...heights].map((height) => headerOf(tree.activeAt(height)!, store));
    return { headers, nodes: histories.nodesBeside([0, ...heights], size) };
  }

  stateChunk(block: string, from: Uint8Array): StateChunk | 'later' | null {
    return this.#parts.state.snapshots.chunk(block, from);
  }

  /** Height of the first of `size` active blocks with which their work passes `work`. */
  #heightOf(work: bigint, size: number): number {
    let [low, high] = [1, size - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#parts.tree.activeAt(middle)!.work > work) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #active(id: string): BlockNode | null {
    const { tree } = this.#parts;
    const node = tree.get(id);
    return node && tree.isActive(node) ? node : null;
  }
}
