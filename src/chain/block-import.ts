import { checkBlock } from '../consensus/block.ts';
import { RuleError } from '../consensus/errors.ts';
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
 * Takes blocks: checks what can be checked without the accounts, enters the block into the tree as complete, and lets the active
 * chain follow. Only there, and only on a branch with more work than the tip, a block meets the accounts.
 */
export class BlockImport {
  readonly #parts: BlockImportParts;
  readonly #held: HeldBlocks;
  /** The blocks being accepted, by id: connecting them directly spares the way through the side blocks. */
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
    // Only for a body that is wanted and belongs to proof of work may a peer make this node compute so much.
    if (node?.status !== 'header' || node.invalid) return;
    try {
      this.#prevalidated.set(block, checkBlock(network, block));
    } catch (error) {
      // To be found again, and told, when it is accepted.
      if (error instanceof RuleError) return;
      throw error;
    }
    void state.prefetchSignatures(block);
  }

  /**
   * Takes blocks, lowest first, and moves the tip once for all of them.
   * @param nowMs this node's clock, Unix milliseconds
   * @returns what became of each, the broken rule in place of an outcome
   */
  async accept(blocks: readonly DecodedBlock[], nowMs: number): Promise<(BlockOutcome | RuleError)[]> {
    const { tree, side, active, headers } = this.#parts;
    const results: (BlockOutcome | RuleError | BlockNode)[] = [];
    let failures: ReadonlyMap<BlockNode, RuleError> = new Map();
    try {
      for (const block of blocks) results.push(this.#enter(block, nowMs));
      if (results.some((result) => isNode(result) || result === 'known')) failures = await active.activate(this.#fresh);
    } catch (error) {
      // Their bodies are only in memory yet, so the tree must not count on them.
      for (const node of results.filter(isNode)) if (!tree.isActive(node)) tree.setStored(node, false);
      throw error;
    } finally {
      this.#fresh.clear();
      headers.bound();
    }
    return results.map((result, index) => {
      if (!isNode(result)) return result;
      if (result.invalid) return failures.get(result) ?? new RuleError('block-ancestor-invalid');
      if (tree.isActive(result)) return 'connected';
      side.put(result, blocks[index]!);
      return 'side';
    });
  }

  /**
   * Tries the held blocks whose time has come.
   * @param nowMs this node's clock, Unix milliseconds
   */
  async retryHeld(nowMs: number): Promise<void> {
    const { log } = this.#parts;
    for (const block of this.#held.takeDue(nowMs)) {
      const [outcome] = await this.accept([block], nowMs);
      if (outcome instanceof RuleError) log('info', 'chain/held-block-invalid', { id: block.id, code: outcome.code });
      else log('debug', 'chain/held-block-taken', { id: block.id, outcome });
    }
  }

  /** When {@link retryHeld} is worth calling next, Unix milliseconds; null when nothing is held. */
  heldUntilMs(): number | null {
    return this.#held.nextDueMs();
  }

  /** The first checks of a block; its node in the tree where it may become active. */
  #enter(block: DecodedBlock, nowMs: number): BlockOutcome | RuleError | BlockNode {
    try {
      return this.#enterValid(block, nowMs);
    } catch (error) {
      if (error instanceof RuleError) return error;
      throw error;
    }
  }

  #enterValid(block: DecodedBlock, nowMs: number): BlockOutcome | BlockNode {
    const { network, tree, altered, headers, log } = this.#parts;
    const known = tree.get(block.id);
    if (known) assertValid(known);
    if (known && known.status !== 'header') {
      if (altered.has(known.id)) altered.mend(block);
      return 'known';
    }
    const parent = tree.get(block.header.previous);
    if (!parent) return 'orphan';
    if (!known) headers.check(block, parent);
    if (isTooFarAhead(network, block.header, nowMs)) {
      this.#held.add(block);
      log('debug', 'chain/block-held', { id: block.id });
      return 'held';
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
      // Under another body's root the header is innocent, and the true body may still come. Under its own, no body can mend it.
      const own = equalBytes(transactionRoot(block.transactions), block.header.transactionRoot);
      if (own && error instanceof RuleError) side.invalidate(enter(), error.code);
      throw error;
    }
    const node = enter();
    tree.setStored(node, true);
    return node;
  }
}

function isNode(result: BlockOutcome | RuleError | BlockNode): result is BlockNode {
  return typeof result === 'object' && 'parent' in result;
}
