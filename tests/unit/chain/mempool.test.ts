import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  FOREIGN_EXPIRY_MS,
  MAX_MEMPOOL_BYTES,
  MAX_NONCE_GAP,
  MAX_POOLED_REGISTRATIONS,
  MIN_FEE_PER_BYTE,
  OWN_BURIAL_BLOCKS,
} from '../../../src/chain/mempool-limits.ts';
import { RegistrationPool } from '../../../src/chain/registration-pool.ts';
import { selectForBlock } from '../../../src/chain/selection.ts';
import type { TransferEntry } from '../../../src/chain/account-queue.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { decodeTransaction, MIN_TRANSACTION_BYTES, type DecodedTransaction, type Transfer } from '../../../src/protocol/transaction.ts';
import {
  BlockBuilder,
  registrationOf,
  testAccount,
  testNetwork,
  transferOf,
  type TransferOptions,
} from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from './support.ts';

const network = testNetwork();
const [alex, ming, wu, lin] = [testAccount('alex'), testAccount('ming'), testAccount('wu'), testAccount('lin')];
const SUBSIDY = network.subsidy;
const FEE = 1_000;

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

let builder: BlockBuilder;
let node: TestNode;
let tip: DecodedBlock;

/** alex and ming are registered and have a subsidy each. */
beforeEach(async () => {
  builder = new BlockBuilder(network);
  node = await openNode(sqlJs, network);
  const first = builder.next(builder.genesis, {
    miner: alex,
    transactions: [registrationOf(network, alex), registrationOf(network, ming)],
  });
  tip = builder.next(first, { miner: ming });
  await feed(node, [first, tip]);
});

const pay = (nonce: number, options: Partial<TransferOptions> = {}): DecodedTransaction =>
  transferOf(network, alex, { to: wu, amount: 1, fee: FEE, nonce, ...options });

const accept = (transaction: DecodedTransaction, own = false): Promise<string> => node.mempool.accept(transaction, own);

async function mine(...transactions: DecodedTransaction[]): Promise<DecodedBlock> {
  tip = builder.next(tip, { transactions });
  expect(await feed(node, [tip])).toEqual(['connected']);
  return tip;
}

async function refused(transaction: DecodedTransaction, code: string): Promise<void> {
  const before = [node.mempool.ids(), node.mempool.bytes, node.events.length];
  await expect(accept(transaction)).rejects.toMatchObject({ code });
  expect([node.mempool.ids(), node.mempool.bytes, node.events.length]).toEqual(before);
}

describe('acceptance', () => {
  test('keeps a valid transfer, once', async () => {
    const transfer = pay(0);
    expect(await accept(transfer)).toBe('added');
    expect(await accept(transfer)).toBe('known');
    expect(node.mempool.get(transfer.id)).toBe(transfer);
    expect([node.mempool.count, node.mempool.bytes]).toEqual([1, transfer.bytes.length]);
    expect(node.mempool.spendable(alex.address)).toBe(SUBSIDY - 1 - FEE);
    expect(node.mempool.nextNonce(alex.address)).toBe(1);
  });

  test('fee-too-low', async () => {
    const minimum = pay(0).bytes.length * MIN_FEE_PER_BYTE;
    await refused(pay(0, { fee: minimum - 1 }), 'fee-too-low');
    expect(await accept(pay(0, { fee: minimum }))).toBe('added');
  });

  test('nonce-already-used', async () => {
    await mine(pay(0));
    await refused(pay(0, { amount: 2 }), 'nonce-already-used');
  });

  test('a transfer with a missing predecessor waits for it', async () => {
    const [second, first] = [pay(1), pay(0)];
    expect(await accept(second)).toBe('queued');
    expect(node.mempool.nextNonce(alex.address)).toBe(0);
    expect(node.mempool.select(1e6)).toEqual([]);
    expect(await accept(first)).toBe('added');
    expect(node.mempool.status(second.id)).toBe('pending');
    expect(node.mempool.select(1e6)).toEqual([first, second]);
  });

  test('nonce-gap beyond the bound', async () => {
    await refused(pay(MAX_NONCE_GAP + 1), 'nonce-gap');
    expect(await accept(pay(MAX_NONCE_GAP))).toBe('queued');
  });

  test('overspend across queued transactions', async () => {
    await accept(pay(0, { amount: SUBSIDY - 3 * FEE }));
    await refused(pay(1, { amount: FEE + 1 }), 'balance-insufficient');
    await refused(pay(2, { amount: FEE + 1 }), 'balance-insufficient');
    expect(await accept(pay(1, { amount: FEE }))).toBe('added');
    expect(node.mempool.spendable(alex.address)).toBe(0);
  });

  test('a transfer is not kept out by one that waits for it', async () => {
    const last = pay(2, { amount: SUBSIDY - 3 * FEE });
    const [first, second] = [pay(0, { amount: SUBSIDY / 2 }), pay(1)];
    await accept(last);
    expect(await accept(first)).toBe('added');
    expect(node.events.at(-1)).toEqual({ type: 'dropped', id: last.id, code: 'balance-insufficient', own: false });
    expect(await accept(second)).toBe('added');
    expect(node.mempool.select(1e6)).toEqual([first, second]);
    await refused(last, 'balance-insufficient');
  });

  test('an own transfer that no longer is covered waits for coins', async () => {
    const last = pay(1, { amount: SUBSIDY - 3 * FEE });
    await accept(last, true);
    await accept(pay(0, { amount: SUBSIDY / 2 }), true);
    expect(node.mempool.status(last.id)).toBe('queued');
    expect(node.mempool.spendable(alex.address)).toBe(0);
  });

  test('what is only on its way to the sender cannot be spent yet', async () => {
    await accept(pay(0, { to: ming, amount: SUBSIDY / 2 }));
    await refused(transferOf(network, ming, { to: wu, amount: SUBSIDY, fee: FEE, nonce: 0 }), 'balance-insufficient');
  });

  test('signature-invalid', async () => {
    const good = pay(0);
    await refused(decodeTransaction(good.bytes.with(-1, good.bytes.at(-1)! ^ 1)), 'signature-invalid');
  });

  test.each([
    ['transaction-other-network', () => transferOf(testNetwork({ label: 'x' }), alex, { to: wu, amount: 1, fee: FEE, nonce: 0 })],
    ['amount-not-positive', () => pay(0, { amount: 0 })],
    ['memo-invalid', () => pay(0, { memo: 'two\nlines' })],
    ['sender-not-registered', () => transferOf(network, wu, { to: alex, amount: 1, fee: FEE, nonce: 0 })],
    ['already-registered', () => registrationOf(network, alex)],
    ['name-taken', () => registrationOf(network, wu, { name: 'ming' })],
    ['name-invalid', () => registrationOf(network, wu, { name: 'Wu' })],
  ])('%s', (code, make) => refused(make(), code));
});

describe('replacement', () => {
  test('needs a tenth more fee', async () => {
    const first = pay(0);
    await accept(first);
    await accept(pay(1));
    await refused(pay(0, { fee: FEE * 1.1 - 1, amount: 2 }), 'replacement-fee-too-low');
    const better = pay(0, { fee: FEE * 1.1, amount: 2 });
    expect(await accept(better)).toBe('added');
    expect(node.mempool.has(first.id)).toBe(false);
    expect(node.mempool.count).toBe(2);
    expect(node.events.find(({ type }) => type === 'dropped')).toEqual({ type: 'dropped', id: first.id, code: 'replaced', own: false });
  });

  test('frees what the replaced one took', async () => {
    await accept(pay(0, { amount: SUBSIDY - FEE }));
    expect(await accept(pay(0, { amount: SUBSIDY - 2 * FEE, fee: 2 * FEE }))).toBe('added');
  });
});

describe('registrations', () => {
  test('one a name and one an account, first seen first served', async () => {
    const first = registrationOf(network, wu);
    expect(await accept(first)).toBe('added');
    await refused(registrationOf(network, lin, { name: 'wu' }), 'name-taken');
    await refused(registrationOf(network, wu, { name: 'other' }), 'registration-pending');
    await mine(first);
    expect(node.mempool.ids()).toEqual([]);
    await refused(registrationOf(network, lin, { name: 'wu' }), 'name-taken');
  });

  test('another’s block can take the name away', async () => {
    const mine_ = registrationOf(network, wu, { name: 'neo' });
    await accept(mine_, true);
    await mine(registrationOf(network, lin, { name: 'neo' }));
    expect(node.mempool.has(mine_.id)).toBe(false);
    expect(node.mempool.ownTransactions()).toMatchObject([{ id: mine_.id, status: 'dropped', reason: 'name-taken' }]);
  });

  test('a bounded number wait', () => {
    const pool = new RegistrationPool();
    const { transaction, ...rest } = registrationOf(network, wu);
    for (let i = 0; i < MAX_POOLED_REGISTRATIONS; i++) {
      const other = { ...transaction, name: `n${i}`, signingModulus: transaction.signingModulus.with(0, i).with(1, i >> 8) };
      pool.add({ decoded: { ...rest, transaction: other }, own: false, patient: false, firstSeenMs: 0 });
    }
    expect(() => pool.check(transaction, wu.address, false)).toThrow(expect.objectContaining({ code: 'mempool-full' }));
    expect(() => pool.check(transaction, wu.address, true)).not.toThrow();
  });
});

describe('the next block', () => {
  test('takes registrations first, then by fee per byte, each sender in order', async () => {
    const cheapFirst = pay(0, { fee: 500 });
    const dearSecond = pay(1, { fee: 9_000 });
    const middle = transferOf(network, ming, { to: wu, amount: 1, fee: 2_000, nonce: 0 });
    const join = registrationOf(network, wu);
    for (const transaction of [dearSecond, middle, cheapFirst, join]) await accept(transaction);
    const selected = node.mempool.select(network.maxBlockBytes);
    expect(selected).toEqual([join, middle, cheapFirst, dearSecond]);
    // Such a choice is a valid block.
    await mine(...selected);
    expect(node.mempool.count).toBe(0);
  });

  test('keeps to its bounds', async () => {
    const transfers = [
      pay(0, { fee: 5_000 }),
      pay(1, { fee: 5_000 }),
      transferOf(network, ming, { to: wu, amount: 1, fee: FEE, nonce: 0 }),
    ];
    for (const transaction of [...transfers, registrationOf(network, wu), registrationOf(network, lin)]) await accept(transaction);
    expect(node.mempool.select(0)).toEqual([]);
    expect(node.mempool.select(1e6, 1)).toHaveLength(4);
    expect(node.mempool.select(2 * MIN_TRANSACTION_BYTES, 0)).toEqual([transfers[0], transfers[1]]);
  });

  test('of many senders comes out in order of fee', () => {
    const rows = Array.from({ length: 50 }, (_, i) => [entry(((i * 37) % 50) + 1)]);
    const fees = selectForBlock([], rows, 1e9).map(({ transaction }) => (transaction as Transfer).fee);
    expect(fees).toEqual(Array.from({ length: 50 }, (_, i) => 50 - i));
  });

  function entry(fee: number): TransferEntry {
    const { transaction, ...rest } = transferOf(network, alex, { to: wu, amount: 1, nonce: 0 });
    return { decoded: { ...rest, transaction: { ...transaction, fee } }, own: false, patient: false, firstSeenMs: 0 };
  }
});

describe('time', () => {
  test('other people’s transactions expire, own ones do not', async () => {
    const foreign = pay(0);
    const own = transferOf(network, ming, { to: wu, amount: 1, fee: FEE, nonce: 0 });
    await accept(foreign);
    await accept(own, true);
    node.clock.nowMs += FOREIGN_EXPIRY_MS;
    node.mempool.revalidate();
    expect(node.mempool.count).toBe(2);
    node.clock.nowMs += 1;
    node.mempool.revalidate();
    expect(node.mempool.ids()).toEqual([own.id]);
    expect(node.events.at(-1)).toEqual({ type: 'dropped', id: foreign.id, code: 'expired', own: false });
  });
});

describe('size', () => {
  test('the cheapest last transfers of others leave for a better one; own ones never', async () => {
    // The mempool counts bytes and does not look at them: a few transfers that claim to be huge fill it.
    const huge = (transaction: DecodedTransaction, share: number): DecodedTransaction => {
      const { bytes } = transaction;
      const length = Math.floor(MAX_MEMPOOL_BYTES * share);
      // What is signed is cut out from the front of them, by the distance from the end.
      const subarray = (from: number, to: number): Uint8Array => bytes.subarray(from, to - length + bytes.length);
      return { ...transaction, bytes: { length, subarray } as Uint8Array };
    };
    const rich = SUBSIDY / 4;
    const cheap = huge(pay(0, { fee: rich * 0.45 }), 0.3);
    const dear = huge(pay(1, { fee: rich }), 0.3);
    await accept(cheap);
    await accept(dear);
    const newcomer = (fee: number): DecodedTransaction => huge(transferOf(network, ming, { to: wu, amount: 1, fee, nonce: 0 }), 0.5);
    await refused(newcomer(rich), 'mempool-full');
    expect(await accept(newcomer(3 * rich))).toBe('added');
    expect(node.mempool.has(cheap.id)).toBe(true);
    expect(node.events.filter(({ type }) => type === 'dropped')).toEqual([{ type: 'dropped', id: dear.id, code: 'evicted', own: false }]);
  });
});

describe('own transactions', () => {
  test('survive a reload, and are executable again', async () => {
    const transfers = [pay(0), pay(1)];
    for (const transaction of transfers) await accept(transaction, true);
    await accept(transferOf(network, ming, { to: wu, amount: 1, fee: FEE, nonce: 0 }));
    node = await openNode(sqlJs, network, node.store.export());
    expect(node.mempool.select(1e6)).toEqual(transfers);
    expect(node.mempool.entry(transfers[0]!.id)).toMatchObject({ own: true });
  });

  test('that were confirmed meanwhile do not come back', async () => {
    const transfer = pay(0);
    await accept(transfer, true);
    await mine(transfer);
    node = await openNode(sqlJs, network, node.store.export());
    expect(node.mempool.count).toBe(0);
    expect(node.mempool.ownTransactions()).toMatchObject([{ id: transfer.id, status: 'pending' }]);
  });

  test('are forgotten once buried', async () => {
    const transfer = pay(0);
    await accept(transfer, true);
    await mine(transfer);
    for (let i = 1; i < OWN_BURIAL_BLOCKS; i++) await mine();
    expect(node.mempool.ownTransactions()).toHaveLength(1);
    await mine();
    expect(node.mempool.ownTransactions()).toEqual([]);
  });

  test('tell their owner why they will never be confirmed', async () => {
    const [mineFirst, other] = [pay(0), pay(0, { amount: 2 })];
    await accept(mineFirst, true);
    await mine(other);
    expect(node.events.at(-1)).toEqual({ type: 'dropped', id: mineFirst.id, code: 'nonce-already-used', own: true });
    const expected = [{ id: mineFirst.id, status: 'dropped', reason: 'nonce-already-used' }];
    expect(node.mempool.ownTransactions()).toMatchObject(expected);
    node = await openNode(sqlJs, network, node.store.export());
    expect(node.mempool.ownTransactions()).toMatchObject(expected);
    expect(node.mempool.count).toBe(0);
  });

  test('dropped, but confirmed in the end after all, are not called dropped', async () => {
    const before = tip;
    const [own, other] = [pay(0), pay(0, { amount: 2 })];
    await accept(own, true);
    await mine(other);
    expect(node.mempool.ownTransactions()).toMatchObject([{ status: 'dropped' }]);
    const rival = builder.next(before, { transactions: [own], miner: lin });
    const [child] = builder.extend(rival, 1) as [DecodedBlock];
    expect(await feed(node, [rival, child])).toEqual(['side', 'connected']);
    expect(node.mempool.ownTransactions()).toMatchObject([{ status: 'pending', reason: null }]);
  });
});

describe('after a reorganisation', () => {
  // tip ─ x (alex pays ming everything; ming pays wu with it)
  //  └─ y ─ z*          neither payment is in the chain any more
  test('payments wait for those that pay for them', async () => {
    const all = SUBSIDY - FEE;
    const toMing = pay(0, { to: ming, amount: all });
    const toWu = transferOf(network, ming, { to: wu, amount: SUBSIDY + all - FEE, fee: FEE, nonce: 0 });
    const fork = tip;
    await mine(toMing, toWu);
    const [y, z] = builder.extend(fork, 2, { miner: lin }) as [DecodedBlock, DecodedBlock];
    expect(await feed(node, [y, z])).toEqual(['side', 'connected']);
    tip = z;
    expect([node.mempool.status(toMing.id), node.mempool.status(toWu.id)]).toEqual(['pending', 'queued']);
    expect(node.mempool.select(1e6)).toEqual([toMing]);
    await mine(toMing);
    expect(node.mempool.status(toWu.id)).toBe('pending');
    await mine(toWu);
    expect(node.mempool.count).toBe(0);
  });

  test('what the winning branch holds too does not come back', async () => {
    const shared = pay(0);
    const fork = tip;
    await mine(shared);
    const y = builder.next(fork, { miner: lin, transactions: [shared] });
    await feed(node, [y, builder.next(y)]);
    expect(node.mempool.count).toBe(0);
  });

  test('what the winning branch contradicts is dropped', async () => {
    const fork = tip;
    await mine(pay(0));
    const y = builder.next(fork, { miner: lin, transactions: [pay(0, { amount: 7 })] });
    await feed(node, [y, builder.next(y)]);
    expect(node.mempool.count).toBe(0);
    expect(node.events.at(-1)).toMatchObject({ type: 'dropped', code: 'nonce-already-used' });
  });

  test('a waiting transfer that lost its funds is dropped', async () => {
    const fork = tip;
    await mine();
    const x = builder.next(tip, { miner: alex });
    await feed(node, [x]);
    const spend = pay(0, { amount: SUBSIDY + 1 });
    await accept(spend);
    const rivals = builder.extend(fork, 3, { miner: lin });
    await feed(node, rivals);
    expect(node.chain.tip().id).toBe(rivals[2]!.id);
    expect(node.events.at(-1)).toEqual({ type: 'dropped', id: spend.id, code: 'balance-insufficient', own: false });
  });
});
