import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  FOREIGN_EXPIRY_MS,
  MAX_MEMPOOL_BYTES,
  MAX_NONCE_GAP,
  MAX_POOLED_REGISTRATIONS,
  MIN_FEE_PER_BYTE,
  OWN_BURIAL_BLOCKS,
  PARKED_EXPIRY_MS,
} from '../../../src/mempool/policy.ts';
import { RegistrationPool, type RegistrationEntry } from '../../../src/mempool/registration-pool.ts';
import { selectForBlock } from '../../../src/mempool/selection.ts';
import type { TransferEntry } from '../../../src/mempool/account-queue.ts';
import { sealDigest, type DecodedBlock } from '../../../src/protocol/block.ts';
import { expandBits } from '../../../src/protocol/target.ts';
import {
  decodeTransaction,
  MIN_TRANSACTION_BYTES,
  type DecodedTransaction,
  type Registration,
  type Transfer,
} from '../../../src/protocol/transaction.ts';
import { stampHash } from '../../../src/protocol/transactions/registration.ts';
import { toHex } from '../../../src/util/bytes.ts';
import {
  BlockBuilder,
  findNonce,
  registrationOf,
  testAccount,
  testNetwork,
  transferOf,
  type RegistrationOverrides,
  type TestAccount,
  type TransferOptions,
} from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';

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

/** alex and ming are registered and have one subsidy each. */
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

  test('a waiting later transfer does not keep an earlier one out', async () => {
    const last = pay(2, { amount: SUBSIDY - 3 * FEE });
    const [first, second] = [pay(0, { amount: SUBSIDY / 2 }), pay(1)];
    await accept(last);
    expect(await accept(first)).toBe('added');
    expect(node.events.at(-1)).toEqual({ type: 'dropped', id: last.id, code: 'balance-insufficient', own: false });
    expect(await accept(second)).toBe('added');
    expect(node.mempool.select(1e6)).toEqual([first, second]);
    await refused(last, 'balance-insufficient');
  });

  test('an own transfer that is no longer covered waits for coins', async () => {
    const last = pay(1, { amount: SUBSIDY - 3 * FEE });
    await accept(last, true);
    await accept(pay(0, { amount: SUBSIDY / 2 }), true);
    expect(node.mempool.status(last.id)).toBe('queued');
    expect(node.mempool.spendable(alex.address)).toBe(0);
  });

  test('unconfirmed incoming coins cannot be spent yet', async () => {
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
  test('must pay a tenth more per byte, plus the fee for its own bytes', async () => {
    const first = pay(0);
    await accept(first);
    await accept(pay(1));
    const step = FEE + MIN_TRANSACTION_BYTES * MIN_FEE_PER_BYTE;
    await refused(pay(0, { fee: step - 1, amount: 2 }), 'replacement-fee-too-low');
    const better = pay(0, { fee: step, amount: 2 });
    expect(await accept(better)).toBe('added');
    expect(node.mempool.has(first.id)).toBe(false);
    expect(node.mempool.count).toBe(2);
    expect(node.events.find(({ type }) => type === 'dropped')).toEqual({ type: 'dropped', id: first.id, code: 'replaced', own: false });
    await accept(pay(2, { fee: 10_000 }));
    await refused(pay(2, { fee: 10_999, amount: 2 }), 'replacement-fee-too-low');
    expect(await accept(pay(2, { fee: 11_000, amount: 2 }))).toBe('added');
  });

  test('of a short transfer by a long one compares the fee per byte', async () => {
    await accept(pay(0, { fee: 10_000 }));
    const memo = 'm'.repeat(140);
    const size = pay(0, { memo }).bytes.length;
    const least = Math.ceil((11_000 * size) / MIN_TRANSACTION_BYTES);
    await refused(pay(0, { fee: least - 1, memo }), 'replacement-fee-too-low');
    expect(await accept(pay(0, { fee: least, memo }))).toBe('added');
  });

  test('evicts no relayed transfer: those that follow must stay affordable', async () => {
    const [first, second] = [pay(0), pay(1, { amount: SUBSIDY / 2 })];
    await accept(first);
    await accept(second);
    await refused(pay(0, { amount: SUBSIDY / 2, fee: 2 * FEE }), 'balance-insufficient');
    expect(await accept(pay(0, { amount: SUBSIDY / 2 - 3 * FEE, fee: 2 * FEE }))).toBe('added');
    expect(node.mempool.has(second.id)).toBe(true);
  });

  test('frees the coins that the replaced one reserved', async () => {
    await accept(pay(0, { amount: SUBSIDY - FEE }));
    expect(await accept(pay(0, { amount: SUBSIDY - 2 * FEE, fee: 2 * FEE }))).toBe('added');
  });
});

describe('registrations', () => {
  /** A registration whose stamp has more (or less) work than another's. */
  function ranked(
    than: DecodedTransaction,
    isMore: boolean,
    account: TestAccount,
    overrides: RegistrationOverrides = {},
  ): DecodedTransaction<Registration> {
    for (let start = 0; ; start++) {
      const body = { ...registrationOf(network, account, overrides).transaction };
      const stamp = findNonce(stampHash(network.id, body), network.stampBits, true, start);
      const seal = sealOf({ ...body, stamp });
      if (seal < sealOf(than.transaction as Registration) === isMore) return registrationOf(network, account, { ...overrides, stamp });
    }
  }

  function sealOf(registration: Registration): string {
    return toHex(sealDigest(stampHash(network.id, registration), registration.stamp));
  }

  test('one per name: more work wins, and stays', async () => {
    const first = registrationOf(network, wu);
    expect(await accept(first)).toBe('added');
    await refused(ranked(first, false, lin, { name: 'wu' }), 'name-taken');
    const better = ranked(first, true, lin, { name: 'wu' });
    expect(await accept(better)).toBe('added');
    expect(node.events.at(-2)).toEqual({ type: 'dropped', id: first.id, code: 'name-taken', own: false });
    await refused(first, 'name-taken');
    expect(node.mempool.registrationOfName('wu')).toBe(better);
    await mine(better);
    expect(node.mempool.ids()).toEqual([]);
    await refused(ranked(better, true, wu), 'name-taken');
  });

  test('one per account: more work wins, and stays', async () => {
    const first = registrationOf(network, wu);
    expect(await accept(first)).toBe('added');
    await refused(ranked(first, false, wu, { name: 'other' }), 'registration-pending');
    const better = ranked(first, true, wu, { name: 'other' });
    expect(await accept(better)).toBe('added');
    expect(node.events.at(-2)).toEqual({ type: 'dropped', id: first.id, code: 'replaced', own: false });
    expect([node.mempool.registrationOf(wu.address), node.mempool.registrationOfName('wu')]).toEqual([better, null]);
  });

  test('an own one keeps its name until a block gives it to another', async () => {
    const own = registrationOf(network, wu);
    await accept(own, true);
    await refused(ranked(own, true, lin, { name: 'wu' }), 'name-taken');
    const other = ranked(own, true, lin);
    await accept(other);
    expect(node.mempool.select(1e6)).toEqual([own, other]);
    expect(node.mempool.select(1e6, 1)).toEqual([own]);
  });

  test('an own one with less work than a waiting one for the same name is reported', async () => {
    const first = registrationOf(network, wu);
    await accept(first);
    await expect(accept(ranked(first, false, lin, { name: 'wu' }), true)).rejects.toMatchObject({
      code: 'name-taken',
      details: { pending: true },
    });
    expect(node.mempool.ownTransactions()).toEqual([]);
  });

  test('another’s block can take the name away', async () => {
    const mine_ = registrationOf(network, wu, { name: 'neo' });
    await accept(mine_, true);
    await mine(registrationOf(network, lin, { name: 'neo' }));
    expect(node.mempool.has(mine_.id)).toBe(false);
    expect(node.mempool.ownTransactions()).toMatchObject([{ id: mine_.id, status: 'dropped', reason: 'name-taken' }]);
  });

  describe('when the limit is reached', () => {
    let pool: RegistrationPool;
    let entries: RegistrationEntry[];
    const newcomer = (decoded: DecodedTransaction<Registration>): RegistrationEntry => ({
      decoded,
      own: false,
      patient: false,
      firstSeenMs: 0,
    });
    beforeEach(() => {
      pool = new RegistrationPool(node.chain.view, network);
      const { transaction, ...rest } = registrationOf(network, wu);
      entries = Array.from({ length: MAX_POOLED_REGISTRATIONS }, (_, i) => {
        const signingModulus = transaction.signingModulus.with(0, i).with(1, i >> 8);
        const body = { ...transaction, name: `n${i}`, signingModulus };
        const stamp = findNonce(stampHash(network.id, body), network.stampBits);
        return { decoded: { ...rest, transaction: { ...body, stamp } }, own: false, patient: false, firstSeenMs: 0 };
      });
      for (const entry of entries) pool.add(entry);
    });

    test('they are ordered by their work', () => {
      const seals = pool.entries().map(({ decoded }) => sealOf(decoded.transaction));
      expect(seals).toEqual([...seals].sort());
      expect(pool.entries()).toHaveLength(MAX_POOLED_REGISTRATIONS);
    });

    test('one with more work than the last replaces it, one with less is refused, an own one is always accepted', () => {
      const last = pool.entries().at(-1)!;
      const less = newcomer(ranked(last.decoded, false, wu));
      expect(() => pool.check(less)).toThrow(expect.objectContaining({ code: 'mempool-full' }));
      expect(pool.check({ ...less, own: true })).toEqual([]);
      expect(pool.check(newcomer(ranked(last.decoded, true, wu)))).toEqual([[last, 'evicted']]);
    });

    test('a new stamp is searched below half of the last seal, and by the network’s target when there is space again', () => {
      const last = BigInt(`0x${sealOf(pool.entries().at(-1)!.decoded.transaction)}`);
      expect(pool.stampTarget()).toBe(last / 2n);
      pool.remove(entries[0]!);
      expect(pool.stampTarget()).toBe(expandBits(network.stampBits));
    });

    test('one with more work than a waiting one for the same name replaces only that one', () => {
      const rival = entries[7]!;
      expect(pool.check(newcomer(ranked(rival.decoded, true, wu, { name: 'n7' })))).toEqual([[rival, 'name-taken']]);
    });
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
    // This selection makes a valid block.
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

  test('is at most half registrations while transfers wait', async () => {
    const transfer = pay(0);
    // Names of one length, so that sizes do not depend on the order, which follows the stamps.
    const joins = [registrationOf(network, wu, { name: 'wei' }), registrationOf(network, lin)];
    for (const transaction of [transfer, ...joins]) await accept(transaction);
    const [first, second] = node.mempool.entries().map(({ decoded }) => decoded) as [DecodedTransaction, DecodedTransaction];
    const room = 2 * first.bytes.length;
    expect(node.mempool.select(room)).toEqual([first, transfer]);
    expect(node.mempool.select(room + transfer.bytes.length + second.bytes.length)).toEqual([first, transfer, second]);
    expect(node.mempool.select(2 * room)).toEqual([first, second, transfer]);
    const small = 2 * Math.min(first.bytes.length, second.bytes.length) - 2;
    expect(node.mempool.select(small)).toEqual([transfer, first]);
  });

  test('orders transfers of many senders by fee', () => {
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
  // The mempool counts bytes without reading them, so a few transfers with a fake length fill it.
  const huge = (transaction: DecodedTransaction, share: number): DecodedTransaction => {
    const { bytes } = transaction;
    const length = Math.floor(MAX_MEMPOOL_BYTES * share);
    // The signed part is cut out of the front, by the distance from the end.
    const subarray = (from: number, to: number): Uint8Array => bytes.subarray(from, to - length + bytes.length);
    return { ...transaction, bytes: { length, subarray } as Uint8Array };
  };
  /** Fee in units for a whole mempool at the least rate. */
  const UNIT = SUBSIDY / 8;
  /** A transfer that fills `share` of the mempool at `rate` times that fee. */
  const big = (account: TestAccount, nonce: number, share: number, rate: number): DecodedTransaction =>
    huge(transferOf(network, account, { to: wu, amount: 1, fee: Math.ceil(rate * share * UNIT), nonce }), share);
  const dropped = (): unknown[] => node.events.filter(({ type }) => type === 'dropped');

  test('a sender’s last transfer is evicted by a more valuable one; one behind a cheap transfer is worth no more than that', async () => {
    const [cheap, dear] = [big(alex, 0, 0.3, 1.5), big(alex, 1, 0.3, 9)];
    await accept(cheap);
    await accept(dear);
    await refused(big(ming, 0, 0.5, 1.5), 'mempool-full');
    expect(await accept(big(ming, 0, 0.5, 1.6))).toBe('added');
    expect(node.mempool.has(cheap.id)).toBe(true);
    expect(dropped()).toEqual([{ type: 'dropped', id: dear.id, code: 'evicted', own: false }]);
  });

  test('own ones are never evicted', async () => {
    await accept(big(alex, 0, 0.6, 1), true);
    await refused(big(ming, 0, 0.5, 6), 'mempool-full');
    expect(await accept(big(ming, 0, 0.5, 1), true)).toBe('added');
  });

  test('a transfer refused for lack of space is refused before its signature is checked', async () => {
    await accept(big(alex, 0, 0.6, 3));
    const poor = big(ming, 0, 0.5, 3);
    const verify = vi.spyOn(node.verifier, 'verify');
    await refused(poor, 'mempool-full');
    expect(verify).not.toHaveBeenCalled();
    const { transaction, ...rest } = big(ming, 0, 0.5, 4);
    await refused(
      { ...rest, id: 'f'.repeat(64), transaction: { ...transaction, signature: new Uint8Array(256) } as Transfer },
      'signature-invalid',
    );
    expect(dropped()).toEqual([]);
  });

  describe('transfers that no block can contain yet', () => {
    test('get a tenth of it, and the longest parked is evicted first', async () => {
      const [a, b, c] = [big(alex, 1, 0.04, 9), big(alex, 2, 0.04, 9), big(alex, 3, 0.04, 1)];
      for (const transaction of [a, b]) expect(await accept(transaction)).toBe('queued');
      node.clock.nowMs += 1;
      expect(await accept(big(ming, 1, 0.04, 1))).toBe('queued');
      expect(dropped()).toEqual([{ type: 'dropped', id: a.id, code: 'evicted', own: false }]);
      expect(await accept(c, true)).toBe('queued');
      expect(node.mempool.has(b.id)).toBe(true);
      await refused(big(ming, 2, 0.11, 9), 'mempool-full');
    });

    test('are evicted before any that a block can contain', async () => {
      const [cheap, parked] = [big(ming, 0, 0.5, 1), big(alex, 5, 0.08, 9)];
      const waiting = transferOf(network, ming, { to: wu, amount: 1, fee: FEE, nonce: 2 });
      for (const transaction of [waiting, cheap, parked]) await accept(transaction);
      // First parked transfers of other senders, then those of the newcomer's sender, which may wait for the newcomer.
      expect(await accept(big(ming, 1, 0.45, 1))).toBe('added');
      expect(dropped()).toEqual([{ type: 'dropped', id: parked.id, code: 'evicted', own: false }]);
      expect(node.mempool.status(waiting.id)).toBe('pending');
      await refused(big(alex, 3, 0.06, 9), 'mempool-full');
    });

    test('are reported once a block can contain them, and otherwise expire within minutes', async () => {
      const [first, second, late] = [pay(0), pay(1), pay(3)];
      await accept(second);
      await accept(late);
      expect(node.events).toMatchObject([
        { type: 'added', entry: { decoded: second }, waits: true },
        { type: 'added', waits: true },
      ]);
      await accept(first);
      expect(node.events.slice(2)).toMatchObject([
        { type: 'added', entry: { decoded: first }, waits: false },
        { type: 'executable', entry: { decoded: second } },
      ]);
      node.clock.nowMs += PARKED_EXPIRY_MS + 1;
      node.mempool.expire();
      expect(node.mempool.ids()).toEqual([first.id, second.id]);
      expect(dropped()).toEqual([{ type: 'dropped', id: late.id, code: 'expired', own: false }]);
    });
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

  test('dropped, but confirmed in the end, do not count as dropped', async () => {
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
  test('payments wait for the ones that fund them', async () => {
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

  test('transactions that the winning branch also contains do not come back', async () => {
    const shared = pay(0);
    const fork = tip;
    await mine(shared);
    const y = builder.next(fork, { miner: lin, transactions: [shared] });
    await feed(node, [y, builder.next(y)]);
    expect(node.mempool.count).toBe(0);
  });

  test('transactions that conflict with the winning branch are dropped', async () => {
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
