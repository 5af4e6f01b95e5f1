import { expectedBits, type HeaderContext } from '../consensus/difficulty.ts';
import type { StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import { encodeBlock, type DecodedBlock, type SealedHeader } from '../protocol/block.ts';
import type { History } from '../protocol/history.ts';
import type { Network } from '../protocol/network.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import type { ChainStore } from '../storage/port.ts';
import type { Log } from '../util/log.ts';
import type { WallClock } from '../util/ports.ts';
import { ActiveChain, type ChainChange } from './active-chain.ts';
import { AlteredBlocks } from './altered-blocks.ts';
import { BlockImport } from './block-import.ts';
import { headerOf } from './block-node.ts';
import { branchBelow, branchesWithin, type BranchBlock, type HeightRange } from './branches.ts';
import type { BlockTree } from './block-tree.ts';
import { ChainState } from './chain-state.ts';
import { HeaderIntake } from './header-intake.ts';
import { Histories } from './histories.ts';
import { loadTree } from './load-tree.ts';
import type { BlockOutcome, ChainFields, ChainPort, HeadersOutcome, TipInfo } from './port.ts';
import { ChainProofs } from './proofs.ts';
import { prune, type PruneParts } from './prune.ts';
import { Reorganisations } from './reorganisations.ts';
import { SideBlocks } from './side-blocks.ts';

export type { ChainChange } from './active-chain.ts';

export interface ChainOptions {
  readonly network: Network;
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  readonly clock: WallClock;
  readonly log: Log;
}

/**
 * The chain as the rest of the node sees it. This class answers questions; the parts do the work:
 *
 *     headers ─▶ HeaderIntake ─┐            next()             move()           connect()
 *                              ├─▶ BlockTree ────▶ ActiveChain ────▶ ChainState ───────▶ ChainStore
 *     blocks ──▶ BlockImport ──┘   fork choice     moves the tip     accounts            rows
 *                 │                                 │
 *                 └ HeldBlocks: too early           └ SideBlocks: bodies off the active chain
 *
 * A body is checked against the accounts only when its branch has more work than the tip.
 */
export class Chain implements ChainPort {
  readonly network: Network;
  /** Active blocks whose stored bodies were altered. */
  readonly altered: AlteredBlocks;
  readonly proofs: ChainProofs;
  readonly reorganisations: Reorganisations;
  readonly #store: ChainStore;
  readonly #clock: WallClock;
  readonly #state: ChainState;
  readonly #tree: BlockTree;
  readonly #histories: Histories;
  readonly #active: ActiveChain;
  readonly #headers: HeaderIntake;
  readonly #blocks: BlockImport;
  readonly #pruned: PruneParts;

  private constructor({ network, store, verifier, clock, log }: ChainOptions) {
    this.network = network;
    this.#store = store;
    this.#clock = clock;
    const state = new ChainState(network, store, verifier);
    const { tree, history } = loadTree(network, store);
    const side = new SideBlocks(store, tree);
    side.restore();
    const altered = new AlteredBlocks(network, store);
    const parts = { network, store, state, tree, side, altered, log };
    const active = new ActiveChain(parts);
    const histories = new Histories(tree, history);
    const headers = new HeaderIntake({ network, tree, histories, store });
    this.#state = state;
    this.#tree = tree;
    this.#histories = histories;
    this.altered = altered;
    this.proofs = new ChainProofs({ store, state, tree, histories });
    this.reorganisations = new Reorganisations({ network, store, clock });
    active.subscribe((change) => this.reorganisations.note(change));
    this.#active = active;
    this.#headers = headers;
    this.#blocks = new BlockImport({ ...parts, active, headers });
    this.#pruned = { ...parts, histories };
  }

  /**
   * Opens the stored chain.
   * @throws TabchainError `storage-damaged` when stored rows contradict one another
   */
  static async open(options: ChainOptions): Promise<Chain> {
    const chain = new Chain(options);
    await chain.#active.activate(new Map());
    return chain;
  }

  /** The accounts after the tip. */
  get view(): StateView {
    return this.#store;
  }

  /** Calls back after each movement of the tip, until the returned function is called. */
  subscribe(listener: (change: ChainChange) => void): () => void {
    return this.#active.subscribe(listener);
  }

  base(): number {
    return this.#tree.base.height;
  }

  /**
   * Makes the block at a height the base: deletes this block's body and all blocks below, and keeps the accounts. The newest
   * 128 blocks always stay, so the base may end up lower. It never moves down. Costs some hashes for each block that stays.
   */
  prune(height: number): void {
    prune(this.#pruned, height);
  }

  tip(): TipInfo {
    return this.#active.tip;
  }

  bestHeader(): TipInfo {
    const { best } = this.#tree;
    // Usually the best header is the tip. Every message asks for it, so the usual answer must not cost a query.
    return best.id === this.#active.tip.id ? this.#active.tip : this.#active.info(best);
  }

  hasHeader(id: string): boolean {
    return this.#tree.get(id) !== undefined;
  }

  hasBlock(id: string): boolean {
    const node = this.#tree.get(id);
    return node !== undefined && node.status !== 'header';
  }

  header(id: string): SealedHeader | null {
    const node = this.#tree.get(id);
    return node ? headerOf(node, this.#store) : null;
  }

  activeId(height: number): string | null {
    return this.#tree.activeAt(height)?.id ?? null;
  }

  /** Height of a known block, whether it is active, and its cumulative work; null when unknown. */
  locate(id: string): { height: number; active: boolean; work: bigint } | null {
    const node = this.#tree.get(id);
    return node ? { height: node.height, active: this.#tree.isActive(node), work: node.work } : null;
  }

  /** {@link branchesWithin} */
  branches(range: HeightRange, most: number): BranchBlock[] {
    return branchesWithin(this.#tree, this.#store, range, most);
  }

  /** {@link branchBelow} */
  branchBelow(height: number): number | null {
    return branchBelow(this.#tree, height);
  }

  locator(): string[] {
    return this.#tree.locator();
  }

  headersAfter(locator: readonly string[], limit: number): SealedHeader[] {
    const known = locator.map((id) => this.#tree.get(id)).find((node) => node && this.#tree.isActive(node));
    if (!known && this.base() > 0) return [];
    return this.#store.headers((known?.height ?? 0) + 1, limit);
  }

  missingBlocks(limit: number, goal?: string): string[] {
    const node = goal === undefined ? this.#tree.best : this.#tree.get(goal);
    return node ? this.#tree.missing(limit, node).map(({ id }) => id) : [];
  }

  block(id: string): DecodedBlock | null {
    const { newest } = this.#active;
    if (id === newest?.id) return newest;
    const node = this.#tree.get(id);
    if (!node) return null;
    return this.#tree.isActive(node) ? this.activeBlock(node.height) : this.#store.sideBlock(id);
  }

  blockBytes(id: string): Uint8Array | null {
    const node = this.#tree.get(id);
    // Off the active chain the store keeps blocks encoded.
    if (node && !this.#tree.isActive(node)) return this.#store.sideBlockBytes(id);
    const block = this.block(id);
    return block && encodeBlock(block);
  }

  /** The active block at a height. Null above the tip, up to a base above genesis, and where its stored body was altered. */
  activeBlock(height: number): DecodedBlock | null {
    const node = this.#tree.activeAt(height);
    const hasBody = node && (node !== this.#tree.base || height === 0);
    return hasBody ? this.altered.read(node.id, height) : null;
  }

  acceptHeaders(headers: readonly SealedHeader[], source?: object): HeadersOutcome {
    return this.#headers.accept(headers, source ?? null, this.#clock.now());
  }

  releaseSource(source: object): void {
    this.#headers.release(source);
  }

  /** The ancestors that decide the target of a block's child; null for an unknown block. */
  context(id: string): HeaderContext | null {
    const node = this.#tree.get(id);
    return node ? this.#headers.context(node) : null;
  }

  /** The history up to and including a block, whose root is the history root of the block's children; null for an unknown block. */
  historyUpTo(id: string): History | null {
    const node = this.#tree.get(id);
    return node ? this.#histories.upTo(node) : null;
  }

  nextBits(timeMs: number): number {
    return expectedBits(this.network, this.#headers.context(this.#tree.tip), timeMs);
  }

  nextFields(miner: Address, transactions: readonly DecodedTransaction[]): ChainFields {
    const { stateRoot, supply } = this.#state.fieldsAfter(this.#active.tip.sealed.header, miner, transactions);
    return { historyRoot: this.#histories.upTo(this.#tree.tip).root, stateRoot, supply };
  }

  prevalidate(block: DecodedBlock): void {
    this.#blocks.prevalidate(block);
  }

  /**
   * Accepts one block that came from no peer: the own miner made it, or the disk held it.
   * @throws RuleError
   */
  async acceptBlock(block: DecodedBlock): Promise<Exclude<BlockOutcome['status'], 'rejected'>> {
    const [outcome] = await this.acceptBlocks([block]);
    if (outcome!.status === 'rejected') throw outcome!.error;
    return outcome!.status;
  }

  async acceptBlocks(blocks: readonly DecodedBlock[]): Promise<BlockOutcome[]> {
    return this.#blocks.accept(blocks, this.#clock.now());
  }

  /**
   * Imports the held blocks that are no longer too far ahead.
   * @param nowMs this node's clock, Unix milliseconds
   */
  retryHeld(nowMs: number): Promise<void> {
    return this.#blocks.retryHeld(nowMs);
  }

  /** When `retryHeld` should be called next, Unix milliseconds; null when no block is held. */
  heldUntilMs(): number | null {
    return this.#blocks.heldUntilMs();
  }
}
