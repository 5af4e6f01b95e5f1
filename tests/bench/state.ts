import initSqlJs from 'sql.js';
import { ChainState, type StateFields } from '../../src/chain/chain-state.ts';
import { checkBlock } from '../../src/consensus/block.ts';
import { StateTree } from '../../src/consensus/state-tree.ts';
import type { AccountChange, CheckedBlock } from '../../src/consensus/types.ts';
import type { Address } from '../../src/crypto/address.ts';
import { HASH_BYTES } from '../../src/crypto/hash.ts';
import type { SignatureVerifier } from '../../src/crypto/rsa/verifier.ts';
import { BLOCK_VERSION, NONCE_BYTES, sealBlock, transactionRoot, type BlockHeader, type DecodedBlock } from '../../src/protocol/block.ts';
import { stateKey, type AccountState } from '../../src/protocol/state-root.ts';
import { encodeTransaction, networkTag, type DecodedTransaction } from '../../src/protocol/transaction.ts';
import { SqlChainStore } from '../../src/storage/sql/store.ts';
import { Prng } from '../sim/engine/prng.ts';
import { benchNetwork } from './chain-builder.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { alternate, median, medianRatio } from './framework/measure.ts';
import { ownProcessorMs } from './framework/processor-time.ts';

const ACCOUNTS = 100_000;
/** Transfers that fill a block of the default size. */
const TRANSFERS = 780;
/** One of this many accounts is registered. */
const REGISTERED_EVERY = 10;
/** Accounts under the common prefix of keys. Each costs 4,096 tries, so these are fewer than those under a prefix of addresses. */
const KEY_CROWD = 3 * TRANSFERS;
const ROUNDS = 9;
const BUILDS = 5;
const MAX_RATIO = 1.5;
const MAX_BYTES = 120;

/** Signatures take the same time wherever an account lies. */
const TRUSTING: SignatureVerifier = { verify: () => true, prefetch: () => Promise.resolve() };
const network = benchNetwork();

/** Gives addresses that did not occur before. */
type Addresses = (rng: Prng) => Address;

const scattered: Addresses = (rng) => hex(rng, 20);
const underAddressPrefix: Addresses = (rng) => `abc${hex(rng, 20).slice(3)}`;
const underKeyPrefix: Addresses = (rng) => {
  for (;;) {
    const address = hex(rng, 20);
    const key = stateKey(address);
    if (key[0] === 0xab && key[1]! >>> 4 === 0xc) return address;
  }
};

const hex = (rng: Prng, length: number): string => Buffer.from(rng.bytes(length)).toString('hex');

function accountAt(index: number, address: Address, rng: Prng): AccountState {
  if (index % REGISTERED_EVERY !== 0) return { address, balance: 1 + index, nonce: 0, registration: null };
  const registration = { name: `user_${index.toString(36)}`, signingModulus: rng.bytes(256), encryptionModulus: rng.bytes(256) };
  return { address, balance: 10 ** 9, nonce: 0, registration };
}

/** A chain of one block after which all accounts exist, and a block of first payments on top of that block. */
class World {
  readonly accounts: readonly AccountState[];
  readonly store: SqlChainStore;
  readonly #state: ChainState;
  readonly #paying: CheckedBlock;

  private constructor(store: SqlChainStore, accounts: readonly AccountState[], recipients: readonly Address[]) {
    this.store = store;
    this.accounts = accounts;
    const changes: AccountChange[] = accounts.map((after) => ({ address: after.address, before: undefined, after }));
    const stateRoot = StateTree.build(accounts).root;
    const supply = accounts.reduce((sum, { balance }) => sum + balance, 0);
    const first = blockOn(network.genesis, accounts[0]!.address, [], { stateRoot, supply });
    store.atomically(() => store.connect({ block: checkBlock(network, first), grants: [], subsidy: supply, changes, stateRoot }, 1n));
    this.#state = new ChainState(network, store, TRUSTING);
    const payments = recipients.map((to, nonce) => payment(accounts[0]!.address, to, nonce));
    const miner = accounts[1]!.address;
    this.#paying = checkBlock(network, blockOn(first, miner, payments, this.#state.fieldsAfter(first.header, miner, payments)));
  }

  /** @param crowd accounts whose addresses `choose` gives; the others are scattered */
  static async make(seed: string, crowd: number, choose: Addresses): Promise<World> {
    const rng = new Prng(seed);
    const addresses = new Set<Address>();
    while (addresses.size < ACCOUNTS + TRANSFERS) {
      const isCrowd = addresses.size >= ACCOUNTS - crowd;
      addresses.add((isCrowd ? choose : scattered)(rng));
    }
    const all = [...addresses];
    const accounts = all.slice(0, ACCOUNTS).map((address, index) => accountAt(index, address, rng));
    return new World(SqlChainStore.open(await initSqlJs(), network), accounts, all.slice(ACCOUNTS));
  }

  /** Connects the block of payments, and undoes it again. Milliseconds of processor time for connecting. */
  connect(): number {
    const before = ownProcessorMs();
    this.#state.move(1, [{ load: () => this.#paying, work: 2n }], () => undefined);
    const elapsed = ownProcessorMs() - before;
    this.#state.move(1, [], () => undefined);
    return elapsed;
  }
}

function blockOn(
  parent: DecodedBlock,
  miner: Address,
  transactions: readonly DecodedTransaction[],
  { stateRoot, supply }: StateFields,
): DecodedBlock {
  const header: BlockHeader = {
    version: BLOCK_VERSION,
    height: parent.header.height + 1,
    previous: parent.id,
    historyRoot: new Uint8Array(HASH_BYTES),
    transactionRoot: transactionRoot(transactions),
    stateRoot,
    timeMs: parent.header.timeMs + 1,
    bits: parent.header.bits,
    supply,
    miner,
  };
  return sealBlock(header, new Uint8Array(NONCE_BYTES), transactions);
}

function payment(sender: Address, recipient: Address, nonce: number): DecodedTransaction {
  return encodeTransaction({
    kind: 'transfer',
    networkTag: networkTag(network.id),
    sender,
    recipient,
    amount: 1,
    fee: 1,
    nonce,
    memo: { kind: 'none' },
    signature: new Uint8Array(256),
  });
}

function measureBuilding(bench: Bench, { store, accounts }: World): void {
  const [whole, tree]: [number[], number[]] = [[], []];
  let bytes = 0;
  for (let round = 0; round < BUILDS; round++) {
    const from = ownProcessorMs();
    bytes = StateTree.build(store.accounts()).bytes;
    const between = ownProcessorMs();
    StateTree.build(accounts);
    whole.push(between - from);
    tree.push(ownProcessorMs() - between);
  }
  bench.note(`the tree over ${ACCOUNTS} accounts: ${median(tree).toFixed(0)} ms without reading their rows`);
  bench.figure('build_ms_100000', median(whole));
  bench.figure('bytes_per_account', bytes / ACCOUNTS, { atMost: MAX_BYTES });
}

async function run(bench: Bench): Promise<void> {
  const worlds = {
    scattered: await World.make('scattered', 0, scattered),
    address: await World.make('address', ACCOUNTS - 1, underAddressPrefix),
    key: await World.make('key', KEY_CROWD, underKeyPrefix),
  };
  measureBuilding(bench, worlds.scattered);
  const contestants = Object.entries(worlds).map(([name, world]) => [name, () => world.connect()] as const);
  const samples = await alternate(Object.fromEntries(contestants), ROUNDS);
  const times = Object.entries(samples).map(([name, values]) => `${name} ${median(values).toFixed(1)} ms`);
  bench.note(`${TRANSFERS} first payments in a block, with ${ACCOUNTS} accounts: ${times.join(', ')}`);
  const worst = Math.max(medianRatio(samples, 'address', 'scattered'), medianRatio(samples, 'key', 'scattered'));
  bench.figure('one_prefix_over_scattered', worst, { atMost: MAX_RATIO });
  for (const { store } of Object.values(worlds)) store.close();
}

export const state: Benchmark = {
  name: 'state',
  summary: 'the state tree in Node: building it, and a block of first payments, scattered or under one prefix of addresses or keys',
  run,
};
