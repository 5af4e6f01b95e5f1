import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BlockNode } from '../../../src/chain/block-node.ts';
import { BlockTree } from '../../../src/chain/block-tree.ts';
import { MAX_SIDE_HEADERS } from '../../../src/chain/header-intake.ts';
import { expectedBits } from '../../../src/consensus/difficulty.ts';
import { headerHash, sealHeader, type SealedHeader } from '../../../src/protocol/block.ts';
import { EMPTY_HISTORY } from '../../../src/protocol/history.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { BlockBuilder, findNonce, NOBODY, testNetwork, TRIVIAL_BITS } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from './support.ts';

const network = testNetwork();
const TRIVIAL_WORK = workOfBits(TRIVIAL_BITS);
/** Headers in one message. */
const BATCH = 500;
/** More headers than are kept, including any tolerance. */
const TOO_MANY = 1.2 * MAX_SIDE_HEADERS;
let sqlJs: SqlJsStatic;
beforeAll(async () => (sqlJs = await loadSqlJs()));

/**
 * Headers without bodies, one block time apart: at the easiest target, two hashes each.
 * @param ancestors the chain from genesis to the parent
 */
function cheapBranch(ancestors: readonly SealedHeader[], count: number, variant = 0): SealedHeader[] {
  const line = [...ancestors];
  let history = ancestors.reduce((all, { id, header }) => all.append(id, header.height === 0 ? 0n : TRIVIAL_WORK), EMPTY_HISTORY);
  while (line.length < ancestors.length + count) {
    const parent = line.at(-1)!;
    const timeMs = parent.header.timeMs + network.blockTimeMs;
    const context = { parent, at: (height: number) => line[height]! };
    const header = {
      ...parent.header,
      height: parent.header.height + 1,
      previous: parent.id,
      historyRoot: history.root,
      timeMs,
      bits: TRIVIAL_BITS,
      miner: NOBODY,
    };
    expect(line.length > 60 || expectedBits(network, context, timeMs) === TRIVIAL_BITS).toBe(true);
    const sealed = sealHeader(header, findNonce(headerHash(header), TRIVIAL_BITS, true, variant));
    history = history.append(sealed.id, TRIVIAL_WORK);
    line.push(sealed);
  }
  return line.slice(ancestors.length);
}

/** A node whose chain was mined in a storm, so that a few blocks have the work of thousands at the easiest target. */
async function busyNode(): Promise<{ node: TestNode; builder: BlockBuilder }> {
  const builder = new BlockBuilder(network);
  const node = await openNode(sqlJs, network);
  let tip = builder.genesis;
  while (node.chain.tip().work < 4n * BigInt(MAX_SIDE_HEADERS)) {
    tip = builder.next(tip, { timeMs: tip.header.timeMs + 2 });
    expect(await feed(node, [tip])).toEqual(['connected']);
  }
  return { node, builder };
}

const known = (node: TestNode, headers: readonly SealedHeader[]): number => headers.filter(({ id }) => node.chain.hasHeader(id)).length;

/** Sends a branch in batches from its beginning, until the chain asks for it again. @returns whether the chain did */
function show(node: TestNode, branch: readonly SealedHeader[], source: object): boolean {
  for (let at = 0; at < branch.length; at += BATCH) {
    const outcome = node.chain.acceptHeaders(branch.slice(at, at + BATCH), source);
    if (outcome.status === 'again') return true;
    expect(outcome).toMatchObject({ status: 'accepted', held: 0 });
  }
  return false;
}

describe('headers off the best chain', () => {
  test('are kept up to a number, and those with the least work leave first', async () => {
    const { node, builder } = await busyNode();
    const { chain } = node;
    const late = builder.next(builder.known(chain.activeId(chain.tip().height - 1)!), { variant: 1_000_000 });
    chain.acceptHeaders([late], {});
    const forks = Array.from({ length: TOO_MANY }, (_, i) => cheapBranch([network.genesis], 1, 100 * i)[0]!);
    for (const fork of forks) chain.acceptHeaders([fork], {});
    const left = known(node, forks);
    expect(left).toBeLessThanOrEqual(1.125 * MAX_SIDE_HEADERS + 2);
    expect(left).toBeGreaterThan(0.9 * MAX_SIDE_HEADERS);
    expect(chain.hasHeader(late.id)).toBe(true);
    // Forgotten headers are unknown again.
    const lost = forks.find(({ id }) => !chain.hasHeader(id))!;
    expect(chain.missingBlocks(9, lost.id)).toEqual([]);
    expect(chain.header(lost.id)).toBeNull();
  });

  test('that finally make a better chain are counted first, and stored when they arrive again', async () => {
    const { node } = await busyNode();
    const { chain } = node;
    const branch = cheapBranch([network.genesis], Number(chain.tip().work) / 2 + 40);
    expect(branch.length).toBeGreaterThan(TOO_MANY);
    const [source, stranger] = [{}, {}];
    // Branches of another source, sent in between, do not disturb the count.
    const other = cheapBranch([network.genesis], 30, 5_000);
    let again = false;
    for (let at = 0; at < branch.length && !again; at += BATCH) {
      again = chain.acceptHeaders(branch.slice(at, at + BATCH), source).status === 'again';
      expect(chain.acceptHeaders(other, stranger).status).toBe('accepted');
    }
    expect(again).toBe(true);
    expect(known(node, branch)).toBeLessThan(1.125 * MAX_SIDE_HEADERS + BATCH);
    expect(chain.bestHeader().id).toBe(chain.tip().id);
    expect(show(node, branch, source)).toBe(false);
    expect(known(node, branch)).toBe(branch.length);
    expect(chain.bestHeader().id).toBe(branch.at(-1)!.id);
    expect(chain.missingBlocks(branch.length + 1)).toEqual(branch.map(({ id }) => id));
    // No other source can displace the branch.
    show(node, cheapBranch([network.genesis], TOO_MANY, 9_000), stranger);
    expect(known(node, branch)).toBe(branch.length);
  }, 60_000);

  test('that never make a better chain are never all stored, and an invalid one among them is detected', async () => {
    const { node } = await busyNode();
    const branch = cheapBranch([network.genesis], TOO_MANY + 900);
    const source = {};
    expect(show(node, branch, source)).toBe(false);
    expect(known(node, branch)).toBeLessThan(1.125 * MAX_SIDE_HEADERS + BATCH);
    expect(node.chain.bestHeader().id).toBe(node.chain.tip().id);
    const [next] = cheapBranch([network.genesis, ...branch], 1);
    const wrong = { ...next!, header: { ...next!.header, bits: TRIVIAL_BITS - 1 } };
    expect(node.chain.acceptHeaders([wrong], source)).toMatchObject({ status: 'rejected', error: { code: 'bits-wrong' } });
    expect(node.chain.acceptHeaders([next!], source)).toEqual({ status: 'accepted', added: 1, held: 0 });
    // Only its source can continue a count, and not even the source after it has left.
    const [after] = cheapBranch([network.genesis, ...branch, next!], 1);
    expect(node.chain.acceptHeaders([after!], {}).status).toBe('orphan');
    node.chain.releaseSource(source);
    expect(node.chain.acceptHeaders([after!], source).status).toBe('orphan');
  });

  test('are kept however many, if they have more work than the tip and their source is present', async () => {
    const node = await openNode(sqlJs, network);
    // For a newcomer, every branch has more work. The best branch is withheld, so the node will take the second best.
    const best = cheapBranch([network.genesis], TOO_MANY + 10, 7);
    const second = cheapBranch([network.genesis], TOO_MANY);
    const [withholder, honest] = [{}, {}];
    expect(show(node, best, withholder)).toBe(false);
    expect(show(node, second, honest)).toBe(false);
    expect([known(node, best), known(node, second)]).toEqual([best.length, second.length]);
    node.chain.releaseSource(honest);
    const forks = Array.from({ length: 300 }, (_, i) => cheapBranch([network.genesis], 1, 100 * i + 50)[0]!);
    for (const fork of forks) node.chain.acceptHeaders([fork], {});
    expect(known(node, second) + known(node, forks)).toBeLessThanOrEqual(1.125 * MAX_SIDE_HEADERS + best.length);
    expect(known(node, best)).toBe(best.length);
  }, 60_000);
});

test('a bounded tree keeps the active chain and the way to the best header and to every body', () => {
  const steps = fc.array(fc.record({ parent: fc.nat(), hard: fc.boolean(), stored: fc.integer({ min: 0, max: 9 }) }), { maxLength: 120 });
  fc.assert(
    fc.property(steps, fc.nat({ max: 12 }), (given, limit) => {
      const tree = new BlockTree('genesis');
      const all: BlockNode[] = [tree.tip];
      for (const [index, { parent, hard, stored }] of given.entries()) {
        const on = all[Math.max(0, all.length - 1 - (parent % 12))]!;
        if (tree.get(on.id) !== on) continue;
        const node = tree.add(`n${index}`, hard ? 0x201fffff : TRIVIAL_BITS, on, null);
        all.push(node);
        if (stored === 0) tree.setStored(node, true);
        const best = tree.best;
        tree.bound(limit, []);
        expect(tree.best).toBe(best);
      }
      const here = all.filter((node) => tree.get(node.id) === node);
      for (const node of here) expect(node.parent === null || tree.get(node.parent.id) === node.parent).toBe(true);
      for (const node of tree.stored()) expect(tree.get(node.id)).toBe(node);
      const needed = new Set<BlockNode>();
      for (const leaf of [tree.best, ...tree.stored()]) for (let node: BlockNode | null = leaf; node; node = node.parent) needed.add(node);
      for (const node of needed) expect(tree.get(node.id)).toBe(node);
      expect(here.length).toBeLessThanOrEqual(Math.ceil((needed.size + limit) * 1.125) + 1);
    }),
  );
});
