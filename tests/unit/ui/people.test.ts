import { describe, expect, test } from 'vitest';
import type { PeopleOptions, PeoplePage, Reorganisation } from '../../../src/api/api.ts';
import { balanceCurve, timeTicks } from '../../../src/ui/features/people/balance-curve.ts';
import { sentencesOf } from '../../../src/ui/features/people/fork-story.ts';
import { peopleAt, shownOf } from '../../../src/ui/features/people/people-place.ts';
import { en } from '../../../src/ui/i18n/en/messages.ts';
import { zhHant } from '../../../src/ui/i18n/zh-Hant/messages.ts';
import { groupCoins } from '../../../src/ui/kit/format.ts';

describe('the place of the list', () => {
  test.each([
    ['', { q: '', order: 'name', pages: [] }],
    ['by=seen&q=%20al%20', { q: 'al', order: 'seen', pages: [] }],
    ['by=age&pages=5.1+4.2', { q: '', order: 'name', pages: ['5.1', '4.2'] }],
  ])('%s', (query, shown) => expect(shownOf(new URLSearchParams(query))).toEqual(shown));
});

describe('a page of people', () => {
  const person = (name: string) => ({ name, address: name, balance: '0', blocksMined: 0, payments: 0, seen: null });

  /** Answers with these parts, one for each call. */
  function answering(parts: readonly (readonly string[])[]) {
    const asked: PeopleOptions[] = [];
    const people = async (options: PeopleOptions = {}): Promise<PeoplePage> => {
      const at = asked.push(options) - 1;
      return { people: (parts[at] ?? []).map(person), next: at < parts.length - 1 ? `part ${at + 1}` : null, total: 9 };
    };
    return { asked, people };
  }

  test('is one answer where that is full, or the last', async () => {
    const full = answering([['a', 'b'], ['c']]);
    expect(await peopleAt(full, { limit: 2 })).toMatchObject({ next: 'part 1' });
    expect(full.asked).toHaveLength(1);
    const last = answering([['a']]);
    expect(await peopleAt(last, { limit: 2 })).toMatchObject({ next: null });
    expect(last.asked).toHaveLength(1);
  });

  test('is filled from parts, and asks for no more than is missing', async () => {
    const api = answering([['a'], [], ['b', 'c'], ['d']]);
    const page = await peopleAt(api, { order: 'seen', limit: 3 });
    expect(page.people.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(page.next).toBe('part 3');
    expect(api.asked.slice(1)).toEqual([
      { order: 'seen', after: 'part 1', limit: 2 },
      { order: 'seen', after: 'part 2', limit: 2 },
    ]);
  });

  test('names nobody twice, although the chain has changed between two answers', async () => {
    const api = answering([['a', 'b'], ['b', 'c'], ['d']]);
    expect((await peopleAt(api, { limit: 4 })).people.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('ends, even if the node always has another empty part', async () => {
    const api = answering(Array.from({ length: 1_000 }, () => []));
    expect((await peopleAt(api, { limit: 3 })).people).toEqual([]);
    expect(api.asked).toHaveLength(50);
  });
});

describe('the curve of a balance', () => {
  const balances = [
    { height: 5, time: 1_000, balance: '0' },
    { height: 5, time: 1_000, balance: '50' },
    { height: 8, time: 4_000, balance: '12.5' },
  ];

  test('keeps each balance until the next block, and the last until now', () => {
    const points = [
      { x: 1_000, y: 0 },
      { x: 4_000, y: 50 },
      { x: 9_000, y: 12.5 },
    ];
    expect(balanceCurve({ balances }, 9_000)).toEqual({ points, from: 1_000, to: 9_000, least: 0, most: 50 });
  });

  test('ends after its last block where a miner’s clock is ahead', () => {
    expect(balanceCurve({ balances }, 2_000)!.to).toBe(4_001);
  });

  test('does not exist without entries', () => expect(balanceCurve({ balances: [] }, 5)).toBeNull());

  test('has evenly spaced marks', () => {
    expect(timeTicks({ from: 0, to: 40 }, String)).toEqual([0, 10, 20, 30, 40].map((x) => ({ x, text: String(x) })));
  });
});

describe('a reorganisation in words', () => {
  const event: Reorganisation = { time: 0, fork: 2, replaced: 3, by: 4, rewards: '1150', ownRewards: '0', returned: 0, blocks: [] };
  const words = (change: Partial<Reorganisation>, messages = en): string =>
    sentencesOf({ ...event, ...change }, messages.forks, groupCoins).join(' ');

  test.each<[Partial<Reorganisation>, string]>([
    [{}, '3 blocks replaced by 4; −1,150 coins of rewards.'],
    [{ replaced: 1, by: 2, rewards: '1' }, '1 block replaced by 2; −1 coin of rewards.'],
    [{ ownRewards: '50' }, '3 blocks replaced by 4; −1,150 coins of rewards. −50 of them were yours.'],
    [{ ownRewards: '1150' }, '3 blocks replaced by 4; −1,150 coins of rewards. All of them were yours.'],
    [{ returned: 1 }, '3 blocks replaced by 4; −1,150 coins of rewards. 1 transaction had to wait for a block again.'],
  ])('%j', (change, expected) => expect(words(change)).toBe(expected));

  test('and in Chinese', () => {
    expect(words({ ownRewards: '50', returned: 2 }, zhHant)).toBe(
      '3 個區塊被 4 個取代；獎勵 −1,150 幣。 其中 −50 幣是你的。 有 2 筆交易要重新等待打包。',
    );
  });
});
