import { RuleError } from '../../../../src/consensus/rule-error.ts';
import { makeStateChunk, verifyStateChunk } from '../../../../src/consensus/state-proof.ts';
import { StateTree } from '../../../../src/consensus/state-tree.ts';
import { sha256 } from '../../../../src/crypto/hash.ts';
import type { ChainBase, TipInfo } from '../../../../src/chain/port.ts';
import type { CheckedTail, JoinChecks, JoinHost, JoinPorts } from '../../../../src/net/join/port.ts';
import type { DecodedBlock, SealedHeader } from '../../../../src/protocol/block.ts';
import { History } from '../../../../src/protocol/history.ts';
import { snapshotHeight } from '../../../../src/protocol/snapshot.ts';
import type { StateChunk } from '../../../../src/protocol/state-proof.ts';
import type { AccountState } from '../../../../src/protocol/state-root.ts';
import { workOfBits } from '../../../../src/protocol/target.ts';
import { MAX_HEADERS, type Message, type TipClaim } from '../../../../src/protocol/wire.ts';
import type { ChainTail, WorkSamples } from '../../../../src/protocol/work-proof.ts';
import { equalBytes, fromHex, toHex, utf8 } from '../../../../src/util/bytes.ts';
import { TabchainError } from '../../../../src/util/errors.ts';
import { FakeChain, FakeMempool, FORGER, makeBlock, makeBranch, type BlockOptions } from './fake-chain.ts';
import type { LinkOptions } from './memory-transport.ts';
import { Puppet } from './puppet.ts';
import { NETWORK, type TestNode, type World } from './test-node.ts';

const CONTEXT_HEADERS = 34;
export function makeAccounts(count: number, seed = ''): AccountState[] {
  return Array.from({ length: count }, (_, index) => {
    const address = toHex(sha256(utf8(`${seed}${index}`)).subarray(0, 20));
    return { address, balance: index + 1, nonce: 0, registration: null };
  });
}

/** A chain with a snapshot, and what an honest peer says about it. */
export class SnapshotChain {
  readonly blocks: readonly DecodedBlock[];
  readonly base: DecodedBlock;
  readonly #tree: StateTree;
  readonly #accounts: ReadonlyMap<string, AccountState>;

  /** @param below blocks that the chain shares with another chain */
  constructor(length: number, accounts: readonly AccountState[], options: BlockOptions = {}, below: readonly DecodedBlock[] = []) {
    this.#accounts = new Map(accounts.map((account) => [account.address, account]));
    this.#tree = StateTree.build(accounts);
    const blocks = [...below];
    const grow = (height: number, more: BlockOptions = {}): void => {
      const top = blocks.at(-1) ?? NETWORK.genesis;
      blocks.push(...makeBranch(NETWORK, top, height - top.header.height, { ...options, ...more }));
    };
    grow(snapshotHeight(length) - 1);
    grow(snapshotHeight(length), { stateRoot: this.#tree.root });
    grow(length);
    this.blocks = blocks;
    this.base = blocks[snapshotHeight(length) - 1]!;
  }

  get accounts(): AccountState[] {
    return [...this.#accounts.values()];
  }

  get tip(): DecodedBlock {
    return this.blocks.at(-1)!;
  }

  get claim(): TipClaim {
    return { height: this.tip.header.height, tip: this.tip.id, work: sumOfWork(this.blocks), base: 0 };
  }

  get tail(): ChainTail {
    const start = this.base.header.height - CONTEXT_HEADERS;
    return { headers: this.blocks.slice(start), history: [{ hash: new Uint8Array(32), work: sumOfWork(this.blocks.slice(0, start)) }] };
  }

  /** Stands for samples of a history that begins with the network's genesis. */
  samples(points: readonly bigint[]): WorkSamples {
    return { headers: this.blocks.slice(0, points.length), nodes: [{ hash: fromHex(NETWORK.id), work: 0n }] };
  }

  chunk(from: Uint8Array, limit: number): StateChunk {
    return makeStateChunk(this.#tree, { account: (address) => this.#accounts.get(address) }, from, limit);
  }
}

function sumOfWork(headers: readonly SealedHeader[]): bigint {
  return headers.reduce((sum, { header }) => sum + workOfBits(header.bits), 0n);
}

/** Checks that see the faults of these tests. Chunks are checked for real. */
const checks: Pick<JoinChecks, 'tail' | 'samples'> = {
  tail(_network, tipId, { headers, history }): CheckedTail {
    if (headers.some(({ header }) => header.miner === FORGER)) throw new RuleError('seal-above-target');
    const tip = headers.at(-1);
    if (!tip || tip.id !== tipId) throw new RuleError('previous-wrong');
    const [first] = headers as [SealedHeader];
    const before = sumOfHistory(history);
    const height = snapshotHeight(tip.header.height);
    const upTo = headers.filter(({ header }) => header.height <= height);
    const base = { headers: upTo, history: new History(height + 1, [{ hash: new Uint8Array(32), work: before + sumOfWork(upTo) }]) };
    const beginning = { id: first.id, size: first.header.height, root: new Uint8Array(32), work: before };
    return { base, tip, work: before + sumOfWork(headers), first: beginning };
  },
  samples(network, _first, points, { headers, nodes }) {
    if (headers.some(({ header }) => header.miner === FORGER)) throw new RuleError('seal-above-target');
    if (headers.length !== points.length || toHex(nodes[0]!.hash) !== network.id) throw new TabchainError('work-proof-wrong', 'test');
  },
};

function sumOfHistory(history: ChainTail['history']): bigint {
  return history.reduce((sum, { work }) => sum + work, 0n);
}

/** A node's side in memory: the accounts of the begun chain, which becomes the chain in use when it is complete. */
export class FakeJoinHost implements JoinHost {
  isWanted = true;
  /** Throws this instead of finishing. */
  fault: Error | null = null;
  readonly #world: World;
  readonly #node: TestNode;
  kept: { base: ChainBase; progress: string } | null = null;
  readonly accounts = new Map<string, AccountState>();
  begins = 0;
  abandons = 0;
  recent: FakeChain | null = null;

  constructor(world: World, node: TestNode) {
    this.#world = world;
    this.#node = node;
  }

  wanted(): boolean {
    return this.isWanted;
  }

  begun(): { base: ChainBase; progress: string } | null {
    return this.kept;
  }

  begin(base: ChainBase): void {
    this.begins++;
    this.accounts.clear();
    this.kept = { base, progress: '' };
  }

  add(accounts: readonly AccountState[], progress: string): void {
    for (const account of accounts) {
      if (this.accounts.has(account.address)) throw new TabchainError('invariant-broken', 'An account was added twice.');
      this.accounts.set(account.address, account);
    }
    this.kept = { base: this.kept!.base, progress };
  }

  async finish(): Promise<void> {
    if (this.fault) throw this.fault;
    const { headers, history } = this.kept!.base;
    const sealed = headers.at(-1)!;
    if (!equalBytes(StateTree.build(this.accounts.values()).root, sealed.header.stateRoot)) throw new RuleError('state-root-wrong');
    this.kept = null;
    this.use({ sealed, work: history.work });
  }

  /** Brings a chain that begins at `base` into use. */
  use(base: Pick<TipInfo, 'sealed' | 'work'>): FakeChain {
    const { service, chain } = this.#node;
    this.recent = new FakeChain(NETWORK, this.#world.time, base);
    chain.onConnected = () => undefined;
    this.recent.onConnected = (block) => service.announceBlock(block.id);
    service.enterRecent(this.recent, new FakeMempool());
    return this.recent;
  }

  abandon(): void {
    this.abandons++;
    this.kept = null;
  }
}

/** A node that fetches recent chains, and its host. @param onChunk called with each chunk that is checked */
export function newcomer(world: World, name = 'newcomer', onChunk: () => void = () => undefined): { node: TestNode; host: FakeJoinHost } {
  let host: FakeJoinHost | null = null;
  const stateChunk: JoinChecks['stateChunk'] = (...chunk) => {
    onChunk();
    return verifyStateChunk(...chunk);
  };
  const join = (node: TestNode): JoinPorts => ({ host: (host = new FakeJoinHost(world, node)), checks: { ...checks, stateChunk } });
  const node = world.node(name, { join });
  return { node, host: host! };
}

/** A peer's answers; undefined for no answer. */
export interface Answers {
  readonly claim?: TipClaim;
  readonly tail?: (tip: string) => ChainTail | null | undefined;
  readonly samples?: (points: readonly bigint[]) => WorkSamples | null | undefined;
  readonly accounts?: (from: Uint8Array) => StateChunk | null | undefined;
  /** Accounts in a chunk. */
  readonly limit?: number;
  readonly link?: LinkOptions;
  /** Whether the peer serves headers and blocks. */
  readonly serves?: boolean;
}

/** A peer that serves a chain like an honest peer, except where `answers` say something else. */
export function servant(world: World, name: string, node: TestNode, chain: SnapshotChain, answers: Answers = {}): Puppet {
  const puppet = new Puppet(world, name, node, answers.link);
  const { claim = chain.claim, limit = 10, serves = true } = answers;
  const tail = answers.tail ?? ((tip) => (tip === chain.tip.id ? chain.tail : null));
  const samples = answers.samples ?? ((points) => chain.samples(points));
  const accounts = answers.accounts ?? ((from) => chain.chunk(from, limit));
  const byId = new Map(chain.blocks.map((block) => [block.id, block]));
  puppet.onMessage = (message: Message) => {
    if (message.type === 'hello') puppet.hello(claim);
    if (message.type === 'getTail') {
      const answer = tail(message.tip);
      if (answer !== undefined) puppet.send({ type: 'tail', tip: message.tip, tail: answer });
    }
    if (message.type === 'getSamples') {
      const answer = samples(message.points);
      if (answer !== undefined) puppet.send({ type: 'samples', before: message.before, samples: answer });
    }
    if (message.type === 'getAccounts') {
      const chunk = message.block === chain.base.id ? accounts(message.from) : null;
      if (chunk !== undefined) puppet.send({ type: 'accounts', block: message.block, from: message.from, chunk });
    }
    if (message.type === 'getHeaders' && serves) {
      const known = message.locator.map((id) => byId.get(id)?.header.height).find((height) => height !== undefined) ?? 0;
      puppet.send({ type: 'headers', headers: chain.blocks.slice(known, known + MAX_HEADERS) });
    }
    if (message.type === 'getData' && serves) {
      for (const id of message.ids) if (byId.has(id)) puppet.send({ type: 'block', block: byId.get(id)! });
    }
  };
  return puppet;
}

/** A block that looks as if it belonged to `chain`, without proof of work. */
export function forged(chain: SnapshotChain): DecodedBlock {
  return makeBlock(NETWORK, chain.blocks[0]!, { miner: FORGER });
}
