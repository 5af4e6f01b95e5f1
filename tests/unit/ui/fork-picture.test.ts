import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TreeBlock, TreeStanding } from '../../../src/api/api.ts';
import { forkPicture, type ForkPicture } from '../../../src/ui/features/people/fork-picture.ts';

/** A block whose id is its letter and height: "a3". Each step of height is one hash of work, and `work` more. */
function block(id: string, previous: string, standing: TreeStanding, work = 0): TreeBlock {
  const height = Number(id.slice(1));
  return {
    id,
    height,
    previous,
    standing,
    time: 1_000 * height,
    miner: { address: 'tab1', name: null },
    work: '1',
    cumulativeWork: String(10 * height + work),
    reason: null,
    transactions: null,
    reward: null,
  };
}

const chain = (letter: string, from: number, to: number, previous: string, standing: TreeStanding, work = 0): TreeBlock[] =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    block(`${letter}${from + i}`, i === 0 ? previous : `${letter}${from + i - 1}`, standing, work),
  ).reverse();

const sorted = (...parts: TreeBlock[][]): TreeBlock[] => parts.flat().sort((a, b) => b.height - a.height);
const tipOf = (blocks: readonly TreeBlock[]) => blocks.find(({ standing }) => standing === 'active')!;
const pictureOf = (blocks: TreeBlock[], peers: { id: string; tip: string | null }[] = []): ForkPicture =>
  forkPicture({ blocks, tip: tipOf(blocks) }, peers);
const placesOf = ({ nodes }: ForkPicture): Record<string, [number, number]> =>
  Object.fromEntries(nodes.map(({ block: { id }, column, lane }) => [id, [column, lane]]));

describe('the picture of branches', () => {
  /** Peers stand on every block, so that none is left out. */
  const active = chain('a', 0, 5, '', 'active');
  const everywhere = active.map(({ id }) => ({ id: `at ${id}`, tip: id }));

  test('has the newest block first and one lane, where there is no fork', () => {
    const picture = pictureOf(active, everywhere);
    expect(placesOf(picture)).toMatchObject({ a5: [0, 0], a4: [1, 0], a0: [5, 0] });
    expect([picture.columns, picture.lanes, picture.others]).toEqual([6, 1, 0]);
    expect(picture.edges.map(({ from, to }) => [from.block.id, to?.block.id])).toEqual([
      ['a5', 'a4'],
      ['a4', 'a3'],
      ['a3', 'a2'],
      ['a2', 'a1'],
      ['a1', 'a0'],
    ]);
  });

  test('leaves out long rows of blocks at which nothing happened', () => {
    const long = chain('a', 0, 30, '', 'active');
    const alone = pictureOf(long);
    expect(placesOf(alone)).toEqual({ a30: [0, 0], a0: [2, 0] });
    expect(alone.edges).toMatchObject([{ hidden: 29 }]);
    expect([alone.columns, alone.heights]).toEqual([3, 31]);
    const picture = pictureOf(sorted(long, chain('b', 25, 26, 'a24', 'side'), chain('c', 4, 4, 'a3', 'side')), [{ id: 'p', tip: 'a12' }]);
    // Two blocks would save no room, so they stay: 28 and 29, and 1 and 2.
    const shown = picture.nodes.filter(({ lane }) => lane === 0).map(({ block: { id }, column }) => [id, column]);
    expect(shown).toEqual(
      ['a30', 'a29', 'a28', 'a27', 'a26', 'a25', 'a24', null, 'a12', null, 'a5', 'a4', 'a3', 'a2', 'a1', 'a0']
        .map((id, column) => [id, column] as const)
        .filter(([id]) => id !== null),
    );
    expect(picture.edges.filter(({ hidden }) => hidden > 0).map(({ from, to, hidden }) => [from.block.id, to!.block.id, hidden])).toEqual([
      ['a24', 'a12', 11],
      ['a12', 'a5', 6],
    ]);
    expect(picture.columns).toBe(16);
  });

  test('puts a losing branch below, from its fork on', () => {
    const picture = pictureOf(sorted(active, chain('b', 3, 4, 'a2', 'side')));
    expect(placesOf(picture)).toMatchObject({ b4: [1, 1], b3: [2, 1], a4: [1, 0] });
    expect(picture.edges.find(({ from }) => from.block.id === 'b3')!.to!.block.id).toBe('a2');
    expect(picture.others).toBe(2);
  });

  test('gives branches at other heights the same lane, and others one each, most work first', () => {
    const low = chain('b', 1, 1, 'a0', 'side');
    const high = chain('c', 4, 5, 'a3', 'side', 1);
    const rival = chain('d', 4, 5, 'a3', 'side', 2);
    const twig = chain('e', 5, 5, 'c4', 'invalid');
    const picture = pictureOf(sorted(active, low, high, rival, twig));
    expect(placesOf(picture)).toMatchObject({ b1: [4, 1], d5: [0, 1], d4: [1, 1], c5: [0, 2], c4: [1, 2], e5: [0, 3] });
    expect(picture.lanes).toBe(4);
  });

  test('continues the lane of the tip with blocks that are being fetched', () => {
    const picture = pictureOf(sorted(active, chain('n', 6, 8, 'a5', 'missing'), chain('m', 6, 6, 'a5', 'missing')));
    expect(placesOf(picture)).toMatchObject({ n8: [0, 0], n6: [2, 0], a5: [3, 0], m6: [2, 1] });
    expect(picture.others).toBe(0);
  });

  test('marks its own tip and those of the peers, and counts peers whose tip it does not show', () => {
    const picture = pictureOf(sorted(active, chain('b', 5, 5, 'a4', 'side')), [
      { id: 'p', tip: 'b5' },
      { id: 'q', tip: 'a5' },
      { id: 'r', tip: 'a5' },
      { id: 's', tip: 'elsewhere' },
      { id: 't', tip: null },
    ]);
    const marks = picture.nodes.filter(({ peers, isOwnTip }) => isOwnTip || peers.length > 0);
    expect(marks.map(({ block: { id }, peers, isOwnTip }) => [id, peers, isOwnTip])).toEqual([
      ['a5', ['q', 'r'], true],
      ['b5', ['p'], false],
    ]);
    expect(picture.elsewhere).toBe(1);
  });

  test('shows that the way goes on below', () => {
    const blocks = sorted(chain('a', 3, 5, 'a2', 'active'), chain('b', 3, 4, 'b2', 'side'));
    const open = pictureOf(blocks).edges.filter(({ to }) => to === null);
    expect(open.map(({ from }) => from.block.id)).toEqual(['a3', 'b3']);
  });

  test('of no blocks is empty', () => {
    expect(forkPicture({ blocks: [], tip: { height: 0, id: 'x' } }, [])).toMatchObject({ nodes: [], edges: [], columns: 0 });
  });

  test('never puts two blocks in one place, and no branch across another', () => {
    const branches = fc.array(fc.record({ fork: fc.nat(7), length: fc.integer({ min: 1, max: 4 }), of: fc.nat(20), work: fc.nat(9) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(branches, (plans) => {
        const all = chain('a', 0, 8, '', 'active');
        plans.forEach(({ length, of, work }, i) => {
          const parent = all[of % all.length]!;
          const letter = String.fromCharCode(98 + i);
          all.push(...chain(letter, parent.height + 1, parent.height + length, parent.id, 'side', work));
        });
        const { nodes, edges } = forkPicture({ blocks: all.sort((a, b) => b.height - a.height), tip: { id: 'a8', height: 8 } }, []);
        // Every block off the chain is shown, and so is the block from which its branch goes out.
        const shown = new Set(nodes.map(({ block: each }) => each.id));
        for (const each of all.filter(({ standing }) => standing === 'side')) expect(shown).toContain(each.id);
        expect(edges.every(({ from, to }) => from.block.standing === 'active' || to?.block.id === from.block.previous)).toBe(true);
        expect(new Set(nodes.map(({ column, lane }) => `${column} ${lane}`)).size).toBe(nodes.length);
        for (const { block: each, lane } of nodes) expect(lane === 0).toBe(each.standing === 'active');
      }),
    );
  });
});
