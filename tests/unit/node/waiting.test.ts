import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MAX_NONCE_GAP } from '../../../src/mempool/policy.ts';
import { openLedger, type Ledger } from '../../../src/node/ledger.ts';
import { AccountSession, assertNameFree, nameStatus } from '../../../src/node/own-account.ts';
import { feeHint } from '../../../src/node/fees.ts';
import type { TabNode } from '../../../src/node/tab-node.ts';
import { Views } from '../../../src/node/views/views.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { decodeTransaction, encodeTransaction, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import type { OwnTransaction } from '../../../src/storage/port.ts';
import type { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { asErrorCode } from '../../../src/util/errors.ts';
import { fakeMachine, loadSqlJs, NETWORK, SILENT } from '../../fuzz/support/node.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf, type TestAccount } from '../../scenarios/support/builders.ts';
import { boundTo, Browser, keysOf, TestTab } from './support.ts';

const [alex, ming, wu, lin] = [testAccount('alex'), testAccount('ming'), testAccount('wu'), testAccount('lin')];

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

/** A tab with alex's account, whose transfer with nonce 1 waits; `change` alters its database before. */
async function openTab(change: (store: SqlChainStore) => void = () => undefined): Promise<TestTab> {
  const browser = new Browser();
  await browser.populate(sqlJs, alex, change);
  const tab = new TestTab(sqlJs, browser);
  await tab.open(alex);
  return tab;
}

const waitingIds = async (node: TabNode): Promise<string[]> => (await node.reads.mempool()).items.map(({ txid }) => txid);

describe('a waiting transaction', () => {
  test('stays when its owner logs out, and when another account registers in this tab', async () => {
    const { node } = await openTab();
    const [waiting] = await waitingIds(node);
    expect(waiting).toBeDefined();
    await node.unbind();
    expect(await waitingIds(node)).toEqual([waiting]);
    await node.bind(boundTo(wu), 'next', keysOf(wu));
    expect(await waitingIds(node)).toEqual([waiting]);
    expect(await node.reads.history()).toEqual([]);
  });

  test('moves along with the chain, unless this chain excludes it', async () => {
    const { mempool, chain } = await openPool();
    const [first, second] = [payment(alex, 0), payment(alex, 1)];
    for (const transaction of [second, first, registrationOf(network, lin)]) await mempool.accept(transaction, false);
    const before = mempool.entries();
    await chain.acceptBlock(builder.next(tip, { transactions: [first] }));
    const { mempool: next } = await openPool();
    expect(next.inherit(before)).toHaveLength(3);
    const kept = mempool.entries();
    expect(next.inherit(kept)).toEqual([]);
    expect(next.entries().map(({ decoded, own, firstSeenMs }) => [decoded.id, own, firstSeenMs])).toEqual(
      before.map(({ decoded, firstSeenMs }) => [decoded.id, false, firstSeenMs]),
    );
    expect(mempool.inherit(before)).toEqual([]);
    expect(kept).toHaveLength(2);
  });
});

describe('altered rows of own transactions', () => {
  const put = (change: (own: OwnTransaction) => Partial<OwnTransaction>) => (store: SqlChainStore) => {
    const own = store.ownTransactions()[0]!;
    store.atomically(() => {
      store.deleteOwnTransaction(own.id);
      store.putOwnTransaction({ ...own, ...change(own) });
    });
  };
  const other = (transaction: DecodedTransaction): Partial<OwnTransaction> => ({ id: transaction.id, bytes: transaction.bytes });
  const forged = (own: OwnTransaction): DecodedTransaction => {
    const { transaction } = decodeTransaction(own.bytes);
    return encodeTransaction({ ...transaction, signature: new Uint8Array(256).fill(1) });
  };

  test.each<[string, (own: OwnTransaction) => Partial<OwnTransaction>]>([
    ['bytes that are no transaction', () => ({ bytes: new Uint8Array(9) })],
    ['bytes of another transaction', (own) => ({ bytes: forged(own).bytes })],
    ['a signature that is not the owner’s', (own) => other(forged(own))],
    ['a transfer of another account', () => other(transferOf(NETWORK, ming, { to: alex, amount: 1, fee: 700, nonce: 1 }))],
    ['a transfer of another network', () => other(transferOf(testNetwork(), alex, { to: ming, amount: 1, fee: 700, nonce: 1 }))],
    ['a dropped one that is a forgery', (own) => ({ ...other(forged(own)), status: 'dropped', reason: 'expired' })],
    ['an invalid reason', () => ({ status: 'dropped', reason: asErrorCode('<b>send coins</b>') })],
  ])('%s: removed, and the person is told', async (_, change) => {
    const tab = await openTab(put(change));
    const { node } = tab;
    expect(tab.problems()).toEqual(['own-transactions-altered']);
    expect(await node.status()).toMatchObject({ mempool: { count: 0 }, height: 4 });
    expect((await node.reads.history()).filter(({ status }) => status !== 'confirmed')).toEqual([]);
  });

  test('unaltered ones stay, without a message', async () => {
    const tab = await openTab();
    expect(tab.problems()).toEqual([]);
    expect((await tab.node.status()).mempool.count).toBe(1);
  });

  test('a forgery in a database that lost its chain is detected when the chain is back', async () => {
    const { store, mempool, chain } = await openPool({ blocks: 0, own: [forgedPayment()] });
    expect(mempool.count).toBe(1);
    for (const block of blocks) await chain.acceptBlock(block);
    expect([mempool.count, mempool.select(1e6)]).toEqual([0, []]);
    expect(store.ownTransactions()).toMatchObject([{ status: 'dropped', reason: 'signature-invalid' }]);
  });

  function forgedPayment(): DecodedTransaction {
    return encodeTransaction({ ...payment(alex, 0).transaction, signature: new Uint8Array(256).fill(1) });
  }
});

// A small network whose blocks hold a dozen transfers.

const network = testNetwork({ maxBlockBytes: 4_096 });
const builder = new BlockBuilder(network);
const RATE = 1_000;
let tip: DecodedBlock;
let blocks: DecodedBlock[];

beforeAll(() => {
  const first = builder.next(builder.genesis, {
    miner: alex,
    transactions: [registrationOf(network, alex), registrationOf(network, ming)],
  });
  blocks = [first, builder.next(first, { miner: ming })];
  tip = blocks.at(-1)!;
});

const payment = (from: TestAccount, nonce: number, fee = RATE, amount = 1): DecodedTransaction =>
  transferOf(network, from, { to: wu, amount, fee, nonce });

/** @param given the number of blocks, and alex's own transactions */
async function openPool(given: { blocks?: number; own?: readonly DecodedTransaction[] } = {}): Promise<Ledger> {
  const machine = fakeMachine(sqlJs, new MemoryRecords());
  const ledger = await openLedger(machine, network, null, SILENT);
  for (const block of blocks.slice(0, given.blocks ?? blocks.length)) await ledger.chain.acceptBlock(block);
  if (!given.own) return ledger;
  ledger.store.atomically(() => {
    for (const { id, bytes } of given.own!) ledger.store.putOwnTransaction({ id, bytes, firstSeenMs: 1, status: 'pending', reason: null });
  });
  const place = new MemoryRecords();
  const image = ledger.store.pages();
  await (await PageDisk.open(new MemoryMedium(place), 'a')).save(() => ({ pages: image, height: given.blocks ?? 0, tip: network.id }));
  return openLedger(fakeMachine(sqlJs, place), network, { name: 'x', fencingToken: 'b', owner: alex.address }, SILENT);
}

describe('a suggested fee', () => {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await openPool();
  });

  test('is low while the next block has space', async () => {
    const calm = feeHint(ledger);
    expect(calm.perByte).toBe(3);
    for (let nonce = 0; nonce < 5; nonce++) await ledger.mempool.accept(payment(alex, nonce, 40_000), false);
    expect(feeHint(ledger)).toEqual(calm);
  });

  test('ignores transactions that no block can contain', async () => {
    const calm = feeHint(ledger);
    for (const account of [alex, ming]) {
      for (let nonce = 1; nonce <= MAX_NONCE_GAP; nonce++) await ledger.mempool.accept(payment(account, nonce, 100_000), false);
    }
    expect(ledger.mempool.count).toBe(2 * MAX_NONCE_GAP);
    expect(ledger.mempool.select(1e6)).toEqual([]);
    expect(feeHint(ledger)).toEqual(calm);
  });

  test('beats the cheapest of a full block, and is capped', async () => {
    for (let nonce = 0; nonce < 14; nonce++) await ledger.mempool.accept(payment(alex, nonce, 322 * 10), false);
    expect(feeHint(ledger)).toMatchObject({ perByte: 12, suggested: '0.0039' });
    for (let nonce = 0; nonce < 14; nonce++) await ledger.mempool.accept(payment(ming, nonce, 322 * 500), false);
    expect(feeHint(ledger)).toMatchObject({ perByte: 30, suggested: '0.0097' });
  });
});

describe('a name', () => {
  test('is free, taken or waiting, for the form and for registering alike', async () => {
    const ledger = await openPool();
    await ledger.mempool.accept(registrationOf(network, lin), false);
    expect(['kai', 'ming', 'lin'].map((name) => nameStatus(ledger, name))).toEqual(['free', 'taken', 'waiting']);
    expect(() => assertNameFree(ledger, 'kai')).not.toThrow();
    expect(() => assertNameFree(ledger, 'ming')).toThrow(
      expect.objectContaining({ code: 'name-taken', details: { name: 'ming', pending: false } }),
    );
    expect(() => assertNameFree(ledger, 'lin')).toThrow(
      expect.objectContaining({ code: 'name-taken', details: { name: 'lin', pending: true } }),
    );
    expect(() => nameStatus(ledger, 'A!')).toThrow(expect.objectContaining({ code: 'name-invalid' }));
  });

  test('that another branch gave to another account is reported as lost', async () => {
    const ledger = await openPool();
    const session = new AccountSession(boundTo(wu));
    expect(session.describe(ledger)).toMatchObject({ registration: 'none', registrationError: null });
    const own = registrationOf(network, wu);
    await ledger.mempool.accept(own, true);
    expect(session.describe(ledger)).toMatchObject({ registration: 'pending', registrationError: null });
    await ledger.chain.acceptBlock(builder.next(tip, { transactions: [own] }));
    expect(session.describe(ledger)).toMatchObject({ registration: 'confirmed', registrationError: null });
    const rival = registrationOf(network, lin, { name: 'wu' });
    const other = builder.next(tip, { miner: lin, transactions: [rival] });
    for (const block of [other, builder.next(other)]) await ledger.chain.acceptBlock(block);
    expect(session.describe(ledger)).toMatchObject({ name: 'wu', registration: 'none', registrationError: 'name-taken' });
    const views = new Views(ledger, session, null);
    expect(await views.transaction(own.id)).toMatchObject({ status: 'dropped', reason: 'name-taken', overtakenBy: rival.id });
    const again = registrationOf(network, wu, { name: 'wu_2' });
    await ledger.mempool.accept(again, true);
    expect(session.describe(ledger)).toMatchObject({ registration: 'pending', registrationError: null });
  });
});

describe('a dropped transfer', () => {
  test('has paid nothing, and names its replacement', async () => {
    const ledger = await openPool();
    const [own, other] = [payment(alex, 0), payment(alex, 0, RATE, 7)];
    await ledger.mempool.accept(own, true);
    await ledger.chain.acceptBlock(builder.next(tip, { transactions: [other] }));
    const views = new Views(ledger, new AccountSession(boundTo(alex)), null);
    expect(await views.transaction(own.id)).toMatchObject({ status: 'dropped', reason: 'nonce-already-used', overtakenBy: other.id });
    expect((await views.history())[0]).toMatchObject({ txid: own.id, status: 'dropped', change: '0', overtakenBy: other.id });
    expect(await views.transaction(other.id)).toMatchObject({ status: 'confirmed', overtakenBy: null });
  });

  test('replaced by a better paying one names that one while it waits', async () => {
    const ledger = await openPool();
    const [own, better] = [payment(alex, 0), payment(alex, 0, 3 * RATE)];
    await ledger.mempool.accept(own, true);
    await ledger.mempool.accept(better, false);
    const views = new Views(ledger, new AccountSession(boundTo(alex)), null);
    expect(await views.transaction(own.id)).toMatchObject({ status: 'dropped', reason: 'replaced', overtakenBy: better.id });
  });
});
