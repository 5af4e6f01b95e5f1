import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BlockChange, BlockTrial } from '../../../src/api/api.ts';
import { addressText } from '../../../src/crypto/address.ts';
import { sha256, sha256d } from '../../../src/crypto/hash.ts';
import { Views } from '../../../src/node/views/views.ts';
import { histogram, strided } from '../../../src/node/views/series.ts';
import { waitingBlocks } from '../../../src/node/views/strip.ts';
import { formatNetworkLink } from '../../../src/protocol/network.ts';
import { encodeHeader, type DecodedBlock } from '../../../src/protocol/block.ts';
import { encodeTransaction } from '../../../src/protocol/transaction.ts';
import { EXPLORER } from '../../../src/storage/sql/explorer-queries.ts';
import { fromHex, reversedBytes, toHex } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, openNodeOn, recentStore, type TestNode } from '../chain/support.ts';

const COIN = 1_000_000;
const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const first = builder.next(builder.genesis, { miner: alex });
const second = builder.next(first, { miner: alex, transactions: [registrationOf(network, alex), registrationOf(network, ming)] });
const pay = (nonce: number) => transferOf(network, alex, { to: ming, amount: COIN, fee: 1_000, nonce });
const payments = [pay(0), pay(1), pay(2)];
const third = builder.next(second, { miner: ming, transactions: payments });
const fourth = builder.next(third, { miner: ming, timeMs: third.header.timeMs + 4_000 });
const lost = builder.next(third, { miner: wu, timeMs: fourth.header.timeMs + 1 });
const chain = [first, second, third, fourth];
const waiting = pay(3);

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
  await node.mempool.accept(waiting, true);
  views = new Views(node, null, null);
});

describe('a page of a block', () => {
  test('has the transactions from a position on, and their true number', async () => {
    const page = (await views.block(3, { from: 1, limit: 1 }))!;
    expect(page.transactions).toBe(3);
    expect(page.items.map(({ txid, position }) => [txid, position])).toEqual([[payments[1]!.id, 1]]);
    expect((await views.block(3, { from: 9 }))!.items).toEqual([]);
    expect((await views.block(3))!.items).toHaveLength(3);
    await expect(views.block(3, { from: -1 })).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

describe('the bytes of a header', () => {
  test.each([
    ['an active block', third],
    ['a block that lost', lost],
    ['genesis', builder.genesis],
  ])('of %s lead to the id', async (_what, block) => {
    const bytes = (await views.blockHeader(block.id))!;
    expect(bytes.header).toBe(toHex(encodeHeader(block.header)));
    expect(bytes.hash).toBe(toHex(sha256(fromHex(bytes.header))));
    expect(bytes.digest).toBe(toHex(sha256d(fromHex(bytes.hash), fromHex(bytes.nonce))));
    expect(toHex(reversedBytes(fromHex(bytes.digest)))).toBe(block.id);
    expect(bytes).toMatchObject({ id: block.id, height: block.header.height });
  });

  test('of an unknown block are null', async () => {
    expect(await views.blockHeader('ff'.repeat(32))).toBeNull();
    expect(await views.merklePath(99, 0)).toBeNull();
    expect(await views.signature('ff'.repeat(32))).toBeNull();
    expect(await views.tryBlock(99, {})).toBeNull();
  });
});

test('the way to the transaction root ends in the header', async () => {
  for (const position of [0, 1, 2]) {
    const path = (await views.merklePath(3, position))!;
    expect(path).toMatchObject({ height: 3, position, count: 3, txid: payments[position]!.id, root: toHex(third.header.transactionRoot) });
  }
  expect(await views.merklePath(3, 3)).toBeNull();
  expect(await views.merklePath(1, 0)).toBeNull();
});

test.each([
  ['in a block', payments[1]!],
  ['of a registration', second.transactions[0]!],
  ['that waits', waiting],
])('the signature of a transaction %s comes with its key and its signed bytes', async (_what, decoded) => {
  const info = (await views.signature(decoded.id))!;
  expect(info).toMatchObject({ txid: decoded.id, signer: { name: 'alex' }, networkId: network.id, modulus: toHex(alex.signingModulus) });
  expect(fromHex(info.domain)).toEqual(new TextEncoder().encode('tabchain transaction 1\n'));
  expect(info.body + info.signature).toBe(toHex(decoded.bytes));
});

describe('a trial', () => {
  const broken = ({ rules }: BlockTrial): string[] => rules.filter(({ holds }) => holds === false).map(({ code }) => code);
  /** Whether the altered block has its seal depends on chance: half of all hashes have it here. */
  const others = (trial: BlockTrial): string[] => broken(trial).filter((code) => code !== 'seal-above-target');
  const tried = async (change: BlockChange, block: DecodedBlock = third): Promise<BlockTrial> => (await views.tryBlock(block.id, change))!;

  test('without a change breaks no rule', async () => {
    for (const block of chain) expect(await tried({}, block)).toMatchObject({ id: block.id, refusedBy: null, txid: null });
    const ofLost = await tried({}, lost);
    expect(ofLost.refusedBy).toBeNull();
    expect(ofLost.rules.filter(({ holds }) => holds === null).map(({ code }) => code)).toEqual(['history-root-wrong', 'state-root-wrong']);
    expect(await views.tryBlock(0, {})).toBeNull();
  });

  test.each<[field: string, change: BlockChange, code: string]>([
    ['version', { header: { version: 3 } }, 'version-unsupported'],
    ['previous', { header: { previous: first.id } }, 'previous-wrong'],
    ['height', { header: { height: 4 } }, 'height-wrong'],
    ['time', { header: { time: second.header.timeMs } }, 'time-not-after-parent'],
    ['bits', { header: { bits: '1e0fffff' } }, 'bits-wrong'],
    ['historyRoot', { header: { historyRoot: 'ab'.repeat(32) } }, 'history-root-wrong'],
    ['transactionRoot', { header: { transactionRoot: 'ab'.repeat(32) } }, 'transaction-root-wrong'],
    ['supply', { header: { supply: '1000000' } }, 'supply-wrong'],
    ['stateRoot', { header: { stateRoot: 'ab'.repeat(32) } }, 'state-root-wrong'],
    ['miner', { header: { miner: 'alex' } }, 'state-root-wrong'],
  ])('with another %s breaks its rule, and gives another id', async (_field, change, code) => {
    const trial = await tried(change);
    expect(others(trial)).toEqual([code]);
    expect(trial.id).not.toBe(third.id);
    expect(trial.refusedBy).toBe(broken(trial)[0]);
  });

  test('with another nonce breaks only the seal', async () => {
    const trials = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => tried({ header: { nonce: `${n}`.repeat(40) } })));
    for (const trial of trials) expect(others(trial)).toEqual([]);
    for (const trial of trials) expect(trial.refusedBy).toBe(trial.id > trial.target ? 'seal-above-target' : null);
    expect(new Set(trials.map(({ refusedBy }) => refusedBy)).size).toBe(2);
  });

  test('with another amount breaks the root; with the root mended, the signature and the accounts', async () => {
    const amount = { position: 1, amount: '900' };
    const trial = await tried({ amount });
    expect(others(trial)).toEqual(['transaction-root-wrong', 'signature-invalid', 'state-root-wrong']);
    expect(trial.id).toBe(third.id);
    const forged = encodeTransaction({ ...payments[1]!.transaction, amount: 900 * COIN });
    expect(trial.txid).toBe(forged.id);
    const mended = await tried({ amount, rootToo: true });
    expect(others(mended)).toEqual(['signature-invalid', 'state-root-wrong']);
    expect(mended.id).not.toBe(third.id);
    expect(mended.transactionRoot).toBe(trial.transactionRoot);
    expect(others(await tried({ amount: { position: 1, amount: '0' } }))).toContain('amount-not-positive');
    expect(await tried({ amount: { position: 1, amount: '1' } })).toMatchObject({ refusedBy: null, txid: payments[1]!.id });
  });

  test.each<[what: string, change: BlockChange, code: string]>([
    ['a root that is too short', { header: { stateRoot: 'ab' } }, 'argument-invalid'],
    ['a height beyond its bytes', { header: { height: 2 ** 32 } }, 'argument-invalid'],
    ['a time that is no number', { header: { time: 'soon' as unknown as number } }, 'argument-invalid'],
    ['bits in another form', { header: { bits: '00ffffff' } }, 'bits-non-canonical'],
    ['a supply below zero', { header: { supply: '-1' } }, 'argument-invalid'],
    ['a miner that nobody knows', { header: { miner: 'nobody' } }, 'argument-invalid'],
    ['an amount that is none', { amount: { position: 0, amount: 'much' } }, 'amount-invalid'],
    ['a position without a transfer', { amount: { position: 9, amount: '1' } }, 'argument-invalid'],
  ])('refuses %s', async (_what, change, code) => {
    await expect(views.tryBlock(third.id, change)).rejects.toMatchObject({ code });
  });

  test('changes nothing', async () => {
    const before = node.store.export();
    await tried({ header: { time: 1 } });
    expect(Buffer.compare(node.store.export(), before)).toBe(0);
  });

  test('of a registration names its place', async () => {
    await expect(views.tryBlock(second.id, { amount: { position: 0, amount: '1' } })).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

describe('the strip', () => {
  test('has the blocks with their transactions and gaps, and the block to come', async () => {
    const { blocks, waiting: next, rivals } = await views.strip({ limit: 3 });
    expect(blocks.map(({ height, gap, squares }) => [height, gap, squares.map(({ txid }) => txid)])).toEqual([
      [4, 4, []],
      [3, 1, payments.map(({ id }) => id)],
      [2, 1, second.transactions.map(({ id }) => id)],
    ]);
    expect(blocks[1]!.squares[0]).toEqual({
      txid: payments[0]!.id,
      kind: 'transfer',
      bytes: payments[0]!.bytes.length,
      amount: '1',
      fee: '0.001',
    });
    expect(next).toEqual([
      { transactions: 1, bytes: 200 + waiting.bytes.length, squares: [expect.objectContaining({ txid: waiting.id })] },
    ]);
    expect(rivals).toEqual([{ height: 4, id: lost.id, miner: { address: addressText(wu.address), name: null }, invalid: false }]);
    // Genesis has no gap, and its time gives the first block none.
    expect((await views.strip()).blocks.slice(-2).map(({ gap }) => gap)).toEqual([null, null]);
    await expect(views.strip({ limit: 0 })).rejects.toMatchObject({ code: 'argument-invalid' });
  });

  test('cuts what waits into a few blocks, with a bounded number of squares', () => {
    const entries = Array.from({ length: 200 }, () => ({ decoded: waiting }));
    const room = 200 + 60 * waiting.bytes.length;
    const blocks = waitingBlocks(entries, room);
    expect(blocks.map(({ transactions, squares }) => [transactions, squares.length])).toEqual([
      [60, 48],
      [60, 48],
      [60, 48],
    ]);
    for (const { bytes } of blocks) expect(bytes).toBeLessThanOrEqual(room);
    expect(waitingBlocks([], room)).toEqual([{ transactions: 0, bytes: 200, squares: [] }]);
  });
});

describe('the series', () => {
  test('has difficulty, hash rate, supply and fees of each block of a short chain', async () => {
    const { blocks, points, intervals } = await views.series();
    expect(blocks).toBe(4);
    expect(points.map(({ height, fees }) => [height, fees])).toEqual([
      [1, '0'],
      [2, '0'],
      [3, '0.003'],
      [4, '0'],
    ]);
    expect(points.map(({ supply }) => supply)).toEqual(['50', '100', '150', '200']);
    expect(points[0]!.hashrate).toBe(0);
    // Two hashes of work in four seconds.
    expect(points[3]).toMatchObject({ difficulty: 2, hashrate: 0.5, time: fourth.header.timeMs });
    expect(intervals).toMatchObject({ sample: 3, meanSeconds: 2, binSeconds: 0.25 });
    expect((await views.series({ blocks: 2 })).points.map(({ height }) => height)).toEqual([3, 4]);
    await expect(views.series({ blocks: -1 })).rejects.toMatchObject({ code: 'argument-invalid' });
  });

  test('of a chain without blocks is empty', async () => {
    const empty = new Views(await openNode(sqlJs, network), null, null);
    expect(await empty.series()).toMatchObject({ blocks: 0, points: [], intervals: { sample: 0, meanSeconds: 0 } });
    expect((await empty.strip()).blocks.map(({ height }) => height)).toEqual([0]);
  });

  test('of a recent chain begins after its base', async () => {
    const recent = await openNodeOn(recentStore(sqlJs, builder, second));
    await feed(recent, [third, fourth]);
    const of = new Views(recent, null, null);
    expect((await of.series()).points.map(({ height }) => height)).toEqual([3, 4]);
    expect((await of.strip()).blocks.map(({ height, gap }) => [height, gap])).toEqual([
      [4, 4],
      [3, null],
    ]);
    expect(await of.tryBlock(3, {})).toMatchObject({ id: third.id });
    expect(await of.search('1')).toEqual({ kind: 'none', because: 'height-below' });
  });

  test('takes heights at equal distances, however long the chain is', () => {
    expect(strided(1, 5, 500)).toEqual([1, 2, 3, 4, 5]);
    const many = strided(1, 1_000_000, 500);
    expect(many.length).toBeLessThanOrEqual(500);
    expect(many.at(-1)).toBe(1_000_000);
    expect(new Set(many.slice(1).map((height, i) => height - many[i]!))).toEqual(new Set([2_000]));
    expect(strided(5, 4, 10)).toEqual([]);
  });

  test('counts times between blocks, the longest in the last bin', () => {
    const { counts, binSeconds } = histogram([0, 0.9, 1, 1_000], 4);
    expect(binSeconds).toBe(1);
    expect(counts.slice(0, 3)).toEqual([2, 1, 0]);
    expect(counts.at(-1)).toBe(1);
    expect(counts.reduce((sum, each) => sum + each)).toBe(4);
  });
});

describe('the search', () => {
  const block = { kind: 'block' as const, id: third.id, height: 3 };
  const account = (name: 'alex' | 'ming') => ({
    kind: 'account' as const,
    address: addressText((name === 'alex' ? alex : ming).address),
    name,
  });
  const start = (text: string, digits: number): string => text.slice(0, digits);

  test.each<[text: string, hit: object]>([
    ['＃３', block],
    ['第 3 塊', block],
    [start(third.id, 20), block],
    [`${start(third.id, 10)}…${third.id.slice(-6)}`, block],
    [`${start(third.id, 10)}...${third.id.slice(-6)}`, block],
    [start(payments[1]!.id, 8).toUpperCase(), { kind: 'transaction', txid: payments[1]!.id }],
    [start(payments[1]!.id, 30), { kind: 'transaction', txid: payments[1]!.id }],
    ['＠Ｍｉｎｇ', account('ming')],
    ['min', account('ming')],
    [start(addressText(alex.address), 14), account('alex')],
    [`https://example.org/${formatNetworkLink(network)}&at=/transfer?to=ming&amount=5`, account('ming')],
    ['1,234', { kind: 'none', because: 'height' }],
    ['#net=main&at=/account/ming', { kind: 'none', because: 'other-network' }],
    ['0a1', { kind: 'none', because: 'short' }],
    ['0000dead', { kind: 'none', because: 'id' }],
    [addressText('ff'.repeat(20)), { kind: 'none', because: 'address' }],
    [addressText(alex.address).replace(/.$/, 'b').replace(/bb$/, 'bc'), { kind: 'none', because: 'address-invalid' }],
    ['tab1zzzz', { kind: 'none', because: 'address-start' }],
    ["'; DROP TABLE", { kind: 'none', because: 'text' }],
    ['%', { kind: 'none', because: 'text' }],
  ])('for "%s"', async (text, hit) => {
    expect(await views.search(text)).toEqual(hit);
  });

  test('lists the matches of a beginning that several share', async () => {
    expect(await views.search('tab1')).toEqual({
      kind: 'several',
      more: false,
      matches: expect.arrayContaining([account('alex'), account('ming')]),
    });
  });

  test('finds a height as pages write it', async () => {
    const long = new Views(await openNode(sqlJs, network, file), null, null);
    expect(await long.search('0,003')).toEqual(block);
  });

  test('finds the lowest block of a long chain by the beginning of its id', async () => {
    // A million blocks, of which the search asks only the ids.
    const others = `f${third.id.slice(1)}`;
    const long = {
      base: () => 0,
      tip: () => ({ height: 1_000_000 }),
      activeId: (height: number) => (height === 1 ? first.id : others),
      locate: () => null,
    };
    const started = performance.now();
    const hit = await new Views({ ...node, chain: long } as never, null, null).search(first.id.slice(0, 12));
    expect(hit).toEqual({ kind: 'block', id: first.id, height: 1 });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('lists at most eight matches', async () => {
    node.store.sql.script(
      Array.from(
        { length: 20 },
        (_, i) => `INSERT INTO accounts VALUES (${100 + i}, 'tab1x${i}', 'same_${i}', 1, 0, 0, 0, NULL, NULL, NULL, 1);`,
      ).join(''),
    );
    const hit = await views.search('same');
    expect(hit).toMatchObject({ kind: 'several', more: true });
    expect('matches' in hit && hit.matches).toHaveLength(8);
  });
});

test.each(Object.entries(EXPLORER))('the query for %s reads along an index', (_name, sql) => {
  const count = new Set(sql.match(/\?\d?/g)).size === 1 ? sql.split('?').length - 1 : new Set(sql.match(/\?\d/g)).size;
  const parameters = Array.from({ length: count }, () => (sql.includes('json_each') ? '[1,2]' : 'a'));
  const plan = node.store.sql.all(`EXPLAIN QUERY PLAN ${sql}`, parameters).map((row) => String(row[3]));
  expect(plan.filter((line) => /^SCAN (?!json_each)/.test(line))).toEqual([]);
  expect(plan.some((line) => /^SEARCH/.test(line))).toBe(true);
});
