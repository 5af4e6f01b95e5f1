import type { BlockOutcome, ChainFields, ChainPort, HeadersOutcome, MempoolPort, ProofsPort, TipInfo } from '../../../../src/chain/port.ts';
import { RuleError, type RuleCode } from '../../../../src/consensus/rule-error.ts';
import {
  BLOCK_VERSION,
  encodeBlock,
  sealBlock,
  transactionRoot,
  type DecodedBlock,
  type SealedHeader,
} from '../../../../src/protocol/block.ts';
import type { Network } from '../../../../src/protocol/network.ts';
import { workOfBits } from '../../../../src/protocol/target.ts';
import { encodeTransaction, networkTag, type DecodedTransaction } from '../../../../src/protocol/transaction.ts';
import { equalBytes } from '../../../../src/util/bytes.ts';
import { TabchainError } from '../../../../src/util/errors.ts';
import type { WallClock } from '../../../../src/util/ports.ts';

/** Headers of FORGER lack proof of work; blocks of CHEAT break a rule when they are connected. */
export const FORGER = 'f'.repeat(40);
export const CHEAT = 'e'.repeat(40);
const MINER = '1'.repeat(40);

export interface BlockOptions {
  readonly miner?: string;
  readonly transactions?: readonly DecodedTransaction[];
  readonly timeMs?: number;
  readonly bits?: number;
  readonly nonce?: number;
  readonly stateRoot?: Uint8Array;
}

/** A block on `parent` that the fake chain accepts. */
export function makeBlock(network: Network, parent: SealedHeader, options: BlockOptions = {}): DecodedBlock {
  const transactions = options.transactions ?? [];
  const nonce = new Uint8Array(20);
  new DataView(nonce.buffer).setUint32(16, options.nonce ?? 0);
  const header = {
    version: BLOCK_VERSION,
    height: parent.header.height + 1,
    previous: parent.id,
    historyRoot: new Uint8Array(32),
    transactionRoot: transactionRoot(transactions),
    stateRoot: options.stateRoot ?? new Uint8Array(32),
    timeMs: options.timeMs ?? parent.header.timeMs + 1,
    bits: options.bits ?? network.powLimitBits,
    supply: 0,
    miner: options.miner ?? MINER,
  };
  return sealBlock(header, nonce, transactions);
}

/** A chain of `count` blocks on `parent`. */
export function makeBranch(network: Network, parent: SealedHeader, count: number, options: BlockOptions = {}): DecodedBlock[] {
  const blocks: DecodedBlock[] = [];
  for (let i = 0; i < count; i++) blocks.push(makeBlock(network, blocks.at(-1) ?? parent, options));
  return blocks;
}

/** A transfer that only the codec has checked; `serial` makes it unique. */
export function makeTransfer(network: Network, serial: number, amount = 1): DecodedTransaction {
  const signature = new Uint8Array(256);
  new DataView(signature.buffer).setUint32(0, serial);
  const sender = '1'.repeat(40);
  return encodeTransaction({
    kind: 'transfer',
    networkTag: networkTag(network.id),
    sender,
    recipient: '2'.repeat(40),
    amount,
    fee: 1,
    nonce: serial,
    memo: { kind: 'none' },
    signature,
  });
}

interface Entry {
  readonly sealed: SealedHeader;
  readonly work: bigint;
  body: DecodedBlock | null;
  invalid: boolean;
}

/** A chain in memory that follows the most work; checks only the rules that tests break on purpose. */
export class FakeChain implements ChainPort {
  readonly network: Network;
  readonly #clock: WallClock;
  readonly #entries = new Map<string, Entry>();
  #active: string[];
  #bestId: string;
  /** Blocks with bodies that are not active. */
  readonly #stored = new Set<string>();
  /** Called with each newly active block. */
  onConnected: (block: DecodedBlock) => void = () => undefined;
  /** Called with each block that leaves the active chain. */
  onDisconnected: (block: DecodedBlock) => void = () => undefined;
  acceptedBlocks = 0;

  readonly #base: number;

  /** @param base the block at which the chain begins, with its cumulative work; genesis by default */
  constructor(network: Network, clock: WallClock, base: Pick<TipInfo, 'sealed' | 'work'> = { sealed: network.genesis, work: 0n }) {
    this.network = network;
    this.#clock = clock;
    const { sealed, work } = base;
    this.#base = sealed.header.height;
    this.#entries.set(sealed.id, { sealed, work, body: sealed.id === network.genesis.id ? network.genesis : null, invalid: false });
    this.#active = [];
    this.#active[this.#base] = sealed.id;
    this.#bestId = sealed.id;
  }

  #info(id: string): TipInfo {
    const { sealed, work } = this.#entries.get(id)!;
    return { height: sealed.header.height, id, sealed, work };
  }

  base(): number {
    return this.#base;
  }

  tip(): TipInfo {
    return this.#info(this.#active.at(-1)!);
  }

  bestHeader(): TipInfo {
    return this.#info(this.#bestId);
  }

  hasHeader(id: string): boolean {
    return this.#entries.has(id);
  }

  hasBlock(id: string): boolean {
    return (this.#entries.get(id)?.body ?? null) !== null;
  }

  header(id: string): SealedHeader | null {
    return this.#entries.get(id)?.sealed ?? null;
  }

  activeId(height: number): string | null {
    return this.#active[height] ?? null;
  }

  locator(): string[] {
    const ids: string[] = [];
    for (let height = this.#active.length - 1, step = 1; height > this.#base; height -= step) {
      ids.push(this.#active[height]!);
      if (ids.length >= 32) step *= 2;
    }
    return [...ids, this.#active[this.#base]!];
  }

  headersAfter(locator: readonly string[], limit: number): SealedHeader[] {
    const start =
      locator.map((id) => this.#active.indexOf(id)).find((height) => height >= 0) ?? (this.#base === 0 ? 0 : this.#active.length);
    return this.#active.slice(start + 1, start + 1 + limit).map((id) => this.#entries.get(id)!.sealed);
  }

  acceptHeaders(headers: readonly SealedHeader[]): HeadersOutcome {
    let added = 0;
    for (const [index, sealed] of headers.entries()) {
      if (this.#entries.has(sealed.id)) continue;
      const parent = this.#entries.get(sealed.header.previous);
      if (!parent) {
        if (index === 0) return { status: 'orphan', added: 0 };
        return rejected('previous-wrong');
      }
      if (sealed.header.miner === FORGER) return rejected('seal-above-target');
      if (parent.invalid) return rejected('block-ancestor-invalid');
      if (this.#ahead(sealed)) return { status: 'accepted', added, held: headers.length - index };
      const work = parent.work + workOfBits(sealed.header.bits);
      this.#entries.set(sealed.id, { sealed, work, body: null, invalid: false });
      added++;
      if (work > this.bestHeader().work) this.#bestId = sealed.id;
    }
    return { status: 'accepted', added, held: 0 };
  }

  releaseSource(): void {
    // Nothing to release, because everything is kept.
  }

  #ahead(sealed: SealedHeader): boolean {
    return sealed.header.timeMs > this.#clock.now() + 2 * this.network.blockTimeMs;
  }

  #path(id: string): Entry[] {
    const path: Entry[] = [];
    for (let entry = this.#entries.get(id)!; this.#active[entry.sealed.header.height] !== entry.sealed.id;) {
      path.push(entry);
      entry = this.#entries.get(entry.sealed.header.previous)!;
    }
    return path.reverse();
  }

  missingBlocks(limit: number, goal = this.#bestId): string[] {
    return this.#path(goal)
      .filter((entry) => entry.body === null)
      .slice(0, limit)
      .map((entry) => entry.sealed.id);
  }

  readonly altered = { ids: () => [] };
  proofs: ProofsPort = { tail: () => null, samples: () => null, stateChunk: () => null };

  block(id: string): DecodedBlock | null {
    return this.#entries.get(id)?.body ?? null;
  }

  blockBytes(id: string): Uint8Array | null {
    const body = this.block(id);
    return body ? encodeBlock(body) : null;
  }

  async #accept(block: DecodedBlock): Promise<BlockOutcome> {
    this.acceptedBlocks++;
    if (this.hasBlock(block.id)) return { status: 'known' };
    if (!this.#entries.has(block.header.previous)) return { status: 'orphan' };
    const headers = this.acceptHeaders([block]);
    if (headers.status === 'rejected') return headers;
    if (headers.status === 'accepted' && headers.held > 0) return { status: 'held' };
    if (!equalBytes(transactionRoot(block.transactions), block.header.transactionRoot)) return rejected('transaction-root-wrong');
    if (block.header.miner === CHEAT) {
      this.#entries.get(block.id)!.invalid = true;
      if (this.#bestId === block.id) this.#bestId = this.tip().id;
      return rejected('state-root-wrong');
    }
    this.#entries.get(block.id)!.body = block;
    this.#stored.add(block.id);
    const isConnected = this.#followMostWork() && this.#active[block.header.height] === block.id;
    return { status: isConnected ? 'connected' : 'side' };
  }

  /** @throws RuleError */
  async acceptBlock(block: DecodedBlock): Promise<void> {
    const outcome = await this.#accept(block);
    if (outcome.status === 'rejected') throw outcome.error;
  }

  async acceptBlocks(blocks: readonly DecodedBlock[]): Promise<BlockOutcome[]> {
    const outcomes: BlockOutcome[] = [];
    for (const block of blocks) outcomes.push(await this.#accept(block));
    return outcomes;
  }

  prevalidate(): void {
    // Nothing to do without signatures.
  }

  nextBits(): number {
    return this.network.powLimitBits;
  }

  nextFields(): ChainFields {
    return { historyRoot: new Uint8Array(32), stateRoot: new Uint8Array(32), supply: 0 };
  }

  /** Makes the heaviest complete branch the active one. */
  #followMostWork(): boolean {
    let best = this.tip();
    for (const id of this.#stored) {
      if (this.#entries.get(id)!.work > best.work && this.#path(id).every(({ body }) => body !== null)) best = this.#info(id);
    }
    if (best.id === this.tip().id) return false;
    const path = this.#path(best.id);
    const fork = path[0]!.sealed.header.height;
    for (const id of this.#active.splice(fork).reverse()) {
      this.#stored.add(id);
      this.onDisconnected(this.#entries.get(id)!.body!);
    }
    for (const { sealed } of path) {
      this.#stored.delete(sealed.id);
      this.#active.push(sealed.id);
    }
    if (best.work >= this.bestHeader().work) this.#bestId = best.id;
    for (const { body } of path) this.onConnected(body!);
    return true;
  }
}

/** Refuses transfers by their amount: 13 counts as below the fee limit, 666 as a bad signature. */
export class FakeMempool implements MempoolPort {
  readonly #transactions = new Map<string, DecodedTransaction>();
  onAdded: (id: string) => void = () => undefined;
  accepts = 0;

  has(id: string): boolean {
    return this.#transactions.has(id);
  }

  get(id: string): DecodedTransaction | null {
    return this.#transactions.get(id) ?? null;
  }

  ids(): string[] {
    return [...this.#transactions.keys()];
  }

  async accept(decoded: DecodedTransaction): Promise<'added' | 'known'> {
    this.accepts++;
    const { transaction } = decoded;
    if (transaction.kind === 'transfer' && transaction.amount === 13) throw new TabchainError('fee-too-low', 'test');
    if (transaction.kind === 'transfer' && transaction.amount === 666) throw new RuleError('signature-invalid');
    if (this.has(decoded.id)) return 'known';
    this.#transactions.set(decoded.id, decoded);
    this.onAdded(decoded.id);
    return 'added';
  }

  select(): DecodedTransaction[] {
    return [...this.#transactions.values()];
  }

  remove(id: string): void {
    this.#transactions.delete(id);
  }
}

function rejected(code: RuleCode): { readonly status: 'rejected'; readonly error: RuleError } {
  return { status: 'rejected', error: new RuleError(code) };
}
