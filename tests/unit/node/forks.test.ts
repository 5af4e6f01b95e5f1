import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ForksOptions } from '../../../src/api/api.ts';
import { sealedOf } from '../../../src/chain/block-node.ts';
import { addressText } from '../../../src/crypto/address.ts';
import { forkTree } from '../../../src/node/views/forks.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf, type BlockOptions } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';

const COIN = 1_000_000;
const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];

function branch(from: DecodedBlock, length: number, options: BlockOptions): DecodedBlock[] {
  const blocks: DecodedBlock[] = [];
  for (let i = 0; i < length; i++) blocks.push(builder.next(blocks.at(-1) ?? from, options));
  return blocks;
}

// Blocks 1 and 2 are common. Alex mines three blocks with a payment, ming four others: alex loses.
const common = [builder.next(builder.genesis, { miner: alex })];
common.push(builder.next(common[0]!, { miner: alex, transactions: [registrationOf(network, alex)] }));
const payment = transferOf(network, alex, { to: ming, amount: 2 * COIN, fee: 1_000, nonce: 0 });
const lost = [builder.next(common[1]!, { miner: alex, transactions: [payment] })];
lost.push(...branch(lost[0]!, 1, { miner: wu }), builder.next(builder.next(lost[0]!, { miner: wu }), { miner: alex }));
const won = branch(common[1]!, 4, { miner: ming, variant: 5_000 });

let sqlJs: SqlJsStatic;
let node: TestNode;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network);
  await feed(node, [...common, ...lost]);
});

const tree = (options?: ForksOptions) => forkTree(node, alex.address, options);
const idsOf = (standing: string, options?: ForksOptions): string[] =>
  tree(options)
    .blocks.filter((block) => block.standing === standing)
    .map(({ id }) => id);
const downwards = (blocks: readonly DecodedBlock[]): string[] => blocks.map(({ id }) => id).reverse();

describe('the tree of branches', () => {
  test('without a fork is the active chain, down to genesis', () => {
    const { blocks, from, older, reorganisations, tip } = tree();
    expect(blocks.map(({ id, standing }) => [id, standing])).toEqual(
      downwards([builder.genesis, ...common, ...lost]).map((id) => [id, 'active']),
    );
    expect([from, older, reorganisations]).toEqual([0, null, []]);
    expect(tip).toEqual({ height: 5, id: lost[2]!.id });
    expect(blocks.at(-1)).toMatchObject({ height: 0, previous: '', miner: { address: '', name: null } });
  });

  test('keeps the replaced blocks beside those that replaced them, with the rewards that no longer count', async () => {
    await feed(node, won);
    expect(idsOf('active')).toEqual(downwards([builder.genesis, ...common, ...won]));
    expect(idsOf('side')).toEqual(downwards(lost));
    const { blocks } = tree();
    expect(blocks.map(({ height }) => height)).toEqual([6, 5, 5, 4, 4, 3, 3, 2, 1, 0]);
    expect(blocks.find(({ id }) => id === lost[0]!.id)).toEqual({
      height: 3,
      id: lost[0]!.id,
      previous: common[1]!.id,
      time: lost[0]!.header.timeMs,
      miner: { address: addressText(alex.address), name: 'alex' },
      work: '2',
      cumulativeWork: node.chain.locate(lost[0]!.id)!.work.toString(),
      standing: 'side',
      reason: null,
      transactions: 1,
      reward: '50.001',
    });
  });

  test('tells in a reopened database, too, which blocks lost', async () => {
    await feed(node, won);
    node = await openNode(sqlJs, network, node.store.export());
    expect(idsOf('side')).toEqual(downwards(lost));
    expect(tree().reorganisations).toEqual([]);
  });

  test('shows headers whose bodies are missing, and blocks that broke a rule', async () => {
    await feed(node, won);
    const ahead = branch(won[3]!, 2, { miner: wu });
    node.chain.acceptHeaders(ahead.map(sealedOf));
    expect(idsOf('missing')).toEqual(downwards(ahead));
    expect(tree().blocks[0]).toMatchObject({ height: 8, transactions: null, reward: null, standing: 'missing' });
    const bad = builder.next(won[3]!, { miner: alex, header: { stateRoot: new Uint8Array(32) } });
    const after = builder.next(bad, { miner: alex, unexecuted: true, header: { stateRoot: new Uint8Array(32) } });
    await feed(node, [bad]);
    expect(tree().blocks.find(({ id }) => id === bad.id)).toMatchObject({ standing: 'invalid', reason: 'state-root-wrong' });
    expect(await feed(node, [after])).toEqual(['block-ancestor-invalid']);
  });

  test('is a part between two heights, and names the next lower fork', async () => {
    await feed(node, [...won, ...branch(won[3]!, 10, { miner: ming })]);
    const top = tree({ heights: 5 });
    expect([top.from, top.older]).toEqual([12, 5]);
    expect(top.blocks.map(({ height }) => height)).toEqual([16, 15, 14, 13, 12]);
    const lower = tree({ before: 6, heights: 2 });
    expect(lower.blocks.map(({ height, standing }) => [height, standing])).toEqual([
      [5, 'active'],
      [5, 'side'],
      [4, 'active'],
      [4, 'side'],
    ]);
    expect(lower.older).toBe(3);
    expect(tree({ before: 3 }).older).toBeNull();
    expect(tree({ before: 0 }).blocks).toEqual([]);
  });

  test('is bounded, however many branches there are', async () => {
    const twigs = Array.from({ length: 150 }, (_, i) => builder.next(lost[2]!, { miner: wu, variant: 10_000 * (i + 1) }));
    const unique = [...new Map(twigs.map((each) => [each.id, each])).values()];
    expect(unique.length).toBeGreaterThan(120);
    await feed(node, unique);
    const others = tree().blocks.filter(({ standing }) => standing !== 'active');
    expect(others.length).toBe(100);
    expect(others.filter(({ reward }) => reward !== null)).toHaveLength(40);
  });

  test.each<[string, unknown]>([
    ['no height', { heights: 0 }],
    ['too many heights', { heights: 101 }],
    ['a height that is no number', { before: '5' }],
    ['something else', 5],
  ])('is refused for %s', (_what, options) => {
    let code = '';
    try {
      tree(options as ForksOptions);
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe('argument-invalid');
  });
});

describe('a reorganisation', () => {
  test('tells how many blocks and rewards were lost, whose they were, and which transactions wait again', async () => {
    await feed(node, won.slice(0, 3));
    expect(tree().reorganisations).toEqual([]);
    node.clock.nowMs += 5_000;
    await feed(node, won.slice(3));
    expect(tree().reorganisations).toEqual([
      {
        time: node.clock.nowMs,
        fork: 2,
        replaced: 3,
        by: 4,
        rewards: '150.001',
        ownRewards: '100.001',
        returned: 1,
        blocks: lost.map(({ id, header }, i) => ({
          height: header.height,
          id,
          miner: i === 1 ? { address: addressText(wu.address), name: null } : { address: addressText(alex.address), name: 'alex' },
          reward: i === 0 ? '50.001' : '50',
        })),
      },
    ]);
    expect(forkTree(node, null).reorganisations[0]!.ownRewards).toBe('0');
  });

  test('that takes the same transactions returns none', async () => {
    const again = [builder.next(common[1]!, { miner: ming, transactions: [payment] })];
    again.push(...branch(again[0]!, 3, { miner: ming }));
    await feed(node, again);
    expect(tree().reorganisations).toMatchObject([{ replaced: 3, by: 4, returned: 0 }]);
  });

  test('is remembered among the last sixteen', async () => {
    let [mine, theirs] = [lost, won];
    for (let round = 0; round < 18; round++) {
      await feed(node, theirs);
      const fork = theirs.at(-2)!;
      [mine, theirs] = [theirs, branch(fork, 2, { miner: round % 2 ? ming : wu, variant: 100_000 + round })];
    }
    expect(mine.length).toBeGreaterThan(0);
    const { reorganisations } = tree();
    expect(reorganisations).toHaveLength(16);
    expect(reorganisations.map(({ fork }) => fork)).toEqual([...reorganisations.map(({ fork }) => fork)].sort((a, b) => b - a));
  });
});
