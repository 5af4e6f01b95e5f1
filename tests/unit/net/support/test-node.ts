import { RuleError } from '../../../../src/consensus/rule-error.ts';
import { sha256 } from '../../../../src/crypto/hash.ts';
import type { ExperimentPort } from '../../../../src/net/experiments.ts';
import type { JoinPorts } from '../../../../src/net/join/port.ts';
import { PeerNetwork } from '../../../../src/net/peer-network.ts';
import type { Transport } from '../../../../src/net/transport.ts';
import { Mailbox, type Lane } from '../../../../src/node/mailbox.ts';
import type { DecodedBlock } from '../../../../src/protocol/block.ts';
import { createNetwork, type Network } from '../../../../src/protocol/network.ts';
import type { DecodedTransaction } from '../../../../src/protocol/transaction.ts';
import { toHex, utf8 } from '../../../../src/util/bytes.ts';
import type { Random } from '../../../../src/util/ports.ts';
import { FakeChain, FakeMempool, makeBlock, type BlockOptions } from './fake-chain.ts';
import { MemoryNetwork, type MemoryLink, type MemoryTransport } from './memory-transport.ts';
import { VirtualTime } from './virtual-time.ts';

export const NETWORK: Network = createNetwork({ label: 'net-test' });

/** Repeatable bytes from a seed: SHA-256 in counter mode. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 32) bytes.set(sha256(utf8(`${seed}:${counter++}`)).subarray(0, Math.min(32, length - at)), at);
      return bytes;
    },
  };
}

export interface TestNodeOptions {
  readonly network?: Network;
  readonly clockAheadMs?: number;
  /** Default: links in memory, made by {@link World.connect}. */
  readonly transport?: Transport;
  /** The ports for fetching a recent chain. */
  readonly join?: (node: TestNode) => JoinPorts;
  /** Takes experiments of peers. */
  readonly experiments?: ExperimentPort;
}

/** A node with a fake chain and mempool, wired like the real node. */
export class TestNode {
  readonly peerId: string;
  readonly chain: FakeChain;
  readonly mempool = new FakeMempool();
  readonly transport: MemoryTransport;
  readonly service: PeerNetwork;
  readonly network: Network;
  /** How far this node's wall clock is ahead; may be changed. */
  readonly clockAhead: { ms: number };
  /** Errors that reached the mailbox, thus faults of the node itself. */
  readonly faults: unknown[] = [];
  /** Whether somebody looks at this node's tab. */
  attentive = true;
  readonly #mailbox = new Mailbox(() => undefined);
  #mined = 0;

  constructor(world: World, name: string, options: TestNodeOptions = {}) {
    this.peerId = toHex(sha256(utf8(name)).subarray(0, 8));
    this.network = options.network ?? NETWORK;
    this.clockAhead = { ms: options.clockAheadMs ?? 0 };
    const clock = world.time.skewed(this.clockAhead);
    this.chain = new FakeChain(this.network, clock);
    this.transport = world.links.transport(this.peerId);
    this.service = new PeerNetwork({
      chain: this.chain,
      mempool: this.mempool,
      transport: options.transport ?? this.transport,
      clock,
      timers: world.time,
      random: seededRandom(name),
      log: () => undefined,
      agent: `test/${name}`,
      enqueue: (task) => void this.post(task, 'peers').catch(() => undefined),
      attentive: () => this.attentive,
      isRuleError: (error) => error instanceof RuleError,
      ...(options.join && { join: options.join(this) }),
      ...(options.experiments && { experiments: options.experiments }),
    });
    this.mempool.onAdded = (id) => this.service.announceTransaction(id);
    this.chain.onConnected = (block) => {
      for (const { id } of block.transactions) this.mempool.remove(id);
      this.service.announceBlock(block.id);
    };
    this.service.start();
  }

  /** Runs a task in the node's mailbox, like the node's own calls. */
  post<T>(task: () => Promise<T> | T, lane: Lane = 'own'): Promise<T> {
    const done = this.#mailbox.ask(task, lane);
    done.catch((error: unknown) => this.faults.push(error));
    return done;
  }

  /** Adds blocks to the chain as if they came from the disk. */
  async load(blocks: readonly DecodedBlock[]): Promise<void> {
    for (const block of blocks) await this.post(() => this.chain.acceptBlock(block));
  }

  /** Mines on the active tip, with all transactions of the mempool. */
  async mine(options: BlockOptions = {}): Promise<DecodedBlock> {
    const transactions = this.mempool.ids().map((id) => this.mempool.get(id)!);
    const block = makeBlock(this.network, this.chain.tip().sealed, {
      transactions,
      miner: this.peerId.padEnd(40, '0'),
      nonce: this.#mined++,
      ...options,
    });
    await this.post(() => this.chain.acceptBlock(block));
    return block;
  }

  async submit(transaction: DecodedTransaction): Promise<void> {
    await this.post(() => this.mempool.accept(transaction));
  }

  get tip(): string {
    return this.chain.tip().id;
  }

  get readyPeers(): string[] {
    return this.service
      .status()
      .peers.filter(({ state }) => state === 'ready')
      .map(({ id }) => id);
  }
}

/** Nodes, puppets and links under one clock. */
export class World {
  readonly time = new VirtualTime(NETWORK.genesisTimeMs + 1_000_000_000);
  readonly links = new MemoryNetwork(this.time);

  node(name: string, options: TestNodeOptions = {}): TestNode {
    return new TestNode(this, name, options);
  }

  connect(
    a: { transport: MemoryTransport },
    b: { transport: MemoryTransport },
    options?: Parameters<MemoryNetwork['connect']>[2],
  ): MemoryLink {
    return this.links.connect(a.transport, b.transport, options);
  }
}
