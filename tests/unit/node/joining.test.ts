import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { encodeBlock, encodeSealedHeader, type DecodedBlock } from '../../../src/protocol/block.ts';
import type { Address } from '../../../src/crypto/address.ts';
import { sha256 } from '../../../src/crypto/hash.ts';
import { PRUNE_AT_ONCE, RECENT_BLOCKS } from '../../../src/node/joining.ts';
import { JOIN_BLOCKS } from '../../../src/net/peer-limits.ts';
import { MAX_CHUNK_ACCOUNTS } from '../../../src/protocol/state-proof.ts';
import type { DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { canonicalDump } from '../../../src/storage/sql/dump.ts';
import { loadSqlJs, NETWORK } from '../../fuzz/support/node.ts';
import { BlockBuilder, registrationOf, testAccount, transferOf } from '../../scenarios/support/builders.ts';
import { MemoryNetwork, type MemoryTransport } from '../net/support/memory-transport.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';
import { boundTo, Browser, keysOf, TestTab } from './support.ts';

const [alex, ming] = [testAccount('alex'), testAccount('ming')];
const HEIGHT = JOIN_BLOCKS + 100;

let sqlJs: SqlJsStatic;
let blocks: DecodedBlock[];
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  const builder = new BlockBuilder(NETWORK);
  blocks = [builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(NETWORK, alex)] })];
  for (let nonce = 0; blocks.length < HEIGHT; nonce++) {
    const transactions = nonce % 10 === 0 ? [transferOf(NETWORK, alex, { to: ming, amount: 5, fee: 700, nonce: nonce / 10 })] : [];
    blocks.push(builder.next(blocks.at(-1)!, { miner: alex, transactions }));
  }
}, 60_000);

let time: VirtualTime;
let network: MemoryNetwork;
let tabs: { tab: TestTab; transport: MemoryTransport; browser: Browser }[];
beforeEach(() => {
  time = new VirtualTime(blocks.at(-1)!.header.timeMs + 1_000);
  network = new MemoryNetwork(time);
  tabs = [];
});

function newTab(browser = new Browser()) {
  const transport = network.transport(String(tabs.length + 1).repeat(16));
  const made = { tab: new TestTab(sqlJs, browser, { transport }, time), transport, browser };
  tabs.push(made);
  return made;
}

/** A guest that has the first blocks. */
async function fullTab(count = HEIGHT, of = blocks) {
  const made = newTab();
  await made.tab.open(null);
  const first = of.slice(0, count);
  await made.tab.node.takeHeaders(first.map(encodeSealedHeader));
  for (let from = 0; from < count; from += 50) await made.tab.node.takeBlocks(first.slice(from, from + 50).map(encodeBlock));
  expect((await made.tab.node.status()).height).toBe(count);
  return made;
}

async function until(isSo: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (let i = 0; !(await isSo()); i++) {
    expect(i).toBeLessThan(20 * seconds);
    await time.advance(50);
  }
}

const chainOf = async ({ tab }: { tab: TestTab }) => (await tab.node.status()).chain;
const heightOf = async ({ tab }: { tab: TestTab }) => (await tab.node.status()).height;

async function exportOf({ tab }: { tab: TestTab }): Promise<Uint8Array> {
  await tab.node.beginExport();
  const parts: Uint8Array[] = [];
  for (let part = await tab.node.nextExportPart(); part; part = await tab.node.nextExportPart()) parts.push(part);
  return Buffer.concat(parts);
}

async function dumpOf(of: { tab: TestTab }): Promise<string> {
  const store = SqlChainStore.open(sqlJs, NETWORK, await exportOf(of));
  const dump = canonicalDump(store.sql);
  store.close();
  return dump;
}

test('a tab that is far behind uses a recent chain, and in the end has the same database as a tab that replayed all blocks', async () => {
  const full = await fullTab();
  const late = newTab();
  await late.tab.open(null);
  network.connect(full.transport, late.transport, { latencyMs: 20, bytesPerSecond: 100_000 });
  await until(async () => (await chainOf(late)).base > 0);
  const joined = await chainOf(late);
  expect(joined.choice).toBe('whole');
  expect(joined.verified).not.toBe('all');
  expect(joined.base % 64).toBe(0);
  await until(async () => (await heightOf(late)) === HEIGHT);
  expect(await late.tab.node.reads.account(boundTo(alex).address)).toMatchObject({ name: 'alex', nonce: HEIGHT / 10 });
  await until(async () => (await chainOf(late)).verified === 'headers');
  await until(async () => (await chainOf(late)).verified === 'all');
  expect(await chainOf(late)).toEqual({ choice: 'whole', base: 0, verified: 'all', behind: null, joining: null });
  expect(await dumpOf(late)).toBe(await dumpOf(full));
  expect(late.tab.problems()).toEqual([]);
});

test('a tab that wants a full replay joins no recent chain', async () => {
  const full = await fullTab();
  const late = newTab();
  await late.tab.open(null);
  await late.tab.node.chooseChain('replay');
  network.connect(full.transport, late.transport, { latencyMs: 20 });
  await until(async () => {
    expect((await chainOf(late)).base).toBe(0);
    return (await heightOf(late)) === HEIGHT;
  });
});

test('a reload goes on with the recent chain and with the whole chain behind it; a payment made meanwhile is not lost', async () => {
  const full = await fullTab();
  const late = newTab();
  await late.tab.open(null);
  network.connect(full.transport, late.transport, { latencyMs: 20, bytesPerSecond: 30_000 });
  await until(async () => (await chainOf(late)).base > 0 && (await heightOf(late)) === HEIGHT);
  await late.tab.node.bind(boundTo(alex), 'first', keysOf(alex));
  const { txid } = await late.tab.during(late.tab.node.transfer({ to: 'alex', amount: '0.000001', fee: '0.01' }));
  expect((await chainOf(late)).base).toBeGreaterThan(0);

  const again = newTab(late.browser);
  await again.tab.open(alex, 'second');
  expect(await chainOf(again)).toMatchObject({ base: (await chainOf(late)).base });
  expect(await heightOf(again)).toBe(HEIGHT);
  expect(await again.tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending' });
  network.connect(full.transport, again.transport, { latencyMs: 20 });
  await until(async () => (await chainOf(again)).verified === 'all');
  expect(await again.tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending' });
  expect(late.browser.databases).toBe(1);

  const third = newTab(late.browser);
  await third.tab.open(alex, 'third');
  expect(await chainOf(third)).toMatchObject({ base: 0, verified: 'all' });
  expect(await third.tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending' });
});

test('the recent database stays as long as the disk refuses the whole chain', async () => {
  const full = await fullTab();
  const late = newTab();
  await late.tab.open(alex, 'first');
  network.connect(full.transport, late.transport, { latencyMs: 20 });
  await until(async () => (await chainOf(late)).base > 0);
  const { base } = await chainOf(late);
  await time.advance(1);
  late.browser.disk(alex).failure = new TabchainError('storage-full', 'The disk is full.');
  await until(async () => (await chainOf(late)).verified === 'all');
  await time.advance(1_000);
  const again = newTab(late.browser);
  await again.tab.open(alex, 'second');
  expect((await chainOf(again)).base).toBe(base);
});

test('after the whole chain has taken over, a mined transaction is gone before the miner asks for the next block', async () => {
  const full = await fullTab();
  const late = newTab();
  await late.tab.open(alex, 'first');
  await late.tab.node.unlock(keysOf(alex));
  network.connect(full.transport, late.transport, { latencyMs: 20 });
  await until(async () => (await chainOf(late)).base > 0);
  await until(async () => (await chainOf(late)).verified === 'all');
  const { txid } = await late.tab.during(late.tab.node.transfer({ to: 'alex', amount: '0.000001', fee: '0.01' }));
  await late.tab.node.mine(true, { threads: 1 });
  await until(async () => (await heightOf(late)) > HEIGHT + 1);
  expect(await late.tab.node.reads.transaction(txid)).toMatchObject({ status: 'confirmed', height: HEIGHT + 1 });
});

test('a tab that keeps only recent blocks stays so, and can change its mind', async () => {
  const full = await fullTab();
  const late = newTab();
  await late.tab.open(null);
  await late.tab.node.chooseChain('recent');
  network.connect(full.transport, late.transport, { latencyMs: 20 });
  await until(async () => (await chainOf(late)).base > 0 && (await heightOf(late)) === HEIGHT);
  await time.advance(60_000);
  expect(await chainOf(late)).toMatchObject({ choice: 'recent', base: (HEIGHT >> 6) * 64 - 64, behind: null });
  await late.tab.node.chooseChain('whole');
  await until(async () => (await chainOf(late)).verified === 'all');
  expect(await dumpOf(late)).toBe(await dumpOf(full));
});

test('a light tab that joins past its own payments says so', async () => {
  const full = await fullTab();
  const late = newTab();
  await late.tab.open(alex, 'first');
  await late.tab.node.chooseChain('recent');
  await late.tab.node.takeHeaders(blocks.slice(0, 5).map(encodeSealedHeader));
  await late.tab.node.takeBlocks(blocks.slice(0, 5).map(encodeBlock));
  await late.tab.node.unlock(keysOf(alex));
  await late.tab.during(late.tab.node.transfer({ to: 'alex', amount: '0.000001', fee: '0.01' }));
  network.connect(full.transport, late.transport, { latencyMs: 20 });
  await until(async () => (await chainOf(late)).base > 0);
  expect(late.tab.problems()).toEqual(['own-transactions-hidden']);
});

test('a whole chain becomes a recent chain, which loses nothing but old blocks', async () => {
  const builder = new BlockBuilder(NETWORK);
  const long = blocks.slice(0, 1);
  builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(NETWORK, alex)] });
  while (long.length < RECENT_BLOCKS + 2 * PRUNE_AT_ONCE) long.push(builder.next(long.at(-1)!, { miner: alex }));
  time = new VirtualTime(long.at(-1)!.header.timeMs + 1_000);
  network = new MemoryNetwork(time);
  const full = await fullTab(long.length, long);
  const kept = newTab();
  await kept.tab.open(alex, 'first');
  await kept.tab.node.chooseChain('replay');
  const link = network.connect(full.transport, kept.transport, { latencyMs: 20 });
  await until(async () => (await heightOf(kept)) === long.length);
  link.close('no more peers');
  await kept.tab.node.bind(boundTo(alex), 'first', keysOf(alex));
  const { txid } = await kept.tab.during(kept.tab.node.transfer({ to: 'alex', amount: '0.000001', fee: '0.01' }));
  await kept.tab.node.chooseChain('recent');
  await until(async () => (await chainOf(kept)).base > 0);
  expect(await kept.tab.node.status()).toMatchObject({ height: long.length, chain: { choice: 'recent', behind: null } });
  const { base } = await chainOf(kept);
  expect(long.length - base).toBe(RECENT_BLOCKS);
  await time.advance(1_000);

  const again = newTab(kept.browser);
  await again.tab.open(alex, 'second');
  await again.tab.node.chooseChain('recent');
  expect(await chainOf(again)).toMatchObject({ base });
  expect(await again.tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending' });
  expect(again.tab.problems()).toEqual([]);
  await again.tab.node.chooseChain('whole');
  network.connect(full.transport, again.transport, { latencyMs: 20 });
  await until(async () => (await chainOf(again)).verified === 'all');
  expect(await dumpOf(again)).toBe(await dumpOf(full));
  expect(await again.tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending' });
}, 60_000);

/** More accounts than two chunks hold. */
const CROWD = 2 * MAX_CHUNK_ACCOUNTS + 50;
const CROWD_A_BLOCK = 50;

function crowdedBlocks(): DecodedBlock[] {
  const builder = new BlockBuilder(NETWORK);
  const crowded = [builder.next(builder.genesis, { miner: alex, transactions: [registrationOf(NETWORK, alex)] })];
  for (let nonce = 0; crowded.length < HEIGHT;) {
    const transactions: DecodedTransaction[] = [];
    for (; nonce < CROWD && transactions.length < CROWD_A_BLOCK && crowded.length > 10; nonce++) {
      transactions.push(transferOf(NETWORK, alex, { to: addressOf(nonce), amount: 1, fee: 700, nonce }));
    }
    crowded.push(builder.next(crowded.at(-1)!, { miner: alex, transactions }));
  }
  return crowded;
}

const addressOf = (n: number): Address => toHex(sha256(Uint8Array.of(n >> 8, n & 255)).subarray(0, 20)) as Address;

test('a reload in the middle of a join goes on where the join was', async () => {
  const crowded = crowdedBlocks();
  time = new VirtualTime(crowded.at(-1)!.header.timeMs + 1_000);
  network = new MemoryNetwork(time);
  const full = await fullTab(HEIGHT, crowded);
  const late = newTab();
  await late.tab.open(alex, 'first');
  network.connect(full.transport, late.transport, { latencyMs: 20, bytesPerSecond: 40_000 });
  await until(async () => ((await chainOf(late)).joining?.fraction ?? 0) > 0.1 && (await chainOf(late)).joining!.phase === 'accounts');
  const { fraction } = (await chainOf(late)).joining!;
  expect(fraction).toBeLessThan(1);
  await time.advance(50);

  const again = newTab(late.browser);
  await again.tab.open(alex, 'second');
  network.connect(full.transport, again.transport, { latencyMs: 20, bytesPerSecond: 40_000 });
  const seen: number[] = [];
  await until(async () => {
    const { joining, base } = await chainOf(again);
    if (joining) seen.push(joining.phase === 'accounts' ? joining.fraction : -1);
    return base > 0;
  });
  // No proof is asked for again, and no account before those of the first session.
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(fraction);
  await until(async () => (await heightOf(again)) === HEIGHT);
  expect(again.tab.problems()).toEqual([]);
}, 60_000);
