import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_HISTORY, History } from '../../../src/protocol/history.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { historyTree } from '../consensus/support/second-implementation.ts';
import { bytesOf } from './support/arbitraries.ts';

/** Blocks of a history: any ids, and works from one hash to the most that fits. */
const blocks = fc.array(fc.record({ id: bytesOf(32).map(toHex), work: fc.bigInt({ min: 0n, max: 1n << 246n }) }), { maxLength: 140 });

function historyOf(list: readonly { id: string; work: bigint }[]): History {
  return list.reduce((history, { id, work }) => history.append(id, work), EMPTY_HISTORY);
}

describe('the history tree', () => {
  test('has the root of the recursive definition after each block', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        let history = EMPTY_HISTORY;
        for (let size = 0; size <= list.length; size++) {
          expect(history.size).toBe(size);
          expect(history.work).toBe(list.slice(0, size).reduce((sum, { work }) => sum + work, 0n));
          expect(new History(size, history.peaks).root).toEqual(history.root);
          expect(toHex(history.root)).toBe(historyTree(list.slice(0, size)).hash.toString('hex'));
          if (size < list.length) history = history.append(list[size]!.id, list[size]!.work);
        }
      }),
      { numRuns: 8 },
    );
  });

  test('appending leaves the shorter history as it was, so branches share it', () => {
    fc.assert(
      fc.property(blocks, blocks, blocks, (trunk, left, right) => {
        const base = historyOf(trunk);
        const roots = [left, right].map((branch) => toHex(branch.reduce((all, { id, work }) => all.append(id, work), base).root));
        expect(roots).toEqual([left, right].map((branch) => historyTree([...trunk, ...branch]).hash.toString('hex')));
        expect(toHex(base.root)).toBe(historyTree(trunk).hash.toString('hex'));
      }),
      { numRuns: 15 },
    );
  });

  test('commits to every id, every work and the order', () => {
    const list = Array.from({ length: 7 }, (_, i) => ({ id: `${i}`.repeat(64), work: BigInt(i) }));
    const variants = list.flatMap((block, at) => [
      list.with(at, { ...block, id: '9' + block.id.slice(1) }),
      list.with(at, { ...block, work: block.work + 1n }),
      list.with(at, { ...block, work: block.work + (1n << 200n) }),
      list.toSpliced(at, 1),
    ]);
    variants.push(list, list.toReversed(), list.with(0, list[1]!).with(1, list[0]!));
    expect(new Set(variants.map((variant) => toHex(historyOf(variant).root))).size).toBe(variants.length);
  });

  test('refuses sums of work that do not fit', () => {
    const half = historyOf([{ id: '11'.repeat(32), work: 1n << 255n }]).append('22'.repeat(32), 1n << 255n);
    expect(() => half.append('33'.repeat(32), 1n).root).toThrow(expect.objectContaining({ code: 'invariant-broken' }));
  });
});
