import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { ChainState } from '../../../src/chain/chain-state.ts';
import { Snapshots } from '../../../src/chain/snapshots.ts';
import type { SnapshotStore } from '../../../src/chain/snapshot.ts';
import { checkBlock } from '../../../src/consensus/block.ts';
import { verifyStateChunk } from '../../../src/consensus/state-proof.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import type { AccountChange } from '../../../src/consensus/types.ts';
import type { DecodedBlock, SealedHeader } from '../../../src/protocol/block.ts';
import { SNAPSHOT_EVERY, snapshotHeight } from '../../../src/protocol/snapshot.ts';
import type { StateChunk } from '../../../src/protocol/state-proof.ts';
import { stateKey, type AccountState } from '../../../src/protocol/state-root.ts';
import type { ChainBase } from '../../../src/storage/port.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { compareBytes } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, testVerifier, transferOf } from '../../scenarios/support/builders.ts';
import { baseAt, feed, loadSqlJs, openNode, recentStore } from './support.ts';

const network = testNetwork();
const builder = new BlockBuilder(network);
const verifier = testVerifier();
const FIRST_KEY = new Uint8Array(32);
const NAMES = ['alex', 'ming', 'wu', 'lin', 'kai', 'zoe'] as const;
/** More calls than any snapshot needs. */
const PATIENCE = 500;

/** An address that nobody owns. */
const addressOf = (index: number): string => (index * 0x9e3779b1).toString(16).padStart(40, '0');

/** Blocks with miners that come and go, payments to new and known addresses, and a registration now and then. */
function grow(parent: DecodedBlock, count: number, salt: number): DecodedBlock[] {
  let tip = parent;
  return Array.from({ length: count }, () => {
    const height = tip.header.height + 1;
    const state = builder.stateAfter(tip);
    const newcomer = height % 37 === salt ? NAMES.map(testAccount).find(({ address }) => !state.account(address)?.registration) : undefined;
    const payer = NAMES.map(testAccount).find(({ address }) => {
      const account = state.account(address);
      return height % 9 === salt && account?.registration && account.balance > 10;
    });
    const nonce = payer ? state.account(payer.address)!.nonce : 0;
    const transactions = [
      ...(newcomer ? [registrationOf(network, newcomer)] : []),
      ...(payer ? [transferOf(network, payer, { to: addressOf((height * 7) % 40), amount: 1 + salt, fee: 1, nonce })] : []),
    ];
    const miner = height % 4 === 0 ? testAccount(NAMES[(height + salt) % 6]!) : addressOf((height * (3 + salt)) % 50);
    tip = builder.next(tip, { miner, transactions });
    return tip;
  });
}

/** Branches off one chain, some of them across snapshot blocks. */
const main = grow(builder.genesis, 330, 1);
const branches = [60, 125, 150, 191, 256].map((fork, index) => grow(main[fork - 1]!, 90, 2 + index));
const all = [main, ...branches];

function ancestors(block: DecodedBlock, downTo = 0): DecodedBlock[] {
  const path: DecodedBlock[] = [];
  for (let each = block; each.header.height > downTo; each = builder.parentOf(each)!) path.push(each);
  return path.reverse();
}

/** The chain's state, moved to any block without regard to fork choice. */
class Mover {
  readonly #sqlJs: SqlJsStatic;
  #store: SqlChainStore;
  state: ChainState;
  tip = builder.genesis;

  constructor(sqlJs: SqlJsStatic) {
    this.#sqlJs = sqlJs;
    this.#store = SqlChainStore.open(sqlJs, network);
    this.state = new ChainState(network, this.#store, verifier);
  }

  /** @param last a block that breaks a rule: then nothing changes */
  move(goal: DecodedBlock, last?: DecodedBlock): void {
    const ours = new Set(ancestors(this.tip).map(({ id }) => id));
    const path = ancestors(goal).filter(({ id }) => !ours.has(id));
    const fork = goal.header.height - path.length;
    const sources = [...path, ...(last ? [last] : [])].map((block) => ({ work: 1n, load: () => checkBlock(network, block) }));
    const run = (): unknown => this.state.move(fork, sources, () => undefined);
    if (last) expect(run).toThrow(expect.objectContaining({ code: 'state-root-wrong' }));
    else {
      run();
      this.tip = goal;
    }
  }

  reopen(): void {
    this.#store = SqlChainStore.open(this.#sqlJs, network, this.#store.export());
    this.state = new ChainState(network, this.#store, verifier);
  }

  served(): DecodedBlock[] {
    return servedBelow(this.tip);
  }
}

/** The blocks whose snapshots must be served. */
function servedBelow(tip: DecodedBlock): DecodedBlock[] {
  const lowest = snapshotHeight(tip.header.height) - SNAPSHOT_EVERY;
  return ancestors(tip).filter(({ header: { height } }) => height % SNAPSHOT_EVERY === 0 && height >= lowest);
}

type Ask = (id: string, from: Uint8Array) => StateChunk | 'later' | null;

function patiently(ask: Ask, id: string, from: Uint8Array): StateChunk | null {
  for (let turn = 0; turn < PATIENCE; turn++) {
    const answer = ask(id, from);
    if (answer !== 'later') return answer;
  }
  throw new TypeError('The snapshot is never made.');
}

/** The chunks verify under the block's state root, and give exactly the accounts after the block. */
function expectSnapshot(ask: Ask, block: DecodedBlock): void {
  const seen = new Map<string, AccountState>();
  for (let from: Uint8Array | null = FIRST_KEY; from;) {
    const chunk: StateChunk | null = patiently(ask, block.id, from);
    expect(chunk).not.toBeNull();
    for (const { address, balance, nonce, registration } of chunk!.accounts) seen.set(address, { address, balance, nonce, registration });
    from = verifyStateChunk(block.header.stateRoot, from, chunk!);
  }
  const expected = builder.stateAfter(block).accounts();
  expect([...seen.values()]).toEqual(expected.sort((a, b) => compareBytes(stateKey(a.address), stateKey(b.address))));
}

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

const goals = fc.tuple(fc.constantFrom(...all), fc.nat()).map(([branch, at]) => branch[at % branch.length]!);
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('move' as const), goal: goals }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), goal: goals }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const), which: fc.nat(2), times: fc.integer({ min: 1, max: 9 }) }) },
    fc.record({ do: fc.constant('check' as const) }),
    fc.record({ do: fc.constant('reopen' as const) }),
  ),
  { minLength: 4, maxLength: 12 },
);

describe('snapshots', () => {
  test('hold the accounts after each recent snapshot block, whatever the tip did before', () => {
    fc.assert(
      fc.property(goals, steps, (start, list) => {
        const mover = new Mover(sqlJs);
        const ask: Ask = (id, from) => mover.state.snapshots.chunk(id, from);
        mover.move(start);
        for (const step of list) {
          if (step.do === 'move') mover.move(step.goal);
          else if (step.do === 'fail') mover.move(step.goal, builder.next(step.goal, { header: { stateRoot: FIRST_KEY } }));
          else if (step.do === 'reopen') mover.reopen();
          else if (step.do === 'check') for (const block of mover.served()) expectSnapshot(ask, block);
          else {
            const block = mover.served()[step.which];
            for (let turn = 0; block && turn < step.times; turn++) ask(block.id, FIRST_KEY);
          }
        }
        for (const block of mover.served()) expectSnapshot(ask, block);
        // Without blocks there are no accounts, so every node would be left over.
        mover.move(builder.genesis);
        expect([mover.state.snapshots.rows, mover.state.tree.nodes]).toEqual([0, 0]);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  test.each([191, 192])('of the blocks above a fork at %i go with their blocks', (fork) => {
    const mover = new Mover(sqlJs);
    const ask: Ask = (id, from) => mover.state.snapshots.chunk(id, from);
    const branch = fork === 191 ? branches[3]! : grow(main[fork - 1]!, 10, 8);
    mover.move(main[199]!);
    mover.move(branch[9]!);
    expect(ask(main[191]!.id, FIRST_KEY) === null).toBe(fork === 191);
    for (const block of mover.served()) expectSnapshot(ask, block);
  });

  test('are there at once while the chain grows, and only for the newest three snapshot blocks', async () => {
    const node = await openNode(sqlJs, network);
    for (const block of main) {
      await feed(node, [block]);
      if (block.header.height % SNAPSHOT_EVERY > 1) continue;
      const served = new Set(servedBelow(block));
      const ask: Ask = (id, from) => node.chain.proofs.stateChunk(id, from);
      for (const each of ancestors(block).filter(({ header }) => header.height % SNAPSHOT_EVERY < 2)) {
        if (served.has(each)) expect(ask(each.id, FIRST_KEY)).toMatchObject({ left: [] });
        else expect(ask(each.id, FIRST_KEY)).toBeNull();
      }
      for (const each of served) expectSnapshot(ask, each);
    }
    for (const id of [builder.genesis.id, branches[4]!.at(-1)!.id, '00'.repeat(32)])
      expect(node.chain.proofs.stateChunk(id, FIRST_KEY)).toBeNull();
    expect(servedBelow(main.at(-1)!).map(({ header }) => header.height)).toEqual([192, 256, 320]);
  });

  test('reach down to the base of a recent chain', () => {
    const store = recentStore(sqlJs, builder, main[191]!);
    const state = new ChainState(network, store, verifier);
    const sources = main.slice(192).map((block) => ({ work: 1n, load: () => checkBlock(network, block) }));
    state.move(192, sources, () => undefined);
    for (const block of servedBelow(main.at(-1)!)) expectSnapshot((id, from) => state.snapshots.chunk(id, from), block);
    store.prune(baseAt(builder, main[201]!));
    const pruned = new ChainState(network, store, verifier);
    const ask: Ask = (id, from) => pruned.snapshots.chunk(id, from);
    expect(ask(main[191]!.id, FIRST_KEY)).toBeNull();
    for (const block of [main[255]!, main[319]!]) expectSnapshot(ask, block);
  });

  test('are made after opening, some blocks with each call, while the tip moves', async () => {
    const node = await openNode(sqlJs, network);
    await feed(node, main.slice(0, 250));
    const { chain } = await openNode(sqlJs, network, node.store.export());
    const ask: Ask = (id, from) => chain.proofs.stateChunk(id, from);
    for (const block of main.slice(250, 255)) {
      expect(ask(main[127]!.id, FIRST_KEY)).toBe('later');
      await chain.acceptBlock(block);
    }
    for (const block of servedBelow(main[254]!)) expectSnapshot(ask, block);
    expect(ask(main[127]!.id, FIRST_KEY)).not.toBe('later');
  });
});

/** A store that counts the blocks read, and can refuse to read them. */
class WatchedStore implements SnapshotStore {
  readonly #store: SqlChainStore;
  reads = 0;
  isAltered = false;

  constructor(store: SqlChainStore) {
    this.#store = store;
  }

  account(address: string): AccountState | undefined {
    return this.#store.account(address);
  }

  addressOfName(name: string): string | undefined {
    return this.#store.addressOfName(name);
  }

  base(): ChainBase | null {
    return this.#store.base();
  }

  block(height: number): DecodedBlock | null {
    this.reads++;
    return this.isAltered ? null : this.#store.block(height);
  }

  header(height: number): SealedHeader | null {
    return this.#store.header(height);
  }

  height(): number {
    return this.#store.height();
  }
}

describe('making a snapshot', () => {
  const [tip, goal] = [main[319]!, main[191]!];

  function opened(mostRows?: number): { store: WatchedStore; tree: StateTree; snapshots: Snapshots; nodes: number } {
    const stored = SqlChainStore.open(sqlJs, network);
    const state = new ChainState(network, stored, verifier);
    const sources = ancestors(tip).map((block) => ({ work: 1n, load: () => checkBlock(network, block) }));
    state.move(0, sources, () => undefined);
    const store = new WatchedStore(stored);
    const tree = StateTree.build(stored.accounts());
    return { store, tree, snapshots: new Snapshots(network, store, tree, mostRows), nodes: tree.nodes };
  }

  test('reads each block once, and few with one call', () => {
    const { store, snapshots } = opened();
    let calls = 0;
    for (let before = 0; snapshots.chunk(goal.id, FIRST_KEY) === 'later'; before = store.reads) {
      expect(store.reads - before).toBeLessThanOrEqual(8);
      calls++;
    }
    expect([store.reads, calls]).toEqual([128, 16]);
    expectSnapshot((id, from) => snapshots.chunk(id, from), goal);
  });

  test('finishes one before it begins the next', () => {
    const { store, snapshots } = opened();
    const goals = [main[255]!, goal];
    for (let turn = 0; snapshots.chunk(goals[turn % 2]!.id, FIRST_KEY) === 'later'; turn++) expect(turn).toBeLessThan(100);
    for (const each of goals) expectSnapshot((id, from) => snapshots.chunk(id, from), each);
    expect(store.reads).toBe(64 + 128);
  });

  test('ends at an altered block, and is not tried again', () => {
    const { store, tree, snapshots, nodes } = opened();
    expect(snapshots.chunk(goal.id, FIRST_KEY)).toBe('later');
    store.isAltered = true;
    expect(patiently((id, from) => snapshots.chunk(id, from), goal.id, FIRST_KEY)).toBeNull();
    const { reads } = store;
    expect([snapshots.chunk(goal.id, FIRST_KEY), store.reads, snapshots.rows, tree.nodes]).toEqual([null, reads, 0, nodes]);
  });

  test('ends where too many accounts have changed', () => {
    const { tree, snapshots, nodes } = opened(20);
    expect(patiently((id, from) => snapshots.chunk(id, from), goal.id, FIRST_KEY)).toBeNull();
    expect([snapshots.rows, tree.nodes]).toEqual([0, nodes]);
  });
});

/** Connects blocks that each change so many other accounts. */
function connectMany(count: number, perBlock: number, mostRows: number, afterEach: (snapshots: Snapshots) => void = () => undefined) {
  const accounts = new Map<string, AccountState>();
  const tree = StateTree.build([]);
  let height = 0;
  const store: SnapshotStore = {
    account: (address) => accounts.get(address),
    addressOfName: () => undefined,
    base: () => null,
    block: () => null,
    header: (at) => (at <= height ? ({ id: `block ${at}` } as SealedHeader) : null),
    height: () => height,
  };
  const snapshots = new Snapshots(network, store, tree, mostRows);
  while (height < count) {
    height++;
    const changes: AccountChange[] = Array.from({ length: perBlock }, (_, i) => {
      const address = addressOf(height * perBlock + i);
      return { address, before: undefined, after: { address, balance: height, nonce: 0, registration: null } };
    });
    tree.apply(changes);
    for (const { address, after } of changes) accounts.set(address, after!);
    snapshots.connected({ id: `block ${height}`, header: { height } } as DecodedBlock, changes);
    afterEach(snapshots);
  }
  const chunk = (at: number): StateChunk | 'later' | null => snapshots.chunk(`block ${at}`, FIRST_KEY);
  /** Nodes that only snapshots have. */
  const spareNodes = tree.nodes - (2 * accounts.size - 1);
  return { snapshots, chunk, spareNodes, depth: Math.log2(accounts.size) };
}

describe('the memory of snapshots', () => {
  test('is that of the newest three', () => {
    const { snapshots, chunk, spareNodes, depth } = connectMany(400, 1, 2_000);
    const changed = 16 + 80 + 144;
    expect(snapshots.rows).toBe(changed);
    expect(spareNodes).toBeLessThan(changed * depth);
    for (const at of [384, 320, 256]) expect(chunk(at)).not.toBeNull();
  });

  test('becomes free when too many accounts have changed', () => {
    const most = 2_000;
    const { snapshots, chunk, spareNodes, depth } = connectMany(400, 100, most, ({ rows }) => expect(rows).toBeLessThanOrEqual(3 * most));
    // The newest has seen 1,600 changes, the others 8,000 and more.
    expect([320, 256].map(chunk)).toEqual([null, null]);
    expect(chunk(384)).not.toBeNull();
    expect(snapshots.rows).toBe(1_600);
    expect(spareNodes).toBeLessThan(1_600 * depth);
  });
});
