import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReplacementRequest } from '../../../src/api/api.ts';
import { addressText } from '../../../src/crypto/address.ts';
import { expectedBlocks } from '../../../src/node/fees.ts';
import { AccountSession } from '../../../src/node/own-account.ts';
import { feeLevels, signTransfer } from '../../../src/node/payments.ts';
import { previewReplacement, signReplacement } from '../../../src/node/replacements.ts';
import { parseCoins } from '../../../src/protocol/amount.ts';
import type { DecodedTransaction, Transfer } from '../../../src/protocol/transaction.ts';
import { MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { fakeMachine } from '../../fuzz/support/node.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { boundTo, keysOf, tabOf, unlocked } from './support.ts';

/** Alex and wu have 50 coins each, and ming none; all are registered. */
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
/** Blocks with room for twelve transfers. */
const network = testNetwork({ maxBlockBytes: 4_096 });
const builder = new BlockBuilder(network);
const first = builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(network, alex)] });
const second = builder.next(first, { miner: wu, transactions: [registrationOf(network, ming)] });
const third = builder.next(second, { miner: ming, transactions: [registrationOf(network, wu)] });

let sqlJs: SqlJsStatic;
let file: Uint8Array;
let node: TestNode;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  const fed = await openNode(sqlJs, network);
  await feed(fed, [first, second, third]);
  file = fed.store.export();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network, file);
});

const machine = () => fakeMachine(sqlJs, new MemoryRecords());
const party = (address: string) => ({ address, name: null });
const preview = (request: ReplacementRequest, account = alex) => previewReplacement(node, unlocked(account), request, party);

async function pay(amount: string, fee: string, memo = ''): Promise<DecodedTransaction<Transfer>> {
  const decoded = (await signTransfer(machine(), node, unlocked(alex), { to: 'ming', amount, fee, memo })) as DecodedTransaction<Transfer>;
  await node.mempool.accept(decoded, true);
  return decoded;
}

async function replace(request: ReplacementRequest): Promise<DecodedTransaction<Transfer>> {
  const decoded = (await signReplacement(machine(), node, unlocked(alex), request)) as DecodedTransaction<Transfer>;
  await node.mempool.accept(decoded, true);
  return decoded;
}

describe('a waiting payment', () => {
  test('gets a higher fee, and stays the same in all else', async () => {
    const former = await pay('10', '0.001', 'lunch');
    const shown = preview({ txid: former.id, fee: '0.02' });
    expect(shown).toMatchObject({ amount: '10', formerFee: '0.001', fee: '0.02', cancel: false, balanceAfter: '39.98' });
    const next = await replace({ txid: former.id, fee: '0.02' });
    const { recipient, amount, nonce, memo } = former.transaction;
    expect(next.transaction).toMatchObject({ recipient, amount, nonce, memo, fee: 20_000 });
    expect(node.mempool.ids()).toEqual([next.id]);
    expect(node.mempool.spendable(alex.address)).toBe(parseCoins(shown.balanceAfter));
  });

  test('is cancelled by a payment to oneself, and later payments stay', async () => {
    const former = await pay('30', '0.001', 'a memo that the cancellation does not repeat');
    const later = await pay('19', '0.001');
    const { minimumFee } = preview({ txid: former.id, cancel: true });
    const next = await replace({ txid: former.id, cancel: true });
    expect(next.transaction).toMatchObject({ recipient: alex.address, amount: 1, nonce: 0, memo: { kind: 'none' } });
    expect(next.transaction.fee).toBeGreaterThanOrEqual(parseCoins(minimumFee));
    expect(node.mempool.ids().sort()).toEqual([next.id, later.id].sort());
    expect(node.mempool.ownTransactions().find(({ id }) => id === former.id)).toMatchObject({ status: 'dropped', reason: 'replaced' });
  });

  test('pays somebody else: the same number and amount, without the memo', async () => {
    const former = await pay('10', '0.001', 'for ming alone');
    const next = await replace({ txid: former.id, to: 'wu' });
    expect(next.transaction).toMatchObject({ recipient: wu.address, amount: parseCoins('10'), nonce: 0, memo: { kind: 'none' } });
    expect(node.mempool.ids()).toEqual([next.id]);
    expect(node.mempool.ownTransactions().find(({ id }) => id === former.id)).toMatchObject({ status: 'dropped', reason: 'replaced' });
  });

  test('takes exactly the lowest fee that it names, whatever it paid and carries', async () => {
    const cases = fc.record({ fee: fc.integer({ min: 1_000, max: 900_000 }), memo: fc.string({ maxLength: 30 }), cancel: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(cases, async ({ fee, memo, cancel }) => {
        node = await openNode(sqlJs, network, file);
        const plain = memo.replace(/[^ -~]/g, '');
        const { id } = await pay('1', (fee / 1e6).toFixed(6), plain);
        const { minimumFee } = preview({ txid: id, cancel });
        const below = ((parseCoins(minimumFee) - 1) / 1e6).toFixed(6);
        await expect(replace({ txid: id, cancel, fee: below })).rejects.toMatchObject({
          code: 'replacement-fee-too-low',
          details: { minimum: minimumFee },
        });
        const next = await replace({ txid: id, cancel, fee: minimumFee });
        expect(node.mempool.ids()).toEqual([next.id]);
      }),
      { numRuns: 12 },
    );
  });

  test.each<[code: string, what: string, request: (txid: string) => unknown]>([
    ['argument-invalid', 'without a request', () => null],
    ['argument-invalid', 'of what is no id', () => ({ txid: 7 })],
    ['transfer-not-waiting', 'of an unknown transaction', () => ({ txid: 'ab'.repeat(32) })],
    ['fee-invalid', 'for a fee that is no number', (txid) => ({ txid, fee: 'cheap' })],
    ['fee-invalid', 'for a fee below zero', (txid) => ({ txid, fee: -1 })],
    ['replacement-fee-too-low', 'for the fee that it has', (txid) => ({ txid, fee: '0.001' })],
    ['recipient-unknown', 'for an unknown recipient', (txid) => ({ txid, to: 'nobody' })],
    ['argument-invalid', 'for somebody else and cancelled', (txid) => ({ txid, to: 'wu', cancel: true })],
    ['balance-insufficient', 'beyond the balance', (txid) => ({ txid, fee: '41' })],
  ])('is not changed with %s: %s', async (code, _what, request) => {
    const { id } = await pay('10', '0.001');
    expect(() => preview(request(id) as ReplacementRequest)).toThrow(expect.objectContaining({ code }));
    await expect(replace(request(id) as ReplacementRequest)).rejects.toMatchObject({ code });
    expect(node.mempool.ids()).toEqual([id]);
  });

  test('of another account cannot be changed', async () => {
    const { id } = await pay('10', '0.001');
    expect(() => preview({ txid: id }, ming)).toThrow(expect.objectContaining({ code: 'transfer-not-waiting' }));
  });

  test('is not changed while the key is locked, or once a block has it', async () => {
    const former = await pay('10', '0.001');
    const locked = new AccountSession(boundTo(alex));
    await expect(signReplacement(machine(), node, locked, { txid: former.id })).rejects.toMatchObject({ code: 'locked' });
    await feed(node, [builder.next(third, { transactions: [former] })]);
    await expect(replace({ txid: former.id })).rejects.toMatchObject({ code: 'transfer-not-waiting' });
  });
});

test('a storm of replacements costs its sender the whole fee of each, and leaves one entry', async () => {
  await pay('1', '0.001');
  let paid = 0;
  for (let round = 0; round < 40; round++) {
    const [waiting] = node.mempool.entries();
    const { minimumFee, formerFee } = preview({ txid: waiting!.decoded.id });
    expect(parseCoins(minimumFee)).toBeGreaterThanOrEqual(Math.floor(parseCoins(formerFee) * 1.1));
    await replace({ txid: waiting!.decoded.id, fee: minimumFee });
    paid = parseCoins(minimumFee);
  }
  expect(node.mempool.count).toBe(1);
  expect(node.mempool.bytes).toBe(node.mempool.entries()[0]!.decoded.bytes.length);
  // A tenth more each time: forty replacements have raised the fee more than forty times.
  expect(paid).toBeGreaterThan(40_000);
});

describe('the wait', () => {
  /** Fills `blocks` blocks with wu's transfers at `fee` each. */
  async function crowd(blocks: number, fee: number): Promise<void> {
    for (let nonce = 0; nonce < blocks * 12; nonce++) {
      await node.mempool.accept(transferOf(network, wu, { to: ming, amount: 1, fee, nonce }), false);
    }
  }

  test('is one block while blocks have room, and grows with the line of better-paying transfers', async () => {
    expect(feeLevels(node, {})).toEqual([
      { level: 'next', fee: '0.001', blocks: 1 },
      { level: 'soon', fee: '0.0007', blocks: 1 },
      { level: 'whenever', fee: '0.0004', blocks: 1 },
    ]);
    await crowd(8, 2_000);
    const [next, soon, whenever] = feeLevels(node, {});
    expect(next).toMatchObject({ fee: '0.0026', blocks: 1 });
    expect(parseCoins(soon!.fee)).toBeLessThanOrEqual(parseCoins(next!.fee));
    expect(soon!.blocks).toBeLessThanOrEqual(4);
    expect(whenever).toMatchObject({ fee: '0.0004', blocks: 9 });
  });

  test('of a replacement does not count the transfer that it replaces', async () => {
    await crowd(2, 2_000);
    const { id } = await pay('1', '0.001');
    expect(preview({ txid: id, fee: '0.01' })).toMatchObject({ formerBlocks: 3, blocks: 1 });
    expect(expectedBlocks(node, { fee: 1_000, bytes: 322 }, id)).toBe(3);
  });

  test('follows the memo, and refuses a memo as the transfer would', () => {
    expect(feeLevels(node, { memo: 'x', sealed: true })[2]).toMatchObject({ fee: '0.0006' });
    expect(() => feeLevels(node, { memo: 'x'.repeat(141) })).toThrow(expect.objectContaining({ code: 'memo-too-long' }));
  });
});

test('a replacement is stored, and the former is told as replaced', async () => {
  const tab = await tabOf(sqlJs, alex);
  await tab.open(alex);
  await tab.node.unlock(keysOf(alex));
  const { txid } = await tab.node.transfer({ to: addressText(ming.address), amount: 1, fee: '0.01' });
  const changed = await tab.node.replaceTransfer({ txid });
  expect(await tab.node.reads.transaction(txid)).toMatchObject({ status: 'dropped', reason: 'replaced', overtakenBy: changed.txid });
  expect(tab.ofType('dropped')).toEqual([{ type: 'dropped', txid, code: 'replaced' }]);
  expect((await tab.node.status()).persisted.error).toBeNull();
});
