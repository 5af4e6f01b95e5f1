import { describe, expect, test } from 'vitest';
import type { BlockInfo, TransactionInfo } from '../../../src/api/api.ts';
import { MAX_NEWS, newsOf, newsOfChange, withNews } from '../../../src/ui/features/present/news.ts';

const party = (name: string) => ({ name, address: `tab1${name}` });

function transaction(txid: string, from: string, to: string | null): TransactionInfo {
  const parts = { txid, from: { ...party(from), name: to === null ? null : from }, to: to === null ? null : party(to), amount: '2.5' };
  return { ...parts, name: to === null ? from : null } as TransactionInfo;
}

function block(height: number, items: readonly TransactionInfo[]): BlockInfo {
  return { height, id: `id ${height}`, miner: party('miner'), items } as unknown as BlockInfo;
}

describe('the news of a block', () => {
  test('name who joined by the name that the block binds, who paid, and who found it', () => {
    expect(newsOf(block(7, [transaction('a', 'ming', null), transaction('b', 'anna', 'ming')]))).toEqual([
      { key: 'a', kind: 'joined', who: party('ming') },
      { key: 'b', kind: 'paid', from: party('anna'), to: party('ming'), coins: '2.5' },
      { key: 'id 7', kind: 'block', miner: party('miner'), height: 7, payments: 1 },
    ]);
  });

  test('stay few when the block is full, and still count all payments', () => {
    const news = newsOf(
      block(
        8,
        Array.from({ length: 700 }, (_, i) => transaction(`t${i}`, 'anna', 'ming')),
      ),
    );
    expect(news).toHaveLength(5);
    expect(news.at(-1)).toMatchObject({ kind: 'block', payments: 700 });
  });
});

describe('the list of news', () => {
  test('has each piece once, also when a change of branch brings a payment again', () => {
    const first = newsOf(block(7, [transaction('b', 'anna', 'ming')]));
    const again = newsOf({ ...block(7, [transaction('b', 'anna', 'ming')]), id: 'other' });
    const list = withNews(withNews([], first), again);
    expect(list.map(({ key }) => key)).toEqual(['b', 'other', 'id 7']);
  });

  test('does not grow with the hours', () => {
    let list: readonly ReturnType<typeof newsOf>[number][] = [];
    for (let height = 1; height <= 2_000; height++) list = withNews(list, newsOf(block(height, [transaction(`t${height}`, 'a', 'b')])));
    expect(list).toHaveLength(MAX_NEWS);
    expect(list[1]).toMatchObject({ kind: 'block', height: 2_000 });
  });

  test('tells of a change of branch', () => {
    const change = { time: 5, fork: 3, replaced: 2, by: 3, rewards: '100', ownRewards: '0', returned: 0, blocks: [] };
    expect(newsOfChange(change, true)).toEqual({ key: '5 3', kind: 'replaced', blocks: 2, by: 3, height: 6, team: true });
  });
});
