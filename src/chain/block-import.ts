import { checkBlock } from '../consensus/block.ts';
import { RuleError } from '../consensus/rule-error.ts';
import { isTooFarAhead } from '../consensus/header.ts';
import type { CheckedBlock } from '../consensus/types.ts';
import { transactionRoot, type DecodedBlock } from '../protocol/block.ts';
import { equalBytes } from '../util/bytes.ts';
import type { ActiveChain, ChainParts } from './active-chain.ts';
import { sealedOf, type BlockNode } from './block-node.ts';
import { assertValid, type HeaderIntake } from './header-intake.ts';
import { HeldBlocks } from './held-blocks.ts';
import type { BlockOutcome } from './port.ts';

export interface BlockImportParts extends ChainParts {
  readonly headers: HeaderIntake;
  readonly active: ActiveChain;
}

/**
 * Imports blocks: makes all checks that need no accounts, enters the block into the tree as complete, and lets the active chain
 * follow. Only the active chain checks a block against the accounts, and only on a branch with more work than the tip.
 */
export class BlockImport {
  readonly #parts: BlockImportParts;
  readonly #held: HeldBlocks;
  /** The blocks being accepted, by id. They are connected from memory, without being stored as side blocks first. */
  readonly #fresh = new Map<string, CheckedBlock>();
  /** Blocks that were prevalidated and passed their checks. */
  readonly #prevalidated = new WeakMap<DecodedBlock, CheckedBlock>();

  constructor(parts: BlockImportParts) {
    this.#parts = parts;
    this.#held = new HeldBlocks(parts.network);
  }

  /** Begins to check the signatures of a block that will be accepted soon. Changes nothing and never fails. */
  prevalidate(block: DecodedBlock): void {
    const { network, tree, state } = this.#parts;
    const node = tree.get(block.id);
    // The checks are expensive. A peer may cause them only for a missing body whose header has proof of work.
    if (node?.status !== 'header' || node.invalid) return;
    try {
      this.#prevalidated.set(block, checkBlock(network, block));
    } catch (error) {
      // `accept` will find and report the same error.
      if (error instanceof RuleError) return;
      throw error;
    }
    void state.prefetchSignatures(block);
  }

  /**
   * Imports blocks, lowest first, and lets the active chain follow once for all blocks.
   * @param nowMs this node's clock, Unix milliseconds
   * @returns the outcome of each block
   */
  async accept(blocks: readonly DecodedBlock[], nowMs: number): Promise<BlockOutcome[]> {
    const { tree, side, active, headers } = this.#parts;
    const results: (BlockOutcome | BlockNode)[] = [];
    let failures: ReadonlyMap<BlockNode, RuleError> = new Map();
    try {
      for (const block of blocks) results.push(this.#enter(block, nowMs));
      if (results.some((result) => isNode(result) || result.status === 'known')) failures = await active.activate(this.#fresh);
    } catch (error) {
      // These bodies are only in memory, so the tree must no longer count them as stored.
      for (const node of results.filter(isNode)) if (!tree.isActive(node)) tree.setStored(node, false);
      throw error;
    } finally {
      this.#fresh.clear();
      headers.bound();
    }
    return results.map((result, index): BlockOutcome => {
      if (!isNode(result)) return result;
      if (result.invalid) return { status: 'rejected', error: failures.get(result) ?? new RuleError('block-ancestor-invalid') };
      if (tree.isActive(result)) return { status: 'connected' };
      side.put(result, blocks[index]!);
      return { status: 'side' };
    });
  }

  /**
   * Imports the held blocks that are no longer too far ahead.
   * @param nowMs this node's clock, Unix milliseconds
   */
  async retryHeld(nowMs: number): Promise<void> {
    const { log } = this.#parts;
    for (const block of this.#held.takeDue(nowMs)) {
      const [outcome] = await this.accept([block], nowMs);
      const { id } = block;
      if (outcome!.status === 'rejected') log('info', 'chain/held-block-invalid', { id, code: outcome!.error.code });
      else log('debug', 'chain/held-block-taken', { id, outcome: outcome!.status });
    }
  }

  /** When {@link retryHeld} should be called next, Unix milliseconds; null when no block is held. */
  heldUntilMs(): number | null {
    return this.#held.nextDueMs();
  }

  /** Checks a block without the accounts. Returns its node in the tree where the block may become active. */
  #enter(block: DecodedBlock, nowMs: number): BlockOutcome | BlockNode {
    try {
      return this.#enterValid(block, nowMs);
    } catch (error) {
      if (error instanceof RuleError) return { status: 'rejected', error };
      throw error;
    }
  }

  #enterValid(block: DecodedBlock, nowMs: number): BlockOutcome | BlockNode {
    const { network, tree, altered, headers, log } = this.#parts;
    const known = tree.get(block.id);
    if (known) assertValid(known);
    if (known && known.status !== 'header') {
      if (altered.has(known.id)) altered.mend(block);
      return { status: 'known' };
    }
    const parent = tree.get(block.header.previous);
    if (!parent) return { status: 'orphan' };
    if (!known) headers.check(block, parent);
    if (isTooFarAhead(network, block.header, nowMs)) {
      this.#held.add(block);
      log('debug', 'chain/block-held', { id: block.id });
      return { status: 'held' };
    }
    return this.#checkBody(block, parent, known);
  }

  /** Checks the body without accounts and enters the block into the tree as complete. */
  #checkBody(block: DecodedBlock, parent: BlockNode, known: BlockNode | undefined): BlockNode {
    const { network, tree, side } = this.#parts;
    const enter = (): BlockNode => known ?? tree.add(block.id, block.header.bits, parent, sealedOf(block));
    try {
      this.#fresh.set(block.id, this.#prevalidated.get(block) ?? checkBlock(network, block));
    } catch (error) {
      // If the header names another body, the header may be valid, and the true body may still arrive. If it names this body, no other
      // body can make the block valid.
      const own = equalBytes(transactionRoot(block.transactions), block.header.transactionRoot);
      if (own && error instanceof RuleError) side.invalidate(enter(), error.code);
      throw error;
    }
    const node = enter();
    tree.setStored(node, true);
    return node;
  }
}

function isNode(result: BlockOutcome | BlockNode): result is BlockNode {
  return 'parent' in result;
}
