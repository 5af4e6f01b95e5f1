import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reader, Writer } from '../../../src/protocol/codec.ts';
import type { HistoryNode } from '../../../src/protocol/history.ts';
import {
  checkHistoryProof,
  MAX_HISTORY_PROOF_NODES,
  proveHistory,
  readHistoryProof,
  writeHistoryProof,
  type HistoryProof,
} from '../../../src/protocol/history-proof.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { historySiblings, historyTree } from '../consensus/support/second-implementation.ts';
import { bytesOf } from './support/arbitraries.ts';

interface Block {
  readonly id: string;
  readonly work: bigint;
}

const refused = expect.objectContaining({ code: 'history-proof-wrong' });

/** Blocks, and the height of one of them. Ids of blocks are never equal; two equal blocks would share a proof. */
const cases = fc
  .uniqueArray(fc.record({ id: bytesOf(32).map(toHex), work: fc.bigInt({ min: 0n, max: 1n << 246n }) }), {
    minLength: 1,
    maxLength: 80,
    selector: ({ id }) => id,
  })
  .chain((blocks) => fc.record({ blocks: fc.constant(blocks), height: fc.nat({ max: blocks.length - 1 }) }));

const sum = (blocks: readonly Block[]): bigint => blocks.reduce((total, { work }) => total + work, 0n);

function proofOf(blocks: readonly Block[], height: number): HistoryProof {
  return proveHistory(height, blocks.length, (from, to) => historyTree(blocks.slice(from, to)));
}

function encoded(proof: HistoryProof): Uint8Array {
  const writer = new Writer();
  writeHistoryProof(writer, proof);
  return writer.finish();
}

describe('a proof of an earlier block', () => {
  test('shows the work before the block and of the whole history', () => {
    fc.assert(
      fc.property(cases, ({ blocks, height }) => {
        const proof = proofOf(blocks, height);
        expect(proof.map(({ hash, work }) => [toHex(hash), work])).toEqual(
          historySiblings(blocks, height).map(({ hash, work }) => [hash.toString('hex'), work]),
        );
        const proven = checkHistoryProof(historyTree(blocks).hash, blocks.length, { height, ...blocks[height]! }, proof);
        expect(proven).toEqual({ before: sum(blocks.slice(0, height)), total: sum(blocks) });
      }),
      { numRuns: 60 },
    );
  });

  test('is refused where any part of the claim is another', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ blocks, height }, pick) => {
        const { length: size } = blocks;
        const root = historyTree(blocks).hash;
        const block = { height, ...blocks[height]! };
        const proof = proofOf(blocks, height);
        const check =
          (claim: Partial<typeof block>, given: HistoryProof = proof, count = size) =>
          () =>
            checkHistoryProof(root, count, { ...block, ...claim }, given);
        expect(check({})).not.toThrow();
        expect(check({ work: block.work + 1n })).toThrow(refused);
        expect(check({ id: block.id.replace(/./, (digit) => (digit === '0' ? '1' : '0')) })).toThrow(refused);
        for (const other of [height - 1, height + 1, size, size + 7]) expect(check({ height: other })).toThrow(refused);
        expect(check({}, [...proof, { hash: root, work: 0n }])).toThrow(refused);
        if (proof.length === 0) return;
        expect(check({}, proof.slice(1))).toThrow(refused);
        const at = pick % proof.length;
        const { hash, work } = proof[at]!;
        const forged = (node: Partial<HistoryNode>): HistoryProof => proof.with(at, { hash, work, ...node });
        expect(check({}, forged({ hash: hash.map((byte, i) => (i === pick % 32 ? byte ^ 1 : byte)) }))).toThrow(refused);
        expect(check({}, forged({ work: work + 1n }))).toThrow(refused);
        // Work moved from one node to another.
        if (work > 0n) expect(check({ work: block.work + work }, forged({ work: 0n }))).toThrow(refused);
      }),
      { numRuns: 60 },
    );
  });

  test('whose work passes 2^256 is refused, not computed', () => {
    const most = (1n << 256n) - 1n;
    const check = (work: bigint) => () =>
      checkHistoryProof(new Uint8Array(32), 2, { height: 0, id: '11'.repeat(32), work: most }, [{ hash: new Uint8Array(32), work }]);
    expect(check(0n)).toThrow(/another root/);
    expect(check(1n)).toThrow(/more work/);
    expect(check(most)).toThrow(refused);
  });

  test('has one encoding', () => {
    fc.assert(
      fc.property(cases, ({ blocks, height }) => {
        const proof = proofOf(blocks, height);
        const bytes = encoded(proof);
        const workBytes = (work: bigint): number => (work === 0n ? 0 : Math.ceil(work.toString(16).length / 2));
        expect(bytes.length).toBe(proof.reduce((sum, { work }) => sum + 33 + workBytes(work), 1));
        const reader = new Reader(bytes);
        const decoded = readHistoryProof(reader);
        reader.end();
        expect(encoded(decoded)).toEqual(bytes);
        for (const cut of [0, 1, bytes.length - 1].filter((length) => length < bytes.length)) {
          expect(() => readHistoryProof(new Reader(bytes.subarray(0, cut)))).toThrow(
            expect.objectContaining({ code: 'encoding-truncated' }),
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  test('has one encoding of each work', () => {
    const zero = encoded([{ hash: new Uint8Array(32), work: 0n }]);
    expect(zero.length).toBe(1 + 33);
    const code = (bytes: Uint8Array) => expect(() => readHistoryProof(new Reader(bytes)));
    code(Uint8Array.of(...zero.subarray(0, 33), 1, 0)).toThrow(expect.objectContaining({ code: 'encoding-non-canonical' }));
    code(Uint8Array.of(...zero.subarray(0, 33), 2, 0, 1)).toThrow(expect.objectContaining({ code: 'encoding-non-canonical' }));
    code(Uint8Array.of(...zero.subarray(0, 33), 33, ...new Uint8Array(33).fill(1))).toThrow(
      expect.objectContaining({ code: 'encoding-too-long' }),
    );
  });

  test('has at most as many nodes as a history of 2^32 blocks is deep', () => {
    const node = { hash: new Uint8Array(32), work: 1n };
    for (const height of [0, 2 ** 31, 2 ** 32 - 2]) {
      expect(proveHistory(height, 2 ** 32 - 1, () => node).length).toBeLessThanOrEqual(MAX_HISTORY_PROOF_NODES);
    }
    const longest = encoded(Array.from({ length: MAX_HISTORY_PROOF_NODES }, () => node));
    expect(readHistoryProof(new Reader(longest))).toHaveLength(MAX_HISTORY_PROOF_NODES);
    const tooLong = expect.objectContaining({ code: 'encoding-too-long' });
    expect(() =>
      readHistoryProof(new Reader(Uint8Array.of(MAX_HISTORY_PROOF_NODES + 1, ...longest.subarray(1), ...new Uint8Array(33)))),
    ).toThrow(tooLong);
    expect(() => encoded(Array.from({ length: MAX_HISTORY_PROOF_NODES + 1 }, () => node))).toThrow(tooLong);
  });
});
