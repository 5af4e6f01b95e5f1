import type { SqlJsStatic } from 'sql.js';
import { Chain } from '../../src/chain/chain.ts';
import { createBigIntVerifier } from '../../src/crypto/rsa/verifier.ts';
import { meetsTarget } from '../../src/consensus/header.ts';
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
import { createNetwork, type Network } from '../../src/protocol/network.ts';
import { workOfBits } from '../../src/protocol/target.ts';
import type { DecodedTransaction } from '../../src/protocol/transaction.ts';
import { SqlChainStore } from '../../src/storage/sql/store.ts';
import { MemoryMedium, MemoryRecords } from '../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../src/storage/disk/page-disk.ts';
import { toHex } from '../../src/util/bytes.ts';
import { simAccount, signNow, type SimAccount } from './engine/keys.ts';
import { Prng } from './engine/prng.ts';
import { Forger } from './hostile/forge.ts';
import { leastRegistration } from './hostile/pool-fillers.ts';
import type { LongPlan, Plan } from './plan.ts';

/** Accounts that are registered at the start of each long chain: number `i` as `useri`. */
export const REGISTERED = 8;
/** A payment in each of so many blocks, mostly to an address that nobody has seen before. */
const PAYMENT_EVERY = 3;
/** Enough for a payment and its fee. */
const MIN_BALANCE = 10_000;
/** How many blocks below its end the other branch of a forked chain begins: below the snapshot of every newcomer. */
const FORK_DEPTH = 210;
/** The other branch had so much more hash rate, so it usually has more work when both meet. */
const FORK_RATE = 1.3;

/** The chain of another network is just so long that newcomers would join it, and has more work. */
const FOREIGN_BLOCKS = 330;
const FOREIGN_RATE = 8;

/** A stored chain that a tab can begin with. */
export interface StoredChain {
  readonly work: bigint;
  /** Time of the tip's header. */
  readonly timeMs: number;
  readonly records: MemoryRecords;
}

/** A chain of several hundred blocks, and perhaps another branch of it. */
export interface LongChain {
  readonly main: StoredChain;
  readonly branch: StoredChain | null;
  /** A chain of another network with more work. Nobody may change it. */
  readonly foreign: { readonly chain: Chain };
}

const CHAINS = new Map<string, Promise<LongChain>>();

/** The chain that a plan asks for. It depends only on the plan, so all worlds of a process share it. */
export function longChain(sqlJs: SqlJsStatic, network: Network, plan: Plan, long: LongPlan): Promise<LongChain> {
  const key = [network.id, plan.hashesPerBlock, long.blocks, long.forked].join(' ');
  const chain = CHAINS.get(key) ?? makeChain(sqlJs, network, plan.hashesPerBlock, long);
  CHAINS.set(key, chain);
  return chain;
}

async function makeChain(sqlJs: SqlJsStatic, network: Network, hashesPerBlock: number, { blocks, forked }: LongPlan): Promise<LongChain> {
  const foreign = await Growth.begin(
    sqlJs,
    createNetwork({ ...network, label: 'elsewhere' }),
    null,
    FOREIGN_RATE * hashesPerBlock,
    'foreign',
  );
  await foreign.grow(FOREIGN_BLOCKS);
  const main = await Growth.begin(sqlJs, network, null, hashesPerBlock, 'main');
  await main.grow(blocks - FORK_DEPTH);
  const trunk = forked ? main.store.export() : null;
  await main.grow(FORK_DEPTH);
  const stored = await main.end();
  if (!trunk) return { main: stored, branch: null, foreign };
  const branch = await Growth.begin(sqlJs, network, trunk, FORK_RATE * hashesPerBlock, 'branch');
  while (branch.timeMs < stored.timeMs - network.blockTimeMs) await branch.grow(1);
  return { main: stored, branch: await branch.end(), foreign };
}

/** A chain that grows by one block after the other, as fast as its hash rate allows. */
class Growth {
  readonly store: SqlChainStore;
  readonly chain: Chain;
  readonly #rng: Prng;
  /** Milliseconds that one hash takes. */
  readonly #hashMs: number;

  private constructor(store: SqlChainStore, chain: Chain, hashesPerBlock: number, name: string) {
    this.store = store;
    this.chain = chain;
    this.#rng = new Prng(`long ${name} ${chain.network.id}`);
    this.#hashMs = chain.network.blockTimeMs / hashesPerBlock;
  }

  /** @param image what the chain begins with; null for genesis */
  static async begin(
    sqlJs: SqlJsStatic,
    network: Network,
    image: Uint8Array | null,
    hashesPerBlock: number,
    name: string,
  ): Promise<Growth> {
    const store = SqlChainStore.open(sqlJs, network, image);
    const clock = { now: () => Number.MAX_SAFE_INTEGER / 2 };
    const chain = await Chain.open({ network, store, verifier: createBigIntVerifier(), clock, log: () => undefined });
    return new Growth(store, chain, hashesPerBlock, name);
  }

  get timeMs(): number {
    return this.chain.tip().sealed.header.timeMs;
  }

  async grow(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.chain.acceptBlock(this.#next());
  }

  #next(): DecodedBlock {
    const { height, id } = this.chain.tip();
    const transactions = this.#transactions(height + 1);
    const { address } = simAccount(this.#rng.int(0, REGISTERED - 1));
    const timeMs = this.timeMs + Math.ceil(this.#solveMs());
    const header = {
      version: BLOCK_VERSION,
      height: height + 1,
      previous: id,
      transactionRoot: transactionRoot(transactions),
      ...this.chain.nextFields(address, transactions),
      timeMs,
      bits: this.chain.nextBits(timeMs),
      miner: address,
    };
    return sealBlock(header, sealOf(header, this.#rng), transactions);
  }

  #solveMs(): number {
    const work = workOfBits(this.chain.nextBits(this.timeMs + 1));
    return Math.min(6 * this.chain.network.blockTimeMs, 1 + this.#rng.exponential(Number(work) * this.#hashMs));
  }

  #transactions(height: number): DecodedTransaction[] {
    if (height <= REGISTERED) return [this.#registration(height - 1)];
    const payer = simAccount(this.#rng.int(0, REGISTERED - 1));
    const balance = this.store.account(payer.address)?.balance ?? 0;
    return height % PAYMENT_EVERY === 0 && balance > MIN_BALANCE ? [this.#payment(payer)] : [];
  }

  #registration(index: number): DecodedTransaction {
    const { keys, signer } = simAccount(index);
    return leastRegistration({
      network: this.chain.network,
      name: `user${index}`,
      modulus: keys.signing.modulus,
      encryptionModulus: keys.encryption.modulus,
      draw: (length) => this.#rng.bytes(length),
      sign: (message) => signNow(signer, message),
    });
  }

  #payment(payer: SimAccount): DecodedTransaction {
    const rng = this.#rng;
    const forger = new Forger(this.store.sql, this.chain.network, rng, payer);
    const recipient = rng.chance(0.7) ? rng.hex(20) : simAccount(rng.int(0, REGISTERED - 1)).address;
    return forger.transfer({ nonce: forger.nonce(), amount: rng.int(1, 2_000), recipient });
  }

  /** Stores the chain and closes it. */
  async end(): Promise<StoredChain> {
    const { height, id, work } = this.chain.tip();
    const { timeMs } = this;
    const records = new MemoryRecords();
    const disk = await PageDisk.open(new MemoryMedium(records), 'builder');
    await disk.save(() => ({ pages: this.store.pages(), height, tip: id }));
    disk.close();
    this.store.close();
    return { work, timeMs, records };
  }
}

/** A nonce that meets the target. */
function sealOf(header: BlockHeader, rng: Prng): Uint8Array {
  const hash = headerHash(header);
  let nonce = rng.bytes(NONCE_BYTES);
  while (!meetsTarget(toHex(sealDigest(hash, nonce)), header.bits)) nonce = rng.bytes(NONCE_BYTES);
  return nonce;
}
