import { checkBlock } from '../consensus/block.ts';
import { expectedBits } from '../consensus/difficulty.ts';
import { RuleError } from '../consensus/errors.ts';
import { isTooFarAhead } from '../consensus/header.ts';
import type { CheckedBlock, StateView } from '../consensus/types.ts';
import type { Address } from '../crypto/address.ts';
import type { SignatureVerifier } from '../crypto/rsa/verifier.ts';
import { encodeBlock, transactionRoot, type DecodedBlock, type SealedHeader } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import type { ChainStore } from '../storage/port.ts';
import { equalBytes } from '../util/bytes.ts';
import { assert } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import type { WallClock } from '../util/ports.ts';
import { AlteredBlocks } from './altered-blocks.ts';
import { headerOf, sealedOf, type BlockNode } from './block-node.ts';
import type { BlockTree } from './block-tree.ts';
import { AlteredBlockError, ChainState, type Movement } from './chain-state.ts';
import { assertValid, HeaderIntake } from './header-intake.ts';
import { HeldBlocks } from './held-blocks.ts';
import { loadTree } from './load-tree.ts';
import type { BlockOutcome, ChainPort, HeadersOutcome, TipInfo } from './port.ts';
import { SideBlocks } from './side-blocks.ts';

/** One movement of the tip, already committed. A reorganisation has both lists, each oldest first. */
export interface ChainChange {
  readonly connected: readonly DecodedBlock[];
  readonly disconnected: readonly DecodedBlock[];
  readonly tip: TipInfo;
}

/** A block, and the rule that it broke. */
type Failure = { readonly node: BlockNode; readonly error: RuleError };

export interface ChainOptions {
  readonly network: Network;
  readonly store: ChainStore;
  readonly verifier: SignatureVerifier;
  readonly clock: WallClock;
  readonly log: Log;
}

/**
 * Most blocks that one transaction of the store connects beyond what fork choice asks for: writing a page once for several blocks saves a
 * tenth of the time, more of them save little more, and all of them are done again where one is invalid.
 */
const GROUP_BLOCKS = 16;

/**
 * Fork choice and the active chain. Bodies are checked in full only when their branch has more work than the tip; the
 * store, the state tree and the block tree change together or not at all.
 */
export class Chain implements ChainPort {
  readonly network: Network;
  readonly #store: ChainStore;
  readonly #state: ChainState;
  readonly #tree: BlockTree;
  readonly #side: SideBlocks;
  /** Active blocks whose stored bodies were altered. */
  readonly altered: AlteredBlocks;
  readonly #held: HeldBlocks;
  readonly #headers: HeaderIntake;
  readonly #clock: WallClock;
  readonly #log: Log;
  readonly #listeners = new Set<(change: ChainChange) => void>();
  #tip: TipInfo;
  /** The tip's block where it was connected since the start: peers ask for it next, and it need not be rebuilt from its rows. */
  #newest: DecodedBlock | null = null;
  /** The blocks being accepted, by id: connecting them directly spares the way through the side blocks. */
  readonly #fresh = new Map<string, CheckedBlock>();
  /** Blocks that were prevalidated and passed their checks. */
  readonly #prevalidated = new WeakMap<DecodedBlock, CheckedBlock>();

  private constructor({ network, store, verifier, clock, log }: ChainOptions) {
    this.network = network;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#state = new ChainState(network, store, verifier);
    this.#tree = loadTree(network, store);
    this.#side = new SideBlocks(store, this.#tree);
    this.#side.restore();
    this.altered = new AlteredBlocks(network, store);
    this.#held = new HeldBlocks(network);
    this.#headers = new HeaderIntake({ network, tree: this.#tree, store });
    this.#tip = this.#info(this.#tree.tip);
  }

  /**
   * The chain as the store has it.
   * @throws TabchainError `storage-damaged`
   */
  static async open(options: ChainOptions): Promise<Chain> {
    const chain = new Chain(options);
    await chain.#activate();
    return chain;
  }

  /** The accounts after the tip. */
  get view(): StateView {
    return this.#store;
  }

  /** Calls back after each movement of the tip, until the returned function is called. */
  subscribe(listener: (change: ChainChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tip(): TipInfo {
    return this.#tip;
  }

  bestHeader(): TipInfo {
    const { best } = this.#tree;
    // Mostly the tip itself: asked for at every message, it must not cost a query each time.
    return best.id === this.#tip.id ? this.#tip : this.#info(best);
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

  locator(): string[] {
    return this.#tree.locator();
  }

  headersAfter(locator: readonly string[], limit: number): SealedHeader[] {
    const known = locator.map((id) => this.#tree.get(id)).find((node) => node && this.#tree.isActive(node));
    return this.#store.headers((known?.height ?? 0) + 1, limit);
  }

  missingBlocks(limit: number, goal?: string): string[] {
    const node = goal === undefined ? this.#tree.best : this.#tree.get(goal);
    return node ? this.#tree.missing(limit, node).map(({ id }) => id) : [];
  }

  block(id: string): DecodedBlock | null {
    if (id === this.#newest?.id) return this.#newest;
    const node = this.#tree.get(id);
    if (!node) return null;
    return this.#tree.isActive(node) ? this.altered.read(id, node.height) : this.#store.sideBlock(id);
  }

  blockBytes(id: string): Uint8Array | null {
    const node = this.#tree.get(id);
    // Off the active chain the store keeps blocks encoded.
    if (node && !this.#tree.isActive(node)) return this.#store.sideBlockBytes(id);
    const block = this.block(id);
    return block && encodeBlock(block);
  }

  /** The active block at a height, null above the tip or where its stored body was altered. */
  activeBlock(height: number): DecodedBlock | null {
    const node = this.#tree.activeAt(height);
    return node ? this.altered.read(node.id, height) : null;
  }

  acceptHeaders(headers: readonly SealedHeader[], source?: object): HeadersOutcome {
    return this.#headers.accept(headers, source ?? null, this.#clock.now());
  }

  releaseSource(source: object): void {
    this.#headers.release(source);
  }

  nextBits(timeMs: number): number {
    return expectedBits(this.network, this.#headers.context(this.#tree.tip), timeMs);
  }

  stateRootAfter(miner: Address, transactions: readonly DecodedTransaction[]): Uint8Array {
    return this.#state.rootAfter(this.#tip.height + 1, miner, transactions);
  }

  prevalidate(block: DecodedBlock): void {
    const node = this.#tree.get(block.id);
    // Only for a body that is wanted and belongs to proof of work may a peer make this node compute so much.
    if (node?.status !== 'header' || node.invalid) return;
    try {
      this.#prevalidated.set(block, checkBlock(this.network, block));
    } catch (error) {
      // To be found again, and told, when it is accepted.
      if (error instanceof RuleError) return;
      throw error;
    }
    void this.#state.prefetchSignatures(block);
  }

  async acceptBlock(block: DecodedBlock): Promise<BlockOutcome> {
    const [outcome] = await this.#accept([block], this.#clock.now());
    if (outcome instanceof RuleError) throw outcome;
    return outcome!;
  }

  async acceptBlocks(blocks: readonly DecodedBlock[]): Promise<(BlockOutcome | RuleError)[]> {
    return this.#accept(blocks, this.#clock.now());
  }

  /**
   * Tries the held blocks whose time has come.
   * @param nowMs this node's clock, Unix milliseconds
   */
  async retryHeld(nowMs: number): Promise<void> {
    for (const block of this.#held.takeDue(nowMs)) {
      const [outcome] = await this.#accept([block], nowMs);
      if (outcome instanceof RuleError) this.#log('info', 'chain/held-block-invalid', { id: block.id, code: outcome.code });
      else this.#log('debug', 'chain/held-block-taken', { id: block.id, outcome });
    }
  }

  /** When `retryHeld` is worth calling next, Unix milliseconds; null when nothing is held. */
  heldUntilMs(): number | null {
    return this.#held.nextDueMs();
  }

  async #accept(blocks: readonly DecodedBlock[], nowMs: number): Promise<(BlockOutcome | RuleError)[]> {
    const results: (BlockOutcome | RuleError | BlockNode)[] = [];
    let failures: ReadonlyMap<BlockNode, RuleError> = new Map();
    try {
      for (const block of blocks) results.push(this.#enter(block, nowMs));
      if (results.some((result) => isNode(result) || result === 'known')) failures = await this.#activate();
    } catch (error) {
      // Their bodies are only in memory yet, so the tree must not count on them.
      for (const node of results.filter(isNode)) if (!this.#tree.isActive(node)) this.#tree.setStored(node, false);
      throw error;
    } finally {
      this.#fresh.clear();
      this.#headers.bound();
    }
    return results.map((result, index) => {
      if (!isNode(result)) return result;
      if (result.invalid) return failures.get(result) ?? new RuleError('block-ancestor-invalid');
      if (this.#tree.isActive(result)) return 'connected';
      this.#side.put(result, blocks[index]!);
      return 'side';
    });
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
    const known = this.#tree.get(block.id);
    if (known) assertValid(known);
    if (known && known.status !== 'header') {
      if (this.altered.has(known.id)) this.altered.mend(block);
      return 'known';
    }
    const parent = this.#tree.get(block.header.previous);
    if (!parent) return 'orphan';
    if (!known) this.#headers.check(block, parent);
    if (isTooFarAhead(this.network, block.header, nowMs)) {
      this.#held.add(block);
      this.#log('debug', 'chain/block-held', { id: block.id });
      return 'held';
    }
    return this.#checkBody(block, parent, known);
  }

  /** Checks the body without accounts and enters the block into the tree as complete. */
  #checkBody(block: DecodedBlock, parent: BlockNode, known: BlockNode | undefined): BlockNode {
    const enter = (): BlockNode => known ?? this.#tree.add(block.id, block.header.bits, parent, sealedOf(block));
    try {
      this.#fresh.set(block.id, this.#prevalidated.get(block) ?? checkBlock(this.network, block));
    } catch (error) {
      // Under another body's root the header is innocent, and the true body may still come. Under its own, no body can mend it.
      const own = equalBytes(transactionRoot(block.transactions), block.header.transactionRoot);
      if (own && error instanceof RuleError) this.#side.invalidate(enter(), error.code);
      throw error;
    }
    const node = enter();
    this.#tree.setStored(node, true);
    return node;
  }

  /**
   * Moves the tip, some blocks at a time, until no complete branch has more work.
   * @returns what was found invalid on the way
   */
  async #activate(): Promise<Map<BlockNode, RuleError>> {
    const failures = new Map<BlockNode, RuleError>();
    for (let next = this.#tree.next(GROUP_BLOCKS); next; next = this.#tree.next(GROUP_BLOCKS)) {
      if (!(await this.#prepare(next.path))) continue;
      const failure = this.#stepWhole(next.fork, next.path);
      if (failure === 'altered') return failures;
      if (failure) failures.set(failure.node, failure.error);
    }
    return failures;
  }

  /** Checks the signatures of a path ahead. False when a body turned out to be lost: its node is a mere header again. */
  async #prepare(path: readonly BlockNode[]): Promise<boolean> {
    let prefetched = Promise.resolve();
    for (const node of path) {
      const block = this.#body(node);
      if (!block) {
        this.#log('warn', 'chain/block-missing', { id: node.id });
        this.#side.forget(node);
        return false;
      }
      // One block ahead, so that there is always something to do.
      const prefetching = this.#state.prefetchSignatures(block);
      await prefetched;
      prefetched = prefetching;
    }
    await prefetched;
    return true;
  }

  /** Like {@link #step}; `altered` where a block to disconnect was altered on disk: the tip stays until a peer has mended it. */
  #stepWhole(fork: BlockNode, path: readonly BlockNode[]): Failure | 'altered' | null {
    try {
      return this.#step(fork, path);
    } catch (error) {
      if (error instanceof AlteredBlockError && this.#noteAltered(fork)) return 'altered';
      throw error;
    }
  }

  /** Looks for all altered blocks above `fork`, so that peers are asked for them together. Whether there are any. */
  #noteAltered(fork: BlockNode): boolean {
    let isAny = false;
    for (let { height } = this.#tip; height > fork.height; height--) if (!this.activeBlock(height)) isAny = true;
    return isAny;
  }

  /** Moves the tip to the end of `path` in one transaction; on a broken rule the old tip stays and the culprit is marked. */
  #step(fork: BlockNode, path: readonly BlockNode[]): Failure | null {
    let current = path[0]!;
    const sources = path.map((node) => ({ work: node.work, load: () => this.#checkedBody(node) }));
    let movement: Movement;
    try {
      movement = this.#state.move(fork.height, sources, (index) => (current = path[index]!));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.#log('info', 'chain/block-invalid', { id: current.id, height: current.height, code: error.code });
      this.#side.invalidate(current, error.code);
      return { node: current, error };
    }
    const detached = movement.disconnected.map((block) => [this.#tree.get(block.id)!, block.size] as const);
    this.#tree.activate(fork, path, movement.disconnected.map(sealedOf));
    this.#side.moved(path, detached);
    this.#tip = this.#info(this.#tree.tip);
    this.#newest = movement.connected.at(-1) ?? null;
    for (const listener of this.#listeners) listener({ ...movement, tip: this.#tip });
    return null;
  }

  #body(node: BlockNode): DecodedBlock | null {
    return this.#fresh.get(node.id) ?? this.#store.sideBlock(node.id);
  }

  #checkedBody(node: BlockNode): CheckedBlock {
    const fresh = this.#fresh.get(node.id);
    if (fresh) return fresh;
    const block = this.#store.sideBlock(node.id);
    assert(block, 'A stored block is missing.');
    return checkBlock(this.network, block);
  }

  #info(node: BlockNode): TipInfo {
    return { height: node.height, id: node.id, sealed: headerOf(node, this.#store), work: node.work };
  }
}

function isNode(result: BlockOutcome | RuleError | BlockNode): result is BlockNode {
  return typeof result === 'object' && 'parent' in result;
}
