import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decodeBlock, encodeBlock, SEALED_HEADER_BYTES, sealBlock, type DecodedBlock } from '../../src/protocol/block.ts';
import { decodeTransaction, type DecodedTransaction } from '../../src/protocol/transaction.ts';
import { concatBytes, toHex } from '../../src/util/bytes.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from '../unit/chain/support.ts';
import { BlockBuilder, NOBODY, registrationOf, testAccount, testNetwork, transferOf } from './support/builders.ts';

/**
 * Named blocks that keep or break one rule each, with the exact code. In the drawings, time runs to the right, the active chain is the
 * upper line, [x] is the block under test, and * marks the tip afterwards.
 */

const network = testNetwork({ maxBlockBytes: 16 * 1024 });
const { blockTimeMs } = network;
const alex = testAccount('alex');
const ming = testAccount('ming');
const wu = testAccount('wu');
const COIN = 1_000_000;

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

let node: TestNode;
let builder: BlockBuilder;
/** genesis ─ a1 (alex mines) ─ a2 (alex and ming register) ─ a3* (alex pays ming) */
let a1: DecodedBlock, a2: DecodedBlock, a3: DecodedBlock;
let payment: DecodedTransaction;

beforeEach(async () => {
  builder = new BlockBuilder(network);
  node = await openNode(sqlJs, network);
  payment = transferOf(network, alex, { to: ming, amount: COIN, fee: 400, nonce: 0 });
  a1 = builder.next(builder.genesis, { miner: alex });
  a2 = builder.next(a1, { miner: alex, transactions: [registrationOf(network, alex), registrationOf(network, ming)] });
  a3 = builder.next(a2, { miner: ming, transactions: [payment] });
  expect(await feed(node, [a1, a2, a3])).toEqual(['connected', 'connected', 'connected']);
});

/** All state that a refused block must not change: rows, tip, state tree, mempool, events. */
function everything(): unknown {
  return {
    rows: dump(node),
    tip: node.chain.tip(),
    // A block on top commits to the tree, so equal roots mean equal trees.
    tree: toHex(node.chain.nextFields(NOBODY, []).stateRoot),
    mempool: node.mempool.ids(),
    events: [node.changes.length, node.events.length],
  };
}

async function refused(block: DecodedBlock, code: string): Promise<void> {
  const before = everything();
  await expect(node.chain.acceptBlock(block)).rejects.toMatchObject({ code });
  expect(everything()).toEqual(before);
}

/** A block on the tip with transactions that do not apply. */
function holding(...transactions: DecodedTransaction[]): DecodedBlock {
  return builder.next(a3, { transactions, unexecuted: true });
}

describe('a header that breaks a rule', () => {
  // a1 ─ a2 ─ a3* ─ [x]
  test('wrong height', () => refused(builder.next(a3, { header: { height: 5 } }), 'height-wrong'));
  test('unknown version', () => refused(builder.next(a3, { header: { version: 1 } }), 'version-unsupported'));
  test('wrong bits', () => refused(builder.next(a3, { header: { bits: 0x2000ffff } }), 'bits-wrong'));
  test('hash above target', () => refused(builder.next(a3, { badSeal: true }), 'seal-above-target'));
  test('wrong history root', () => refused(builder.next(a3, { header: { historyRoot: new Uint8Array(32) } }), 'history-root-wrong'));
  test('time not after parent', () => refused(builder.next(a3, { header: { timeMs: a3.header.timeMs } }), 'time-not-after-parent'));

  test('is refused as a header alone too, and earlier headers stay', () => {
    const good = builder.next(a3);
    const bad = builder.next(good, { badSeal: true });
    expect(node.chain.acceptHeaders([good, bad])).toMatchObject({ status: 'rejected', error: { code: 'seal-above-target' } });
    expect([node.chain.hasHeader(good.id), node.chain.hasHeader(bad.id)]).toEqual([true, false]);
    expect(node.chain.missingBlocks(9)).toEqual([good.id]);
  });
});

describe('a block from the future', () => {
  // a1 ─ a2 ─ a3* ─ [x at now + 2T + 1]
  test('too far ahead is held, and connected when its time has come', async () => {
    node.clock.nowMs = a3.header.timeMs;
    const block = builder.next(a3, { timeMs: a3.header.timeMs + 2 * blockTimeMs + 1 });
    const before = everything();
    expect(await feed(node, [block])).toEqual(['held']);
    expect(everything()).toEqual(before);
    expect(node.chain.heldUntilMs()).toBe(a3.header.timeMs + 1);
    await node.chain.retryHeld(node.clock.nowMs);
    expect(everything()).toEqual(before);
    node.clock.nowMs += 1;
    await node.chain.retryHeld(node.clock.nowMs);
    expect(node.chain.tip().id).toBe(block.id);
    expect(node.chain.heldUntilMs()).toBeNull();
  });

  test('exactly 2T ahead is not too far', async () => {
    node.clock.nowMs = a3.header.timeMs;
    expect(await feed(node, [builder.next(a3, { timeMs: a3.header.timeMs + 2 * blockTimeMs })])).toEqual(['connected']);
  });

  test('headers from there on are not accepted yet', () => {
    node.clock.nowMs = a3.header.timeMs;
    const soon = builder.next(a3);
    const late = builder.next(soon, { timeMs: node.clock.nowMs + 3 * blockTimeMs });
    expect(node.chain.acceptHeaders([soon, late, builder.next(late)])).toEqual({ status: 'accepted', added: 1, held: 2 });
  });

  test('a held block that breaks a rule blames no peer and changes nothing', async () => {
    node.clock.nowMs = a3.header.timeMs;
    const block = builder.next(a3, { timeMs: a3.header.timeMs + 3 * blockTimeMs, header: { stateRoot: new Uint8Array(32) } });
    expect(await feed(node, [block])).toEqual(['held']);
    const before = everything();
    node.clock.nowMs += blockTimeMs;
    await node.chain.retryHeld(node.clock.nowMs);
    expect(everything()).toEqual(before);
  });
});

describe('a body that breaks a rule', () => {
  test('bad transaction root', () =>
    refused(builder.next(a3, { header: { transactionRoot: new Uint8Array(32) } }), 'transaction-root-wrong'));
  test('wrong supply', () => refused(builder.next(a3, { header: { supply: a3.header.supply } }), 'supply-wrong'));
  test('bad state root', () => refused(builder.next(a3, { header: { stateRoot: new Uint8Array(32) } }), 'state-root-wrong'));

  test('duplicate transaction', () => {
    const twice = transferOf(network, alex, { to: ming, amount: 1, nonce: 1 });
    return refused(holding(twice, twice), 'block-duplicate-transaction');
  });

  test('oversized', async () => {
    const many = Array.from({ length: 51 }, (_, i) => transferOf(network, alex, { to: ming, amount: 1, nonce: 1 + i }));
    const block = builder.next(a3, { transactions: many });
    expect(block.size).toBeGreaterThan(network.maxBlockBytes);
    expect(() => decodeBlock(encodeBlock(block), network.maxBlockBytes)).toThrow(expect.objectContaining({ code: 'block-oversized' }));
    await refused(block, 'block-oversized');
  });

  test.each([
    ['a byte too many', (bytes: Uint8Array) => concatBytes(bytes, Uint8Array.of(0)), 'encoding-trailing'],
    ['a byte too few', (bytes: Uint8Array) => bytes.slice(0, -1), 'encoding-truncated'],
    ['an unknown kind of transaction', (bytes: Uint8Array) => bytes.with(SEALED_HEADER_BYTES + 4, 9), 'encoding-non-canonical'],
  ])('non-canonical: %s', (_, change, code) => {
    const bytes = change(encodeBlock(a3));
    expect(() => decodeBlock(bytes, network.maxBlockBytes)).toThrow(expect.objectContaining({ code }));
  });
});

describe('bad signature under the same header', () => {
  const forge = (transaction: DecodedTransaction): DecodedTransaction =>
    decodeTransaction(transaction.bytes.with(-1, transaction.bytes.at(-1)! ^ 1));

  // The id covers the signature, so another signature gives another transaction root. The header stays valid.
  test('only in the body: the body is refused, and the true body is accepted afterwards', async () => {
    const pay = transferOf(network, alex, { to: ming, amount: 5, nonce: 1 });
    const block = builder.next(a3, { transactions: [pay] });
    await refused(sealBlock(block.header, block.nonce, [forge(pay)]), 'transaction-root-wrong');
    expect(await feed(node, [block])).toEqual(['connected']);
  });

  // The header commits to the forged signature, so no body can make the block valid.
  test('in the header’s transaction root: the block is invalid for good', async () => {
    const block = holding(forge(transferOf(network, alex, { to: ming, amount: 5, nonce: 1 })));
    await refused(block, 'signature-invalid');
    await refused(block, 'signature-invalid');
    await refused(builder.next(block), 'block-ancestor-invalid');
  });
});

describe('a transaction that does not apply', () => {
  const pay = (amount: number, nonce: number, fee = 0): DecodedTransaction => transferOf(network, alex, { to: ming, amount, nonce, fee });

  test('replay of a payment', () => refused(holding(payment), 'nonce-already-used'));
  test('nonce gap', () => refused(holding(pay(1, 2)), 'nonce-gap'));
  test('nonces in the wrong order', () => refused(holding(pay(1, 2), pay(1, 1)), 'nonce-gap'));
  test('sender not registered', () =>
    refused(holding(transferOf(network, wu, { to: ming, amount: 1, nonce: 0 })), 'sender-not-registered'));
  test('second registration', () => refused(holding(registrationOf(network, alex, { name: 'alexander' })), 'already-registered'));

  test('from another network', () => {
    const foreign = transferOf(testNetwork({ label: 'other' }), alex, { to: ming, amount: 1, nonce: 1 });
    return refused(holding(foreign), 'transaction-other-network');
  });

  test('overspend', () => {
    const { balance } = node.chain.view.account(alex.address)!;
    return refused(holding(pay(balance, 1, 1)), 'balance-insufficient');
  });

  test('overspend across several transactions, each of which is covered', async () => {
    const { balance } = node.chain.view.account(alex.address)!;
    await refused(holding(pay(balance - 10, 1), pay(11, 2)), 'balance-insufficient');
    expect(await feed(node, [builder.next(a3, { transactions: [pay(balance - 10, 1), pay(10, 2)] })])).toEqual(['connected']);
    expect(node.chain.view.account(alex.address)!.balance).toBe(0);
  });

  test('name taken', () => refused(holding(registrationOf(network, wu, { name: 'alex' })), 'name-taken'));

  test('name race in one block', async () => {
    const lin = testAccount('lin');
    await refused(holding(registrationOf(network, wu, { name: 'neo' }), registrationOf(network, lin, { name: 'neo' })), 'name-taken');
    expect(node.chain.view.addressOfName('neo')).toBeUndefined();
  });
});

describe('fork choice', () => {
  // a1 ─ a2 ─ a3*
  //        └─ [b3]        as much work
  test('equal work keeps the first seen', async () => {
    const before = dump(node);
    const b3 = builder.next(a2, { miner: wu });
    expect(await feed(node, [b3])).toEqual(['side']);
    expect(dump(node)).toBe(before);
    expect(toHex(node.chain.blockBytes(b3.id)!)).toBe(toHex(encodeBlock(b3)));
    const again = await openNode(sqlJs, network, node.store.export());
    expect(again.chain.tip().id).toBe(a3.id);
    expect(again.chain.hasBlock(b3.id)).toBe(true);
  });

  // a1 ─ a2 ─ a3
  //        └─ b3 ─ [b4]*  more work: a3 is undone, its payment waits again
  test('more work wins, and the loser’s transactions come back to the mempool', async () => {
    const [b3, b4] = builder.extend(a2, 2, { miner: wu }) as [DecodedBlock, DecodedBlock];
    expect(await feed(node, [b3, b4])).toEqual(['side', 'connected']);
    expect(node.changes.at(-1)).toMatchObject({
      disconnected: [{ id: a3.id }],
      connected: [{ id: b3.id }, { id: b4.id }],
      tip: { id: b4.id },
    });
    expect(node.mempool.ids()).toEqual([payment.id]);
    const replay = await openNode(sqlJs, network);
    await feed(replay, [a1, a2, b3, b4]);
    expect(dump(node)).toBe(dump(replay));
    // And back again to the same bytes.
    const [a4, a5] = builder.extend(a3, 2) as [DecodedBlock, DecodedBlock];
    expect(await feed(node, [a4, a5])).toEqual(['side', 'connected']);
    expect(node.mempool.ids()).toEqual([]);
    const second = await openNode(sqlJs, network);
    await feed(second, [a1, a2, a3, a4, a5]);
    expect(dump(node)).toBe(dump(second));
  });

  // …a3 ─ twenty fast blocks ─┬─ c1 ─ c2 ─ c3     slow, hence easy
  //                           └─ d1 ─ [d2]*       fast, hence hard
  test('fewer blocks with more work win', async () => {
    const fast: DecodedBlock[] = [];
    for (let tip = a3; fast.length < 20; fast.push(tip)) tip = builder.next(tip, { timeMs: tip.header.timeMs + 1 });
    const base = fast.at(-1)!;
    const slow: DecodedBlock[] = [];
    for (let tip = base; slow.length < 3; slow.push(tip)) tip = builder.next(tip, { timeMs: tip.header.timeMs + 16 * blockTimeMs });
    const d1 = builder.next(base, { timeMs: base.header.timeMs + 1, miner: wu });
    const d2 = builder.next(d1, { timeMs: d1.header.timeMs + 1, miner: wu });
    await feed(node, [...fast, ...slow]);
    expect(node.chain.tip().height).toBe(26);
    await feed(node, [d1, d2]);
    expect(node.chain.tip()).toMatchObject({ id: d2.id, height: 25 });
    expect(node.chain.locate(slow.at(-1)!.id)!.work).toBeLessThan(node.chain.tip().work);
  });

  test('a block with an unknown parent is an orphan', async () => {
    const [b4, b5] = builder.extend(a3, 2) as [DecodedBlock, DecodedBlock];
    expect(await feed(node, [b5, b4, b5, b5])).toEqual(['orphan', 'connected', 'connected', 'known']);
  });

  // Headers first, then bodies from several peers, in any order.
  test('bodies may come before those of their ancestors', async () => {
    const blocks = builder.extend(a3, 4);
    expect(node.chain.acceptHeaders(blocks)).toEqual({ status: 'accepted', added: 4, held: 0 });
    expect(node.chain.bestHeader().id).toBe(blocks[3]!.id);
    expect(node.chain.missingBlocks(2)).toEqual([blocks[0]!.id, blocks[1]!.id]);
    expect(await feed(node, [blocks[2]!, blocks[1]!])).toEqual(['side', 'side']);
    expect(node.chain.missingBlocks(9)).toEqual([blocks[0]!.id, blocks[3]!.id]);
    expect(await feed(node, [blocks[0]!])).toEqual(['connected']);
    expect(node.chain.tip().id).toBe(blocks[2]!.id);
    expect(node.chain.missingBlocks(9)).toEqual([blocks[3]!.id]);
  });
});

describe('an invalid block in a branch', () => {
  // a1 ─ a2 ─ a3* ─ [bad]
  //                   └─ child
  test('child of an invalid block', async () => {
    const bad = holding(payment);
    const child = builder.next(bad);
    await refused(bad, 'nonce-already-used');
    await refused(child, 'block-ancestor-invalid');
    expect(node.chain.acceptHeaders([child])).toMatchObject({ status: 'rejected', error: { code: 'block-ancestor-invalid' } });
  });

  // a1 ─ a2 ─ a3 ─ a4*
  //        └─ b3 ─ bad ─ [b5]
  test('in the middle of a reorganisation restores the old tip', async () => {
    const a4 = builder.next(a3);
    const b3 = builder.next(a2, { miner: wu, transactions: [registrationOf(network, wu)] });
    const bad = builder.next(b3, { transactions: [payment, payment].slice(1), header: { stateRoot: new Uint8Array(32) } });
    const b5 = builder.next(bad);
    expect(await feed(node, [a4, b3, bad])).toEqual(['connected', 'side', 'side']);
    await refused(b5, 'block-ancestor-invalid');
    await refused(bad, 'state-root-wrong');
    expect(node.chain.bestHeader().id).toBe(a4.id);
    // The valid part of the branch can still win.
    const [good4, good5] = builder.extend(b3, 2) as [DecodedBlock, DecodedBlock];
    expect(await feed(node, [good4, good5])).toEqual(['side', 'connected']);
    expect(node.mempool.ids()).toEqual([payment.id]);
    const replay = await openNode(sqlJs, network);
    await feed(replay, [a1, a2, b3, good4, good5]);
    expect(dump(node)).toBe(dump(replay));
  });

  // a1 ─ a2 ─ a3*
  //        └─ b3 ─ b4 ─ [bad]     b4 has more work than a3 without the bad block
  test('after enough valid blocks costs only itself', async () => {
    const [b3, b4] = builder.extend(a2, 2, { miner: wu }) as [DecodedBlock, DecodedBlock];
    const bad = builder.next(b4, { header: { stateRoot: new Uint8Array(32) } });
    node.chain.acceptHeaders([b3, b4, bad]);
    expect(await feed(node, [bad, b4, b3])).toEqual(['side', 'side', 'connected']);
    expect(node.chain.tip().id).toBe(b4.id);
    expect(await feed(node, [bad])).toEqual(['state-root-wrong']);
  });
});

// a1 ─ a2 ─ a3 ─ a4 (wu registers as "neo")
//             └─ b4 ─ [b5]*                  the name is free again
//             and then b6 (lin registers as "neo")
test('name undone by a reorganisation', async () => {
  const lin = testAccount('lin');
  const wuAsNeo = registrationOf(network, wu, { name: 'neo' });
  const a4 = builder.next(a3, { transactions: [wuAsNeo] });
  const [b4, b5] = builder.extend(a3, 2, { miner: ming }) as [DecodedBlock, DecodedBlock];
  await feed(node, [a4]);
  expect(node.chain.view.addressOfName('neo')).toBe(wu.address);
  expect(await feed(node, [b4, b5])).toEqual(['side', 'connected']);
  expect(node.chain.view.addressOfName('neo')).toBeUndefined();
  expect(node.mempool.ids()).toEqual([wuAsNeo.id]);
  const b6 = builder.next(b5, { transactions: [registrationOf(network, lin, { name: 'neo' })] });
  expect(await feed(node, [b6])).toEqual(['connected']);
  expect(node.chain.view.addressOfName('neo')).toBe(lin.address);
  expect(node.mempool.ids()).toEqual([]);
  expect(node.events.at(-1)).toEqual({ type: 'dropped', id: wuAsNeo.id, code: 'name-taken', own: false });
});
