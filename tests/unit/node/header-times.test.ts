import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { headerTimes } from '../../../src/node/views/header-times.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { BlockBuilder, testAccount, testNetwork } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, openNodeOn, recentStore, type TestNode } from '../chain/support.ts';

const network = testNetwork({ powLimitBits: 0x207fffff, startBits: 0x1f7fffff });
const T = network.blockTimeMs;
const alex = testAccount('alex');

/** Blocks on a chain with these gaps between them. */
function mined(builder: BlockBuilder, from: DecodedBlock, gaps: readonly number[]): DecodedBlock[] {
  let at = from;
  return gaps.map((gap) => (at = builder.next(at, { miner: alex, timeMs: at.header.timeMs + gap })));
}

describe('the difficulties that header times demand', () => {
  const builder = new BlockBuilder(network);
  const chain = mined(builder, builder.genesis, [T, 2 * T, T / 2]);
  const tip = chain.at(-1)!;
  let sqlJs: SqlJsStatic;
  let node: TestNode;
  beforeAll(async () => {
    sqlJs = await loadSqlJs();
    node = await openNode(sqlJs, network);
    await feed(node, chain);
  });

  test('begin with the newest blocks of the chain', () => {
    const { recent, next, refusedBy, mostAheadMs } = headerTimes(node, []);
    expect(recent.map(({ height, gap }) => [height, gap])).toEqual([
      [1, null],
      [2, 2 * T],
      [3, T / 2],
    ]);
    expect(recent.map(({ difficulty }) => difficulty)).toEqual(chain.map(({ header }) => Number(workOfBits(header.bits))));
    expect([next, refusedBy, mostAheadMs]).toEqual([[], null, 2 * T]);
  });

  test('are those of real blocks with these times, late ones and quick ones alike', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: T }), fc.integer({ min: 1, max: 30 * T })), { maxLength: 5 }), (gaps) => {
        const { next, refusedBy } = headerTimes(node, gaps);
        const real = mined(builder, tip, gaps);
        expect(refusedBy).toBeNull();
        expect(next).toEqual(
          real.map(({ header: { height, timeMs, bits } }, i) => ({
            height,
            time: timeMs,
            gap: gaps[i],
            difficulty: Number(workOfBits(bits)),
          })),
        );
      }),
      { numRuns: 20 },
    );
  });

  test.each([0, -1, -5 * T])('end at a header that is %i ms after its parent, with the rule that refuses it', (gap) => {
    const { next, refusedBy } = headerTimes(node, [T, gap, T]);
    expect([next.length, refusedBy]).toEqual([1, 'time-not-after-parent']);
  });

  test('change nothing', () => {
    const before = node.chain.tip();
    headerTimes(node, [1, 1, 1, -1]);
    expect(node.chain.tip()).toEqual(before);
  });

  test('begin above the base of a recent chain, and above genesis', async () => {
    const recent = await openNodeOn(recentStore(sqlJs, builder, chain[1]!));
    await feed(recent, [tip]);
    expect(headerTimes(recent, [T]).recent.map(({ height }) => height)).toEqual([3]);
    expect(headerTimes(recent, [T]).next).toEqual(headerTimes(node, [T]).next);
    const fresh = headerTimes(await openNode(sqlJs, network), [T, T]);
    expect(fresh.recent).toEqual([]);
    expect(fresh.next.map(({ gap }) => gap)).toEqual([null, T]);
  });

  test.each([[null], ['1'], [[0.5]], [['1']], [[NaN]], [[2e12]], [new Array<number>(33).fill(1)]])('are not asked for %j', (gaps) => {
    expect(() => headerTimes(node, gaps)).toThrow(expect.objectContaining({ code: 'argument-invalid' }));
  });
});
