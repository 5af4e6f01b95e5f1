import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HistoryOptions } from '../../../src/api/api.ts';
import { addressFingerprint, addressText } from '../../../src/crypto/address.ts';
import { AccountSession } from '../../../src/node/own-account.ts';
import { Views } from '../../../src/node/views/views.ts';
import { formatCoins } from '../../../src/protocol/amount.ts';
import { formatNetworkLink } from '../../../src/protocol/network.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf, type TestAccount } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { boundTo, keysOf } from './support.ts';

// Alex and ming register and pay each other. A block of wu lost to the last block. Two transfers of alex wait, one behind a nonce gap.

const COIN = 1_000_000;
const FEE = 1_000;
const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const registrations = [registrationOf(network, alex), registrationOf(network, ming)];
const tea = transferOf(network, alex, { to: ming, amount: 2.5 * COIN, fee: FEE, nonce: 0, memo: 'Tea for two' });
const toSelf = transferOf(network, alex, { to: alex, amount: COIN, fee: FEE, nonce: 1 });
const closed = { kind: 'sealed' as const, ciphertext: new Uint8Array(256).fill(7) };
const back = transferOf(network, ming, { to: alex, amount: COIN, fee: FEE, nonce: 0, memo: closed });
const next = transferOf(network, alex, { to: ming, amount: 3 * COIN, fee: FEE, nonce: 2, memo: 'cake' });
const behindGap = transferOf(network, alex, { to: wu, amount: COIN, fee: FEE, nonce: 4 });

const first = builder.next(builder.genesis, { miner: alex });
const second = builder.next(first, { miner: alex, transactions: registrations });
const third = builder.next(second, { miner: ming, transactions: [tea, toSelf] });
const fourth = builder.next(third, { miner: ming, transactions: [back] });
const lost = builder.next(third, { miner: wu, transactions: [back], timeMs: fourth.header.timeMs + 1 });
const chain = [first, second, third, fourth];

let sqlJs: SqlJsStatic;
let file: Uint8Array;
let node: TestNode;
let views: Views;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  const fed = await openNode(sqlJs, network);
  expect(await feed(fed, [...chain, lost])).toEqual([...chain.map(() => 'connected'), 'side']);
  file = fed.store.export();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network, file);
  await node.mempool.accept(next, true);
  node.clock.nowMs++;
  await node.mempool.accept(behindGap, true);
  views = viewsOf(alex);
});

function viewsOf(account: TestAccount | null, keys = account && keysOf(account)): Views {
  const session = account && new AccountSession(boundTo(account));
  if (session && keys) session.unlock(keys);
  return new Views(node, session, globalThis.crypto.subtle);
}

const party = (account: TestAccount, name: string | null = account.name) => ({ address: addressText(account.address), name });

describe('the blocks', () => {
  test('come newest first, each with its miner, reward and confirmations', async () => {
    const blocks = await views.blocks();
    expect(blocks.map(({ height, id, confirmations }) => [height, id, confirmations])).toEqual(
      [...chain, builder.genesis]
        .sort((a, b) => b.header.height - a.header.height)
        .map(({ header, id }) => [header.height, id, 5 - header.height]),
    );
    expect(blocks[1]).toMatchObject({
      time: third.header.timeMs,
      miner: party(ming),
      transactions: 2,
      bytes: third.size,
      fees: '0.002',
      reward: '50.002',
      active: true,
    });
    expect(blocks.at(-1)).toMatchObject({ height: 0, miner: { address: '', name: null }, transactions: 0 });
  });

  test('come in pages, and by their miner', async () => {
    expect((await views.blocks({ limit: 2 })).map(({ height }) => height)).toEqual([4, 3]);
    expect((await views.blocks({ limit: 2, before: 3 })).map(({ height }) => height)).toEqual([2, 1]);
    expect((await views.blocks({ miner: 'alex' })).map(({ height }) => height)).toEqual([2, 1]);
    expect((await views.blocks({ miner: addressText(ming.address), before: 4 })).map(({ height }) => height)).toEqual([3]);
    expect(await views.blocks({ miner: 'nobody' })).toEqual([]);
  });
});

describe('a block', () => {
  test('is found by height, as number or text, and by id, with its transactions', async () => {
    const block = await views.block(3);
    expect(block).toMatchObject({
      height: 3,
      id: third.id,
      previous: second.id,
      next: fourth.id,
      historyRoot: toHex(third.header.historyRoot),
      transactionRoot: toHex(third.header.transactionRoot),
      stateRoot: toHex(third.header.stateRoot),
      bits: '207fffff',
      target: '7fffff' + '0'.repeat(58),
      supply: formatCoins(third.header.supply),
      nonce: toHex(third.nonce),
      version: third.header.version,
      cumulativeWork: node.chain.locate(third.id)!.work.toString(),
    });
    expect(block!.items.map(({ txid, position }) => [txid, position])).toEqual([
      [tea.id, 0],
      [toSelf.id, 1],
    ]);
    expect(await views.block('3')).toEqual(block);
    expect(await views.block(` ${third.id.toUpperCase()} `)).toEqual(block);
    expect((await views.block(4))!.next).toBeNull();
  });

  test('of a losing branch is shown without confirmations, and its transactions as waiting', async () => {
    expect(await views.block(lost.id)).toMatchObject({
      height: 4,
      id: lost.id,
      active: false,
      confirmations: 0,
      miner: party(wu, null),
      fees: '0.001',
      reward: '50.001',
      next: null,
      items: [{ txid: back.id, status: 'pending', height: null }],
    });
  });

  test('that is unknown is null', async () => {
    for (const unknown of [5, '99', 'ff'.repeat(32), 'x']) expect(await views.block(unknown)).toBeNull();
  });
});

describe('a transaction', () => {
  test('of the chain has its place, and the work on top', async () => {
    const { work } = node.chain.tip();
    expect(await views.transaction(tea.id)).toEqual({
      txid: tea.id,
      kind: 'transfer',
      status: 'confirmed',
      reason: null,
      overtakenBy: null,
      height: 3,
      blockId: third.id,
      position: 0,
      time: third.header.timeMs,
      confirmations: 2,
      confirmedWork: (work - node.chain.locate(second.id)!.work).toString(),
      from: party(alex),
      to: party(ming),
      amount: '2.5',
      fee: '0.001',
      granted: '0',
      nonce: 0,
      memo: 'Tea for two',
      sealed: false,
      bytes: tea.bytes.length,
      signature: toHex(tea.transaction.signature),
      name: null,
    });
  });

  test('that registers a name has its account, and no recipient', async () => {
    expect(await views.transaction(registrations[1]!.id)).toMatchObject({
      kind: 'registration',
      status: 'confirmed',
      from: party(ming),
      to: null,
      amount: '0',
      fee: '0',
      name: 'ming',
    });
  });

  test('that waits is pending, or queued behind a missing nonce', async () => {
    expect(await views.transaction(next.id)).toMatchObject({ status: 'pending', height: null, confirmations: 0, confirmedWork: '0' });
    expect(await views.transaction(behindGap.id)).toMatchObject({ status: 'queued', to: party(wu, null), nonce: 4 });
  });

  test('keeps a sealed memo closed if the key does not open it', async () => {
    expect(await views.transaction(back.id)).toMatchObject({ sealed: true, memo: null });
    expect(await viewsOf(alex, null).transaction(back.id)).toMatchObject({ sealed: true, memo: null });
    expect(await viewsOf(null).transaction(back.id)).toMatchObject({ sealed: true, memo: null });
  });

  test('that is not known is null', async () => {
    expect(await views.transaction('ff'.repeat(32))).toBeNull();
    expect(await views.transaction('no id')).toBeNull();
  });
});

describe('a history', () => {
  const ids = async (options?: HistoryOptions, of = views): Promise<string[]> => (await of.history(options)).map(({ txid }) => txid);

  test('has waiting transactions first, then the chain from its tip, each with its effect on the balance', async () => {
    const entries = await views.history({ mined: true });
    expect(entries.map(({ txid, kind, direction, change, status }) => [txid, kind, direction, change, status])).toEqual([
      [behindGap.id, 'transfer', 'out', '-1.001', 'queued'],
      [next.id, 'transfer', 'out', '-3.001', 'pending'],
      [back.id, 'transfer', 'in', '+1', 'confirmed'],
      [toSelf.id, 'transfer', 'self', '-0.001', 'confirmed'],
      [tea.id, 'transfer', 'out', '-2.501', 'confirmed'],
      [second.id, 'mined', 'mined', '+50', 'confirmed'],
      [registrations[0]!.id, 'registration', 'registration', '0', 'confirmed'],
      [first.id, 'mined', 'mined', '+50', 'confirmed'],
    ]);
  });

  test('shows a mined block with its miner, reward and confirmations', async () => {
    const [mined] = (await views.history({ mined: true })).filter(({ kind }) => kind === 'mined');
    expect(mined).toMatchObject({
      txid: second.id,
      blockId: second.id,
      height: 2,
      position: null,
      confirmations: 3,
      from: { address: '', name: null },
      to: party(alex),
      amount: '50',
      fee: '0',
      memo: null,
    });
  });

  test('has no mined blocks by default', async () => {
    expect((await views.history()).map(({ kind }) => kind)).not.toContain('mined');
  });

  test.each([1, 2, 3, 7])('comes in pages of %i that omit no entry', async (limit) => {
    const all = await ids({ mined: true });
    const paged: string[] = [];
    for (let page = await views.history({ mined: true, limit }); page.length > 0;) {
      paged.push(...page.map(({ txid }) => txid));
      page = await views.history({ mined: true, limit, before: page.at(-1)!.cursor });
    }
    expect(paged).toEqual(all);
  });

  test('of another account is public, except what only its owner knows', async () => {
    const guest = viewsOf(null);
    expect(await ids({ account: 'ming' }, guest)).toEqual([next.id, back.id, tea.id, registrations[1]!.id]);
    expect(await ids({ account: addressText(ming.address) }, guest)).toEqual(await ids({ account: 'ming' }, guest));
    expect(await ids({ account: 'nobody' })).toEqual([]);
  });

  test.each<[what: string, search: string, found: () => string[]]>([
    ['a word of a memo, in either case', 'TEA', () => [tea.id]],
    ['a word of a memo that waits', 'cake', () => [next.id]],
    ['the name of the other party', 'ming', () => [next.id, back.id, tea.id]],
    ['an address', addressText(wu.address), () => [behindGap.id]],
    ['a transaction id', toSelf.id.slice(0, 20), () => [toSelf.id]],
    ['the id of a mined block', first.id, () => [first.id]],
    ['an unused text', '%', () => []],
  ])('is searched by %s', async (_what, search, found) => {
    expect(await ids({ search, mined: true })).toEqual(found());
  });

  test('keeps dropped transactions, only for their owner', async () => {
    const rival = transferOf(network, alex, { to: ming, amount: 9 * COIN, fee: FEE, nonce: 2 });
    await feed(node, [builder.next(fourth, { transactions: [rival] })]);
    expect(await views.history()).toContainEqual(
      expect.objectContaining({ txid: next.id, status: 'dropped', change: '0', overtakenBy: rival.id }),
    );
    expect(await ids({ account: 'alex' }, viewsOf(ming))).not.toContain(next.id);
  });
});

describe('an account', () => {
  test('is found by name, address and link', async () => {
    const account = await views.account('ming');
    expect(account).toEqual({
      ...party(ming),
      fingerprint: addressFingerprint(ming.address),
      balance: '101.502',
      nonce: 1,
      registeredHeight: 2,
      publicKey: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----/),
      blocksMined: 2,
      transactions: 3,
    });
    const link = `${formatNetworkLink(network)}&at=/account/ming`;
    for (const text of [addressText(ming.address), ' Ming ', link]) expect(await views.account(text)).toEqual(account);
  });

  test('that the chain does not know is null, whatever the text', async () => {
    for (const text of ['nobody', addressText(wu.address), '', 'tab1', '#net=other&at=/account/ming'])
      expect(await views.account(text)).toBeNull();
  });
});

describe('the mempool', () => {
  test('lists waiting transactions and their size', async () => {
    const { count, bytes, items } = await views.mempool();
    expect([count, bytes]).toEqual([2, next.bytes.length + behindGap.bytes.length]);
    expect(items.map(({ txid, status }) => [txid, status])).toEqual([
      [next.id, 'pending'],
      [behindGap.id, 'queued'],
    ]);
  });
});

describe('the search', () => {
  test.each<[text: string, what: string, hit: object]>([
    ['3', 'a height', { kind: 'block', id: third.id, height: 3 }],
    [third.id, 'the id of a block', { kind: 'block', id: third.id, height: 3 }],
    [lost.id, 'the id of a block that lost', { kind: 'block', id: lost.id, height: 4 }],
    [tea.id, 'the id of a transaction', { kind: 'transaction', txid: tea.id }],
    [next.id, 'the id of one that waits', { kind: 'transaction', txid: next.id }],
    ['@Ming', 'a name', { kind: 'account', ...party(ming) }],
    [addressText(alex.address), 'an address', { kind: 'account', ...party(alex) }],
    ['99', 'a height to come', { kind: 'none', because: 'height' }],
    ['nobody', 'a name that nobody has', { kind: 'none', because: 'name' }],
    ['', 'nothing', { kind: 'none', because: 'text' }],
  ])('for "%s" finds %s', async (text, _what, hit) => {
    expect(await views.search(text)).toEqual(hit);
  });
});

describe('an argument', () => {
  test.each<[what: string, field: string, call: (views: Views) => Promise<unknown>]>([
    ['a limit of zero', 'limit', (of) => of.blocks({ limit: 0 })],
    ['a limit beyond a page', 'limit', (of) => of.history({ limit: 501 })],
    ['half a limit', 'limit', (of) => of.history({ limit: 1.5 })],
    ['a height that is no number', 'before', (of) => of.blocks({ before: '3' as never })],
    ['an invalid cursor', 'before', (of) => of.history({ before: 'newest' })],
    ['a cursor that is a number', 'before', (of) => of.history({ before: 3 as never })],
    ['invalid options', 'options', (of) => of.history(null as never)],
    ['an account that is no text', 'account', (of) => of.account(7)],
    ['a search that is no text', 'search', (of) => of.history({ search: {} as never })],
    ['a text beyond all ids', 'txid', (of) => of.transaction('f'.repeat(1_001))],
    ['a height below zero', 'height', (of) => of.block(-1)],
    ['an invalid id', 'id', (of) => of.block({})],
  ])('%s is refused with the name of its field', async (_what, field, call) => {
    await expect(call(views)).rejects.toMatchObject({ code: 'argument-invalid', details: { field } });
  });

  test('without an account requires an open account', async () => {
    await expect(viewsOf(null).history()).rejects.toMatchObject({ code: 'no-account' });
  });
});
