import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { headerHash, sealHeader, type DecodedBlock } from '../../../src/protocol/block.ts';
import { ChainQueries } from '../../../src/storage/sql/queries.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { BlockBuilder, findNonce, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { sealedOf } from '../../../src/chain/block-node.ts';
import { MAX_SIDE_HEADERS } from '../../../src/chain/header-intake.ts';
import { PRUNE_DEPTH } from '../../../src/chain/prune.ts';
import { feed, loadSqlJs, openNode, openNodeOn, recentStore, type TestNode } from './support.ts';

/** A chain that begins at a base above genesis. */

/** Blocks that the whole chain has before the random steps. */
const TRUNK = 240;

const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const trunk: DecodedBlock[] = [builder.genesis];

let sqlJs: SqlJsStatic;
let image: Uint8Array;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  for (let height = 1; height <= TRUNK; height++) grow(trunk.at(-1)!, 1, height % 5);
  const node = await openNode(sqlJs, network);
  await feed(node, trunk.slice(1));
  image = node.store.export();
});

/** Adds blocks on a block, the first `trunk` ones to `trunk`. Each has at most one transaction; `pays` chooses which. */
function grow(parent: DecodedBlock, count: number, pays: number): DecodedBlock[] {
  const isTrunk = parent === trunk.at(-1) && trunk.length <= TRUNK;
  let tip = parent;
  return Array.from({ length: count }, () => {
    const state = builder.stateAfter(tip);
    const { nonce = 0, registration = null } = state.account(alex.address) ?? {};
    const newcomer = [alex, ming, wu].find(({ address }) => !state.account(address)?.registration);
    const to = [ming, wu, addressOf(tip.header.height)][pays % 3]!;
    const transactions =
      pays === 0 || tip.header.height === 0
        ? []
        : newcomer && (pays > 2 || !registration)
          ? [registrationOf(network, newcomer)]
          : [transferOf(network, alex, { to, amount: pays, fee: 1, nonce })];
    // A late block now and then, so that the difficulty follows from more than the parent.
    const timeMs = tip.header.timeMs + (pays === 4 ? 9_500 : 700);
    tip = builder.next(tip, { miner: pays === 2 ? ming : alex, transactions, timeMs, variant: pays * 1_000 + (isTrunk ? 0 : 500) });
    if (isTrunk) trunk.push(tip);
    return tip;
  });
}

/** An address that nobody else names. */
const addressOf = (height: number): string => height.toString(16).padStart(40, '7');

const byAddress = (node: TestNode) =>
  [...node.store.accounts()]
    .map(({ address, balance, nonce, registration }) => ({ address, balance, nonce, name: registration?.name }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));

/** Everything that a chain says of its newest blocks, whatever its base. */
function picture({ chain, store }: TestNode, above: number): unknown {
  const tip = chain.tip();
  const heights = Array.from({ length: tip.height - above }, (_, i) => above + 1 + i);
  const probes = heights.filter((height) => height % 17 === 0 || height > tip.height - 3);
  const queries = new ChainQueries(store.sql);
  return {
    tip,
    best: chain.bestHeader().id,
    nextBits: chain.nextBits(tip.sealed.header.timeMs + 1),
    nextFields: chain.nextFields(wu.address, []),
    headers: chain.headersAfter([chain.activeId(above)!], 1_000).map(({ id }) => id),
    missing: chain.missingBlocks(100),
    blocks: probes.map((height) => toHex(chain.blockBytes(chain.activeId(height)!)!)),
    located: probes.map((height) => chain.locate(chain.activeId(height)!)),
    proofs: probes.map((height) => chain.proofs.historyProof(height)),
    rows: [queries.blocks({ limit: tip.height - above }), probes.map((height) => queries.transactionsOf(height))],
  };
}

function expectSame(node: TestNode, whole: TestNode): void {
  const { chain } = node;
  const base = chain.base();
  expect(picture(node, base)).toEqual(picture(whole, base));
  expect(byAddress(node)).toEqual(byAddress(whole));
  expect(chain.locator().at(-1)).toBe(chain.activeId(base));
  // The base is the first block that a chain can compare with another chain.
  expect([chain.activeId(base), chain.activeId(base - 1)]).toEqual([expect.any(String), null]);
  const rows = node.store.sql.row('SELECT min(height), count(*) FROM blocks')!;
  expect(rows).toEqual(
    chain.tip().height === base ? [null, 0] : [base + (base === 0 ? 0 : 1), chain.tip().height - base + (base === 0 ? 1 : 0)],
  );
}

const steps = fc.array(
  fc.record({
    /** How far below the tip the new branch begins. */
    back: fc.oneof(fc.constant(0), fc.nat({ max: 6 }), fc.nat({ max: 60 })),
    count: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 70 })),
    pays: fc.nat({ max: 4 }),
    /** Part of the prunable blocks that are deleted after the step; null for none. */
    prune: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    reopen: fc.boolean(),
  }),
  { minLength: 2, maxLength: 6 },
);

test('a chain that begins at any base goes on like the whole chain, through reorganisations, prunes and reloads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: TRUNK }), steps, async (baseHeight, given) => {
      const whole = await openNode(sqlJs, network, image);
      let recent = await openNodeOn(recentStore(sqlJs, builder, trunk[baseHeight]!));
      // Begins with genesis, and loses its lower blocks by and by.
      let pruned = await openNode(sqlJs, network, image);
      expect(await feed(recent, trunk.slice(baseHeight + 1))).toEqual(Array(TRUNK - baseHeight).fill('connected'));
      expect([whole, recent, pruned].map(({ chain }) => chain.base())).toEqual([0, baseHeight, 0]);
      for (const { back, count, pays, prune, reopen } of given) {
        const { height } = whole.chain.tip();
        const lowest = Math.max(recent.chain.base(), pruned.chain.base());
        const fork = builder.known(whole.chain.activeId(Math.max(lowest, height - back))!);
        const blocks = grow(fork, count, pays);
        const outcomes = await feed(whole, blocks);
        for (const node of [recent, pruned]) {
          expect(await feed(node, blocks)).toEqual(outcomes);
          expectSame(node, whole);
          if (prune !== null) {
            const base = node.chain.base();
            const target = base + Math.round(prune * (node.chain.tip().height - base));
            node.chain.prune(target);
            expect(node.chain.base()).toBe(Math.max(base, Math.min(target, node.chain.tip().height - PRUNE_DEPTH)));
            expectSame(node, whole);
          }
        }
        if (!reopen) continue;
        [recent, pruned] = [await openNode(sqlJs, network, recent.store.export()), await openNode(sqlJs, network, pruned.store.export())];
        for (const node of [recent, pruned]) expectSame(node, whole);
      }
    }),
    { numRuns: 6 },
  );
}, 240_000);

describe('a base above genesis', () => {
  const BASE = 100;
  let node: TestNode;
  beforeEach(async () => {
    node = await openNodeOn(recentStore(sqlJs, builder, trunk[BASE]!));
    await feed(node, trunk.slice(BASE + 1));
  });
  const everything = (): string => JSON.stringify(node.store.sql.all('SELECT * FROM blocks')) + JSON.stringify(byAddress(node));
  const ids = (blocks: readonly DecodedBlock[]): string[] => blocks.map(({ id }) => id);

  test('is known by its header alone', () => {
    const { chain } = node;
    const { id } = trunk[BASE]!;
    expect(chain.base()).toBe(BASE);
    expect([chain.hasHeader(id), chain.hasBlock(id), chain.activeId(BASE)]).toEqual([true, true, id]);
    expect(chain.header(id)).toEqual(sealedOf(trunk[BASE]!));
    expect([chain.block(id), chain.blockBytes(id), chain.activeBlock(BASE), chain.altered.ids(9)]).toEqual([null, null, null, []]);
    const below = trunk[BASE - 1]!.id;
    expect([chain.hasHeader(below), chain.header(below), chain.activeId(BASE - 1), chain.activeBlock(0)]).toEqual([
      false,
      null,
      null,
      null,
    ]);
    expect(chain.locate(id)).toEqual({ height: BASE, active: true, work: builder.historyAfter(trunk[BASE]!).work });
  });

  test('answers a locator from the base up, and no other', () => {
    const { chain } = node;
    expect(chain.headersAfter([trunk[BASE]!.id], 1_000).map(({ id }) => id)).toEqual(ids(trunk.slice(BASE + 1)));
    expect(chain.headersAfter([trunk[BASE - 1]!.id, network.id], 1_000)).toEqual([]);
    expect(chain.headersAfter([], 1_000)).toEqual([]);
  });

  test('makes branches from below orphans, however much work they have', async () => {
    const { chain } = node;
    const before = everything();
    for (const fork of [0, BASE - 40, BASE - 1]) {
      const branch = grow(trunk[fork]!, TRUNK - fork + 20, 1);
      const source = {};
      expect(chain.acceptHeaders(branch.map(sealedOf), source)).toEqual({ status: 'orphan', added: 0 });
      expect(chain.acceptHeaders(branch.slice(50).map(sealedOf), source)).toEqual({ status: 'orphan', added: 0 });
      expect(await feed(node, [branch[0]!, branch.at(-1)!])).toEqual(['orphan', 'orphan']);
      expect(ids(branch).filter((id) => chain.hasHeader(id))).toEqual([]);
    }
    // Even blocks of the own chain are unknown from there down.
    expect(await feed(node, [trunk[BASE - 1]!])).toEqual(['orphan']);
    expect(await feed(node, [trunk[BASE]!])).toEqual(['known']);
    expect(everything()).toBe(before);
    expect(chain.tip().id).toBe(trunk[TRUNK]!.id);
  });

  test('can be the fork of a reorganisation', async () => {
    const branch = grow(trunk[BASE]!, TRUNK - BASE + 20, 3);
    expect((await feed(node, branch)).at(-1)).toBe('connected');
    expect(node.chain.tip().id).toBe(branch.at(-1)!.id);
    const whole = await openNode(sqlJs, network);
    await feed(whole, [...trunk.slice(1, BASE + 1), ...branch]);
    expect(byAddress(node)).toEqual(byAddress(whole));
  });
});

describe('pruning', () => {
  let node: TestNode;
  beforeEach(async () => {
    node = await openNode(sqlJs, network, image);
  });
  const count = (table: string): number => node.store.sql.number(`SELECT count(*) FROM ${table}`)!;

  test('keeps the newest blocks, and never moves the base down', () => {
    const { chain } = node;
    chain.prune(50);
    expect([chain.base(), count('blocks')]).toEqual([50, TRUNK - 50]);
    for (const height of [-5, 0, 49, 50, NaN]) chain.prune(height);
    expect(chain.base()).toBe(50);
    chain.prune(1e9);
    expect([chain.base(), count('blocks'), count('earlier_headers')]).toEqual([TRUNK - PRUNE_DEPTH, PRUNE_DEPTH, 34]);
    expect(node.store.sql.number('SELECT min(height) FROM transactions')).toBeGreaterThan(TRUNK - PRUNE_DEPTH);
  });

  test('of a short chain does nothing', async () => {
    const short = await openNode(sqlJs, network);
    await feed(short, trunk.slice(1, PRUNE_DEPTH + 1));
    short.chain.prune(PRUNE_DEPTH);
    expect(short.chain.base()).toBe(0);
    await feed(short, trunk.slice(PRUNE_DEPTH + 1, PRUNE_DEPTH + 2));
    short.chain.prune(PRUNE_DEPTH);
    expect(short.chain.base()).toBe(1);
  });

  test('forgets branches that leave the chain below the base, with their bodies, and no others', async () => {
    const { chain, store } = node;
    const [low, high] = [grow(trunk[60]!, 4, 1), grow(trunk[100]!, 4, 1)];
    await feed(node, [...low, ...high]);
    const lower = grow(trunk[70]!, 3, 2);
    chain.acceptHeaders(lower.map(sealedOf), {});
    expect(count('side_blocks')).toBe(8);
    chain.prune(100);
    const known = (blocks: readonly DecodedBlock[]): boolean[] => blocks.map(({ id }) => chain.hasHeader(id));
    expect([known(low), known(lower), known(high)]).toEqual([Array(4).fill(false), Array(3).fill(false), Array(4).fill(true)]);
    expect(store.sideBlocks().map(({ sealed: { id } }) => id)).toEqual(high.map(({ id }) => id));
    expect(chain.acceptHeaders(low.map(sealedOf), {})).toEqual({ status: 'orphan', added: 0 });
    expect(await feed(node, [high[0]!, low[0]!])).toEqual(['known', 'orphan']);
  });

  test('waits for a branch with more work whose bodies are missing', async () => {
    const { chain } = node;
    const better = grow(trunk[80]!, TRUNK - 80 + 30, 2);
    chain.acceptHeaders(better.map(sealedOf), {});
    chain.prune(110);
    expect(chain.base()).toBe(80);
    expect((await feed(node, better)).at(-1)).toBe('connected');
    chain.prune(110);
    expect([chain.base(), chain.tip().id]).toEqual([110, better.at(-1)!.id]);
  });

  test('ends the search for an altered body that it deletes', () => {
    const { chain, store } = node;
    for (const height of [90, 120]) {
      store.sql.script(`DELETE FROM transactions WHERE height = ${height}`);
      chain.activeBlock(height);
    }
    const altered = [90, 120].filter((height) => trunk[height]!.transactions.length > 0);
    expect(chain.altered.ids(9)).toEqual(altered.map((height) => trunk[height]!.id));
    chain.prune(100);
    expect(chain.altered.ids(9)).toEqual(altered.filter((height) => height > 100).map((height) => trunk[height]!.id));
  });

  test('that the store refuses changes nothing', () => {
    const { chain, store } = node;
    store.prune = () => {
      throw new Error('out of memory');
    };
    expect(() => chain.prune(100)).toThrow('out of memory');
    expect([chain.base(), count('blocks'), chain.activeBlock(5)?.id]).toEqual([0, TRUNK + 1, trunk[5]!.id]);
  });

  test('goes on for as long as the node runs, and the tables do not grow', async () => {
    const { chain, store } = node;
    let tip = trunk[TRUNK]!;
    for (let round = 0; round < 6; round++) {
      const blocks = grow(tip, 64, 1);
      tip = blocks.at(-1)!;
      await feed(node, blocks);
      chain.prune(tip.header.height - PRUNE_DEPTH);
      expect([chain.base(), count('blocks'), count('earlier_headers')]).toEqual([tip.header.height - PRUNE_DEPTH, PRUNE_DEPTH, 34]);
    }
    const { tip: top } = { tip: chain.tip() };
    const reopened = await openNode(sqlJs, network, store.export());
    expect([reopened.chain.tip().id, reopened.chain.tip().work]).toEqual([top.id, builder.historyAfter(tip).work]);
  });
});

test('headers near the base are counted with the headers below the base', async () => {
  // After long waits at the easiest target, the difficulty follows from as many headers as the rules look back.
  const waits = new BlockBuilder(network);
  const extend = (parent: DecodedBlock, count: number, gapMs: number, variant = 0): DecodedBlock[] => {
    const line = [parent];
    while (line.length <= count) line.push(waits.next(line.at(-1)!, { timeMs: line.at(-1)!.header.timeMs + gapMs, variant }));
    return line.slice(1);
  };
  const eased = [waits.genesis, ...extend(waits.genesis, 38, 9_500)];
  const blocks = [...eased, ...extend(eased.at(-1)!, 22, 700)];
  const [base, fork] = [blocks[36]!, blocks[45]!];
  const node = await openNodeOn(recentStore(sqlJs, waits, base));
  await feed(node, blocks.slice(37));
  const { chain } = node;
  const { header } = waits.next(fork);
  const hash = headerHash(header);
  // The tree is bounded when it has an eighth more headers than may stay, and then loses those with the least work.
  for (let i = 1; i < 1.12 * MAX_SIDE_HEADERS; i++) {
    chain.acceptHeaders([sealHeader(header, findNonce(hash, header.bits, true, 1_000 * i))], {});
  }
  const source = {};
  for (let variant = 1_000; variant < 100_000; variant += 1_000) {
    const [first, second, ...rest] = extend(base, 5, 9_500, variant).map(sealedOf);
    expect(chain.acceptHeaders([first!, second!], source)).toEqual({ status: 'accepted', added: 2, held: 0 });
    if (chain.hasHeader(second!.id)) continue;
    expect(chain.acceptHeaders(rest, source)).toEqual({ status: 'accepted', added: 3, held: 0 });
    return;
  }
  expect.unreachable('The tree was not bounded.');
});
