import { headerContext, type HeaderContext } from '../consensus/difficulty.ts';
import { RuleError } from '../consensus/errors.ts';
import { checkHeader, isTooFarAhead } from '../consensus/header.ts';
import type { SealedHeader } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { ChainStore } from '../storage/port.ts';
import { ancestorAt, headerOf, type BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';
import { HeaderCount } from './header-count.ts';
import type { HeadersOutcome } from './port.ts';

/**
 * Headers kept beside the active chain, the way to the best header, and what has a body: far more than honest forks bring, and some 4 MB.
 * At the easiest target a header costs next to nothing, so without a bound any peer could fill the memory.
 */
export const MAX_SIDE_HEADERS = 2_048;

/** As many as the deepest rule looks back from a parent. */
const CONTEXT_HEADERS = 9;

/** A branch shown to have more work than the tip: so many headers more are kept, until it is here. */
interface Grant {
  readonly headers: number;
  readonly work: bigint;
}

export interface HeaderIntakeParts {
  readonly network: Network;
  readonly tree: BlockTree;
  readonly store: ChainStore;
}

/**
 * Takes headers into the tree, which stays bounded however many come. Headers off the best chain are kept up to a number, those with the
 * least work leave first. A longer branch is counted, not stored, until it has shown more work than the active chain has; then it is asked
 * for again and there is room for it. So a heavier branch of any length is taken, and no other costs more than a few headers.
 */
export class HeaderIntake {
  readonly #parts: HeaderIntakeParts;
  /** The last header that a source led to. */
  readonly #led = new Map<object, BlockNode>();
  /** A source's branch that is counted, one for each. */
  readonly #counts = new Map<object, HeaderCount>();
  #grant: Grant | null = null;

  constructor(parts: HeaderIntakeParts) {
    this.#parts = parts;
  }

  /** What a header on a node is checked against. */
  context(parent: BlockNode): HeaderContext {
    const { store } = this.#parts;
    return headerContext(headerOf(parent, store), (height) => headerOf(ancestorAt(parent, height), store));
  }

  /** @throws RuleError */
  check(sealed: SealedHeader, parent: BlockNode): void {
    if (parent.invalid) throw new RuleError('block-ancestor-invalid');
    checkHeader(this.#parts.network, sealed, this.context(parent));
  }

  /**
   * Checks and keeps consecutive headers, or counts them.
   * @param source whom they came from: what it led to is kept while it has more work than the tip
   * @param nowMs this node's clock, Unix milliseconds
   * @throws RuleError; everything before the culprit stays
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
        if (isTooFarAhead(network, sealed.header, nowMs)) return { added, orphan: false, held: headers.length - index };
        last = tree.add(sealed.id, sealed.header.bits, parent, sealed);
        added++;
      }
    } finally {
      if (last) this.#settle(last, source);
    }
    return { added, orphan: false, held: 0 };
  }

  /** A source is gone, and with it what was kept for it. */
  release(source: object): void {
    this.#led.delete(source);
    this.#counts.delete(source);
  }

  /** Forgets headers where there are too many. */
  bound(): void {
    const { tree } = this.#parts;
    if (this.#grant && this.#grant.work <= tree.tip.work) this.#grant = null;
    tree.bound(MAX_SIDE_HEADERS + (this.#grant?.headers ?? 0), this.#led.values());
  }

  /** A branch now ends in `last`, or goes on to be counted where there was no room for that. */
  #settle(last: BlockNode, source: object | null): void {
    const { network, tree, store } = this.#parts;
    if (source) this.#led.set(source, last);
    this.bound();
    if (!source || tree.get(last.id)) return;
    this.#led.delete(source);
    const recent: SealedHeader[] = [];
    for (let node: BlockNode | null = last; node && recent.length < CONTEXT_HEADERS; node = node.parent) {
      recent.unshift(headerOf(node, store));
    }
    this.#counts.set(source, new HeaderCount(network, recent, last.work));
  }

  #count(headers: readonly SealedHeader[], source: object | null, nowMs: number, before: number): HeadersOutcome {
    const { network, tree } = this.#parts;
    const count = source && this.#counts.get(source);
    if (!count || count.last.id !== headers[0]!.header.previous) return { added: before, orphan: true, held: 0 };
    let added = before;
    for (const [index, sealed] of headers.entries()) {
      count.add(sealed);
      added++;
      if (isTooFarAhead(network, sealed.header, nowMs)) {
        this.#counts.delete(source);
        return { added: added - 1, orphan: false, held: headers.length - index };
      }
      if (count.work <= tree.tip.work) continue;
      this.#counts.delete(source);
      // Its height is no less than its length.
      this.#grant = { headers: sealed.header.height + headers.length, work: count.work };
      return { added, orphan: false, held: 0, again: true };
    }
    return { added, orphan: false, held: 0 };
  }
}

export function assertValid(node: BlockNode): void {
  if (node.invalid) throw new RuleError(node.invalid);
}
