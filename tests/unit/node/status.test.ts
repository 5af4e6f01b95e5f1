import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChainStatus, PeerInfo } from '../../../src/api/api.ts';
import { addressText } from '../../../src/crypto/address.ts';
import type { PeerNetworkStatus } from '../../../src/net/peer-status.ts';
import { openLedger, type Ledger } from '../../../src/node/ledger.ts';
import type { MiningState } from '../../../src/node/mining.ts';
import { AccountSession } from '../../../src/node/own-account.ts';
import { buildStatus, TipFacts, VERSION, type StatusParts } from '../../../src/node/status.ts';
import { MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { fakeMachine, loadSqlJs, SILENT } from '../../fuzz/support/node.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { boundTo } from './support.ts';

const network = testNetwork({ label: 'room-5', halvingInterval: 1_000, grant: 500_000 });
const builder = new BlockBuilder(network);
const [alex, ming] = [testAccount('alex'), testAccount('ming')];
const first = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex)] });
const second = builder.next(first, { miner: alex });
const third = builder.next(second, { miner: ming });

const PEER: PeerInfo = {
  id: '0123456789abcdef',
  kind: 'direct',
  met: 'server',
  state: 'ready',
  height: 9,
  tip: 'ab'.repeat(32),
  agrees: false,
  base: 0,
  greeting: null,
  latencyMs: 12,
  connectedAt: 1,
  received: 2,
  sent: 3,
  agent: 'tabchain/0',
  team: false,
};
const ALONE: PeerNetworkStatus = {
  peers: [],
  sync: { target: 0, height: 0, syncing: false, unsure: false, cutOff: false },
  behind: null,
  join: null,
  clockSkewMs: null,
  otherVersions: { older: 0, newer: 0 },
};
const MINING: MiningState = {
  on: true,
  hashrate: 1_234,
  threads: 2,
  throttle: 50,
  eased: null,
  expectedSeconds: 7,
  kernel: 'wasm-scalar',
  gpu: 'off',
  waiting: null,
};

const WHOLE: ChainStatus = { choice: 'whole', base: 0, verified: 'all', behind: null, joining: null };

let sqlJs: SqlJsStatic;
let ledger: Ledger;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  ledger = await openLedger(fakeMachine(sqlJs, new MemoryRecords()), network, null, SILENT);
  for (const block of [first, second, third]) await ledger.chain.acceptBlock(block);
});

const statusOf = (given: Partial<StatusParts> = {}) =>
  buildStatus({
    ledger,
    behind: null,
    tipFacts: new TipFacts(),
    net: ALONE,
    mining: MINING,
    chain: WHOLE,
    account: null,
    signaling: 'connected',
    links: 'open',
    secure: true,
    revision: 5,
    ...given,
  });

describe('a status', () => {
  test('has the tip of the chain, and its rules', () => {
    expect(statusOf()).toMatchObject({
      version: VERSION,
      networkId: network.id,
      network: {
        label: 'room-5',
        link: expect.stringMatching(/^#net=room-5&T=1000&grant=0\.5&halving=1000&/),
        blockTimeMs: 1_000,
        subsidy: '50',
        grant: '0.5',
        halvingInterval: 1_000,
        maxBlockBytes: 262_144,
        startDifficulty: '2',
        leastDifficulty: '2',
      },
      height: 3,
      tip: third.id,
      tipTime: third.header.timeMs,
      stateRoot: toHex(third.header.stateRoot),
      work: ledger.chain.tip().work.toString(),
      difficulty: '2',
      revision: 5,
    });
  });

  test('tells the difficulty at the start from the least', async () => {
    ledger = await openLedger(fakeMachine(sqlJs, new MemoryRecords()), testNetwork({ startBits: 0x203fffff }), null, SILENT);
    expect(statusOf().network).toMatchObject({ startDifficulty: '4', leastDifficulty: '2' });
  });

  test('estimates the rate of the network from the work of the last blocks and their time', () => {
    // Two blocks of two expected hashes in two seconds.
    expect(statusOf().networkHashrate).toBe(2);
  });

  test('has no rate before there are two blocks', async () => {
    ledger = await openLedger(fakeMachine(sqlJs, new MemoryRecords()), network, null, SILENT);
    expect(statusOf().networkHashrate).toBe(0);
    await ledger.chain.acceptBlock(first);
    expect(statusOf().networkHashrate).toBe(0);
  });

  test('has no account for a guest', () => {
    expect(statusOf()).toMatchObject({ account: null, balance: null, spendable: null, mining: { blocks: 0 } });
  });

  test('has the balance of the account, its spendable part, and the number of blocks it mined', async () => {
    await ledger.mempool.accept(transferOf(network, alex, { to: ming, amount: 2_500_000, fee: 500, nonce: 0 }), true);
    expect(statusOf({ account: new AccountSession(boundTo(alex)) })).toMatchObject({
      account: { name: 'alex', address: addressText(alex.address), registration: 'confirmed' },
      balance: '100.5',
      spendable: '97.9995',
      mining: { ...MINING, blocks: 2 },
      mempool: { count: 1, bytes: ledger.mempool.bytes },
    });
  });

  test('counts nothing for an account that the chain does not know', () => {
    const wu = new AccountSession(boundTo(testAccount('wu')));
    expect(statusOf({ account: wu })).toMatchObject({
      account: { registration: 'none' },
      balance: '0',
      spendable: '0',
      mining: { blocks: 0 },
    });
  });

  test('includes the states of peers, disk and page', () => {
    const net = { ...ALONE, peers: [PEER], clockSkewMs: -250 };
    expect(statusOf({ net, signaling: 'unreachable' })).toMatchObject({
      peers: [PEER],
      sync: { signaling: 'unreachable', clockSkewMs: -250 },
      persisted: { height: -1, tip: null, bytes: 0, error: null, memoryOnly: true },
    });
  });

  test('shows an error of the disk that has the whole chain behind a recent chain', () => {
    const saver = { state: () => ({ ...ledger.saver.state(), error: 'storage-full' }) };
    const behind = { ...ledger, saver } as unknown as Ledger;
    expect(statusOf({ behind }).persisted).toEqual({ ...ledger.saver.state(), error: 'storage-full' });
  });

  test('names slow functions if the page is not secure', () => {
    expect(statusOf()).toMatchObject({ secure: true, slow: [] });
    expect(statusOf({ secure: false })).toMatchObject({ secure: false, slow: ['keys', 'signatures'] });
  });
});

describe('the state of the sync', () => {
  const net = (peers: readonly PeerInfo['state'][], sync: Partial<PeerNetworkStatus['sync']> = {}): PeerNetworkStatus => ({
    ...ALONE,
    peers: peers.map((state) => ({ ...PEER, state })),
    sync: { ...ALONE.sync, ...sync },
  });

  test.each([
    ['searching without peers', net([]), false, 'searching'],
    ['searching while links are being made', net(['connecting']), false, 'searching'],
    ['searching while no peer has reported its chain', net(['ready'], { unsure: true }), false, 'searching'],
    ['cut off while nobody has the next blocks', net(['ready'], { cutOff: true }), false, 'cut-off'],
    ['synced with one peer that is ready', net(['connecting', 'ready']), false, 'synced'],
    ['syncing while blocks are missing', net(['ready'], { syncing: true }), false, 'syncing'],
    ['offline when the person has cut the links, whatever the state', net(['ready'], { syncing: true }), true, 'offline'],
  ])('is %s', (_what, given, offline, state) => {
    expect(statusOf({ net: given, links: offline ? 'closed' : 'open' }).sync.state).toBe(state);
  });

  test('names the signaling server as off while offline', () => {
    expect(statusOf({ links: 'closed' }).sync.signaling).toBe('off');
  });

  test('has the peers’ proven height as target, and never one below the own tip', () => {
    expect(statusOf({ net: net(['ready'], { target: 12 }) }).sync).toMatchObject({ target: 12, height: 3 });
    expect(statusOf({ net: net(['ready'], { target: 1 }) }).sync).toMatchObject({ target: 3, height: 3 });
  });
});

describe('what only a new tip changes', () => {
  test('is computed again for each tip and each account', async () => {
    const facts = new TipFacts();
    const [of, other] = [new AccountSession(boundTo(alex)), new AccountSession(boundTo(ming))];
    expect([facts.of(ledger, of), facts.of(ledger, other), facts.of(ledger, null)].map(({ minedBlocks }) => minedBlocks)).toEqual([
      2, 1, 0,
    ]);
    await ledger.chain.acceptBlock(builder.next(third, { miner: alex }));
    expect(facts.of(ledger, of).minedBlocks).toBe(3);
  });
});
