import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import { executeTransactions } from '../../src/consensus/block.ts';
import { MAX_REGISTRATIONS_PER_BLOCK } from '../../src/consensus/transactions/registration.ts';
import { CONTEXT_HEADERS, expectedBits } from '../../src/consensus/difficulty.ts';
import { meetsTarget } from '../../src/consensus/header.ts';
import { StateTree } from '../../src/consensus/state-tree.ts';
import type { AccountChange, BlockEffect, CheckedBlock, StateView } from '../../src/consensus/types.ts';
import type { Address } from '../../src/crypto/address.ts';
import type { SignatureVerifier } from '../../src/crypto/rsa/verifier.ts';
import {
  BLOCK_VERSION,
  headerHash,
  NONCE_BYTES,
  sealBlock,
  sealDigest,
  transactionRoot,
  type BlockHeader,
  type DecodedBlock,
} from '../../src/protocol/block.ts';
import { EMPTY_HISTORY, type History } from '../../src/protocol/history.ts';
import { createNetwork, type Network, type NetworkParameters } from '../../src/protocol/network.ts';
import type { AccountState } from '../../src/protocol/state-root.ts';
import {
  encodeTransaction,
  networkTag,
  signedMessage,
  type DecodedTransaction,
  type RegistrationBody,
  type TransferBody,
} from '../../src/protocol/transaction.ts';
import { SIGNATURE_BYTES } from '../../src/protocol/transactions/format.ts';
import { stampHash } from '../../src/protocol/transactions/registration.ts';
import type { Memo } from '../../src/protocol/memo.ts';
import { workOfBits } from '../../src/protocol/target.ts';
import { toHex } from '../../src/util/bytes.ts';
import { keyPool, type PoolKey } from './key-pool.ts';

/** Two expected hashes per block or stamp. */
const TRIVIAL_BITS = 0x207fffff;
/** Transfers in a block that funds the accounts; they fit into the default block size. */
const FUNDINGS_PER_BLOCK = 500;
/** Blocks that are signed ahead of the block being sealed: enough to keep all cores busy. */
const BLOCKS_AHEAD = 4;
/** One of this many transfers carries a memo. */
const MEMO_EVERY = 4;

const signAsync = promisify(sign);
/** Accepts every signature, because the builder itself signs. */
const TRUSTING: SignatureVerifier = { verify: () => true, prefetch: () => Promise.resolve() };

export interface ChainPlan {
  /** Blocks of transfers, not counting the few blocks before them that register and fund the accounts. */
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  /** Only one of this many blocks has transfers. Default 1: each block. */
  readonly blocksPerTransfers?: number;
  /** 2 … MAX_POOL_KEYS. */
  readonly accounts: number;
  /** `filler` is fast, but the signatures are invalid: for benchmarks that only read chains. Default `real`. */
  readonly signatures?: 'real' | 'filler';
  readonly network?: Partial<NetworkParameters>;
}

/** A network with trivial work; other parameters as given, otherwise the defaults. */
export function benchNetwork(given: Partial<NetworkParameters> = {}): Network {
  return createNetwork({ label: 'bench', powLimitBits: TRIVIAL_BITS, stampBits: TRIVIAL_BITS, ...given });
}

/**
 * Yields the chain of a plan from block 1 on, the same in every run. Each block is valid (except `filler` signatures) from its header time
 * on. About 2,000 real signatures a second on two cores.
 */
export async function* buildChain(plan: ChainPlan): AsyncGenerator<DecodedBlock> {
  for await (const { block } of buildEffects(plan)) yield block;
}

/** {@link buildChain}, with what each block does to the accounts: a store can take the blocks without a second computation. */
export async function* buildEffects(plan: ChainPlan): AsyncGenerator<BlockEffect> {
  const network = benchNetwork(plan.network);
  const state = new State(network);
  /** The newest blocks: as many as the next target depends on. */
  const newest: DecodedBlock[] = [network.genesis];
  for await (const { miner, transactions } of ahead(new Script(network, plan).blocks(), BLOCKS_AHEAD)) {
    const effect = state.seal(newest, miner, transactions);
    newest.push(effect.block);
    if (newest.length > CONTEXT_HEADERS) newest.shift();
    yield effect;
  }
}

/** Miner and transactions of a block. */
interface Content {
  readonly miner: Address;
  readonly transactions: readonly DecodedTransaction[];
}

/** Keeps `count` promises under way. */
async function* ahead<T>(promises: Iterable<Promise<T>>, count: number): AsyncGenerator<T> {
  const waiting: Promise<T>[] = [];
  for (const promise of promises) {
    waiting.push(promise);
    if (waiting.length > count) yield await waiting.shift()!;
  }
  for (const promise of waiting) yield await promise;
}

/** Decides who registers, pays and mines when. */
class Script {
  readonly #network: Network;
  readonly #plan: ChainPlan;
  readonly #keys: readonly PoolKey[];
  readonly #nonces: number[];

  constructor(network: Network, plan: ChainPlan) {
    this.#network = network;
    this.#plan = plan;
    this.#keys = keyPool(plan.accounts);
    this.#nonces = this.#keys.map(() => 0);
  }

  *blocks(): Generator<Promise<Content>> {
    const keys = this.#keys;
    const [bank] = keys;
    for (let at = 0; at < keys.length; at += MAX_REGISTRATIONS_PER_BLOCK) {
      yield this.#content(
        bank!,
        keys.slice(at, at + MAX_REGISTRATIONS_PER_BLOCK).map((key) => this.#registration(key)),
      );
    }
    const share = Math.floor(this.#network.subsidy / (2 * keys.length));
    for (let at = 1; at < keys.length; at += FUNDINGS_PER_BLOCK) {
      yield this.#content(
        bank!,
        keys.slice(at, at + FUNDINGS_PER_BLOCK).map((key) => this.#transfer(0, key.address, share)),
      );
    }
    const { blocks, transactionsPerBlock, blocksPerTransfers = 1 } = this.#plan;
    for (let block = 0, turn = 0; block < blocks; block++) {
      const count = block % blocksPerTransfers === 0 ? transactionsPerBlock : 0;
      const transfers = Array.from({ length: count }, () => this.#turn(turn++));
      yield this.#content(keys[block % keys.length]!, transfers);
    }
  }

  async #content(miner: PoolKey, transactions: Promise<DecodedTransaction>[]): Promise<Content> {
    return { miner: miner.address, transactions: await Promise.all(transactions) };
  }

  /** Accounts pay in turn; the recipient changes from round to round. */
  #turn(turn: number): Promise<DecodedTransaction> {
    const count = this.#keys.length;
    const sender = turn % count;
    const step = 1 + ((Math.floor(turn / count) * 7 + sender * 13) % (count - 1));
    const memo: Memo = turn % MEMO_EVERY === 0 ? { kind: 'plain', text: `payment ${turn}` } : { kind: 'none' };
    return this.#transfer(sender, this.#keys[(sender + step) % count]!.address, 1 + (turn % 9), memo);
  }

  #transfer(sender: number, recipient: Address, amount: number, memo: Memo = { kind: 'none' }): Promise<DecodedTransaction> {
    const key = this.#keys[sender]!;
    const nonce = this.#nonces[sender]!++;
    const body: TransferBody = { kind: 'transfer', networkTag: this.#tag, sender: key.address, recipient, amount, fee: 1, nonce, memo };
    return this.#signed(key, body);
  }

  #registration(key: PoolKey): Promise<DecodedTransaction> {
    const body: RegistrationBody = {
      kind: 'registration',
      networkTag: this.#tag,
      name: key.name,
      signingModulus: key.modulus,
      encryptionModulus: key.modulus,
    };
    return this.#signed(key, { ...body, stamp: findNonce(stampHash(this.#network.id, body), this.#network.stampBits) });
  }

  get #tag(): number {
    return networkTag(this.#network.id);
  }

  async #signed(key: PoolKey, body: Parameters<typeof signedMessage>[1]): Promise<DecodedTransaction> {
    if (this.#plan.signatures === 'filler') return encodeTransaction({ ...body, signature: new Uint8Array(SIGNATURE_BYTES) });
    const signature = await signAsync('sha256', signedMessage(this.#network.id, body), key.privateKey);
    return encodeTransaction({ ...body, signature: new Uint8Array(signature) });
  }
}

/** First nonce, counted up in its last four bytes, that meets the target. */
function findNonce(hash: Uint8Array, bits: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  const view = new DataView(nonce.buffer);
  for (let index = 0; !meetsTarget(toHex(sealDigest(hash, nonce)), bits); index++) view.setUint32(NONCE_BYTES - 4, index + 1);
  return nonce;
}

/** The accounts at the tip, their tree, and the history. */
class State implements StateView {
  readonly #accounts = new Map<Address, AccountState>();
  readonly #names = new Map<string, Address>();
  readonly #tree = StateTree.build([]);
  readonly #network: Network;
  #history: History;

  constructor(network: Network) {
    this.#network = network;
    this.#history = EMPTY_HISTORY.append(network.id, 0n);
  }

  account(address: Address): AccountState | undefined {
    return this.#accounts.get(address);
  }

  addressOfName(name: string): Address | undefined {
    return this.#names.get(name);
  }

  /** Seals the block after the last of `newest` and applies its effect to this state. */
  seal(newest: readonly DecodedBlock[], miner: Address, transactions: readonly DecodedTransaction[]): BlockEffect {
    const network = this.#network;
    const parent = newest.at(-1)!;
    const context = { parent, at: (at: number) => newest.at(at - parent.header.height - 1)! };
    const timeMs = parent.header.timeMs + network.blockTimeMs;
    const execution = executeTransactions(network, parent.header, miner, transactions, this, this.#tree, TRUSTING);
    const { stateRoot, supply, changes } = execution;
    this.#tree.apply(changes);
    changes.forEach((change) => this.#apply(change));
    const header: BlockHeader = {
      version: BLOCK_VERSION,
      height: parent.header.height + 1,
      previous: parent.id,
      historyRoot: this.#history.root,
      transactionRoot: transactionRoot(transactions),
      stateRoot,
      timeMs,
      bits: expectedBits(network, context, timeMs),
      supply,
      miner,
    };
    const block = sealBlock(header, findNonce(headerHash(header), header.bits), transactions);
    this.#history = this.#history.append(block.id, workOfBits(header.bits));
    return { block: block as CheckedBlock, ...execution };
  }

  #apply({ address, after }: AccountChange): void {
    if (after === undefined) this.#accounts.delete(address);
    else this.#accounts.set(address, after);
    if (after?.registration) this.#names.set(after.registration.name, address);
  }
}
