import type { HeaderContext } from '../consensus/difficulty.ts';
import { RuleError } from '../consensus/rule-error.ts';
import { checkHeader, isTooFarAhead } from '../consensus/header.ts';
import type { SealedHeader } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { contextHeaders, headerAt, headerOf, type BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';
import { HeaderCount } from './header-count.ts';
import type { Histories } from './histories.ts';
import type { HeadersOutcome } from './port.ts';

/**
 * Most headers besides the active chain, the branch to the best header, and the branches to stored bodies. This is far more than honest
 * forks bring, and takes about 4 MB. At the easiest target a header costs next to nothing, so any peer could otherwise fill the memory.
 */
export const MAX_SIDE_HEADERS = 2_048;

/** Room for a counted branch that has more work than the tip: this many more headers may stay until the tip has that work. */
interface Grant {
  readonly headers: number;
  readonly work: bigint;
}

export interface HeaderIntakeParts {
  readonly network: Network;
  readonly tree: BlockTree;
  readonly histories: Histories;
  readonly store: ChainStore;
}

/**
 * Adds headers to the tree and bounds the tree, however many headers arrive. A bounded number of headers off the best chain stays; those
 * with the least work are forgotten first. A longer branch is counted, not stored, until it has more work than the active chain. The branch
 * is then requested again, and gets room. So a heavier branch of any length is stored, and any other branch costs only a few headers.
 */
export class HeaderIntake {
  readonly #parts: HeaderIntakeParts;
  /** The last header that each source sent. */
  readonly #led = new Map<object, BlockNode>();
  /** The branch that is counted for each source. */
  readonly #counts = new Map<object, HeaderCount>();
  #grant: Grant | null = null;

  constructor(parts: HeaderIntakeParts) {
    this.#parts = parts;
  }

  /** The ancestors that a child of `parent` is checked against. */
  context(parent: BlockNode): HeaderContext {
    const { store } = this.#parts;
    return { parent: headerOf(parent, store), at: (height) => headerAt(parent, height, store) };
  }

  /** @throws RuleError */
  check(sealed: SealedHeader, parent: BlockNode): void {
    if (parent.invalid) throw new RuleError('block-ancestor-invalid');
    const { network, histories } = this.#parts;
    checkHeader(network, sealed, this.context(parent), () => histories.upTo(parent).root);
  }

  /**
   * Checks consecutive headers, and stores or counts them.
   * @param source the sender: the branch to its last header stays while that header has more work than the tip
   * @param nowMs this node's clock, Unix milliseconds
   */
  accept(headers: readonly SealedHeader[], source: object | null, nowMs: number): HeadersOutcome {
    const { network, tree } = this.#parts;
    let added = 0;
    let last: BlockNode | null = null;
    try {
      for (const [index, sealed] of headers.entries()) {
        const known = tree.get(sealed.id);
        if (known) {
          assertValid(known);
          last = known;
          continue;
        }
        const parent = tree.get(sealed.header.previous);
        if (!parent) return this.#count(headers.slice(index), source, nowMs, added);
        this.check(sealed, parent);
        if (isTooFarAhead(network, sealed.header, nowMs)) return { status: 'accepted', added, held: headers.length - index };
        last = tree.add(sealed.id, sealed.header.bits, parent, sealed);
        added++;
      }
      return { status: 'accepted', added, held: 0 };
    } catch (error) {
      if (error instanceof RuleError) return { status: 'rejected', error };
      throw error;
    } finally {
      if (last) this.#settle(last, source);
    }
  }

  /** Drops the last header and the count of a source that sends no more headers. */
  release(source: object): void {
    this.#led.delete(source);
    this.#counts.delete(source);
  }

  /** Forgets headers beyond the limit. */
  bound(): void {
    const { tree } = this.#parts;
    if (this.#grant && this.#grant.work <= tree.tip.work) this.#grant = null;
    tree.bound(MAX_SIDE_HEADERS + (this.#grant?.headers ?? 0), this.#led.values());
  }

  /** Bounds the tree after a source's headers were added. Where that removed `last`, begins to count the source's branch instead. */
  #settle(last: BlockNode, source: object | null): void {
    const { network, tree, histories, store } = this.#parts;
    if (source) this.#led.set(source, last);
    this.bound();
    if (!source || tree.get(last.id)) return;
    this.#led.delete(source);
    this.#counts.set(source, new HeaderCount(network, contextHeaders(last, store), last.work, histories.upTo(last)));
  }

  /** @throws RuleError */
  #count(headers: readonly SealedHeader[], source: object | null, nowMs: number, before: number): HeadersOutcome {
    const { network, tree } = this.#parts;
    const count = source && this.#counts.get(source);
    if (!count || count.last.id !== headers[0]!.header.previous) return { status: 'orphan', added: before };
    let added = before;
    for (const [index, sealed] of headers.entries()) {
      count.add(sealed);
      added++;
      if (isTooFarAhead(network, sealed.header, nowMs)) {
        this.#counts.delete(source);
        return { status: 'accepted', added: added - 1, held: headers.length - index };
      }
      if (count.work <= tree.tip.work) continue;
      this.#counts.delete(source);
      // The height of the last header is an upper bound of the branch's length.
      this.#grant = { headers: sealed.header.height + headers.length, work: count.work };
      return { status: 'again', added };
    }
    return { status: 'accepted', added, held: 0 };
  }
}

export function assertValid(node: BlockNode): void {
  if (node.invalid) throw new RuleError(node.invalid);
}
