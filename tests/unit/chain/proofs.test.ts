import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkSamples, checkTail } from '../../../src/consensus/work-proof.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { choosePoints } from '../../../src/protocol/sample-points.ts';
import { decodeMessage, encodeMessage, type MessageOf } from '../../../src/protocol/wire.ts';
import { MAX_SAMPLE_POINTS } from '../../../src/protocol/work-proof.ts';
import { BlockBuilder, testNetwork } from '../../scenarios/support/builders.ts';
import { seededRandom } from '../net/support/test-node.ts';
import { loadSqlJs, openNode, type TestNode } from './support.ts';

const network = testNetwork();
const builder = new BlockBuilder(network);
const T = network.blockTimeMs;
const main: DecodedBlock[] = [builder.genesis];
let node: TestNode;

beforeAll(async () => {
  const sqlJs: SqlJsStatic = await loadSqlJs();
  node = await openNode(sqlJs, network);
  for (let height = 1; height <= 330; height++) {
    const parent = main.at(-1)!;
    main.push(builder.next(parent, { timeMs: parent.header.timeMs + (height % 40 === 0 ? 15 * T : T) }));
  }
  await node.chain.acceptBlocks(main.slice(1));
}, 60_000);

/** What arrives at the other end of a link. */
function sent<T extends 'tail' | 'samples'>(message: MessageOf<T>): MessageOf<T> {
  return decodeMessage(encodeMessage(message), network.maxBlockBytes) as MessageOf<T>;
}

describe('proofs of the chain’s work', () => {
  test('pass, for every tail and any points', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 330 }), fc.string(), (height, seed) => {
        const tip = main[height]!.id;
        const { tail } = sent({ type: 'tail', tip, tail: node.chain.proofs.tail(tip) });
        const checked = checkTail(network, tip, tail!);
        const { base, first, work } = checked;
        expect(work).toBe(node.chain.locate(tip)!.work);
        expect(base.headers.at(-1)!.id).toBe(main[base.headers.at(-1)!.header.height]!.id);
        const chosen = choosePoints(seededRandom(seed), checked)!;
        for (let from = 0; from < chosen.length; from += MAX_SAMPLE_POINTS) {
          const points = chosen.slice(from, from + MAX_SAMPLE_POINTS);
          const { samples } = sent({ type: 'samples', before: first.id, samples: node.chain.proofs.samples(first.id, points) });
          checkSamples(network, first, points, samples!);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('of any points, and before any block', () => {
    const points = fc
      .uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 64 })
      .map((list) => list.sort((a, b) => (a < b ? -1 : 1)));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 330 }), points, (size, wanted) => {
        const { id, header } = main[size]!;
        const history = { id, size, root: header.historyRoot, work: node.chain.locate(header.previous)!.work };
        checkSamples(network, history, wanted, node.chain.proofs.samples(id, wanted)!);
      }),
      { numRuns: 60 },
    );
  });

  test('are not made for blocks that are unknown, too low, or off the active chain', async () => {
    const { proofs } = node.chain;
    const side = builder.next(main[300]!, { variant: 7 });
    await node.chain.acceptBlock(side);
    for (const id of ['00'.repeat(32), side.id, main[127]!.id, network.id]) expect(proofs.tail(id)).toBeNull();
    expect(proofs.tail(main[128]!.id)!.headers).toHaveLength(98);
    for (const id of ['00'.repeat(32), side.id, main[1]!.id, network.id]) expect(proofs.samples(id, [0n])).toBeNull();
    expect(proofs.samples(main[2]!.id, [0n])!.headers).toHaveLength(1);
  });
});
