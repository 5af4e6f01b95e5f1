import { describe, expect, test } from 'vitest';
import { Standings } from '../../../src/node/views/standings.ts';
import { PeopleQueries } from '../../../src/storage/sql/people.ts';
import { BlockBuilder, testAccount, testNetwork } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode } from '../chain/support.ts';

const network = testNetwork();
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];

/** Counts how often all accounts are read. */
class CountedQueries extends PeopleQueries {
  readings = 0;

  override standings(use: Parameters<PeopleQueries['standings']>[0]): void {
    this.readings++;
    super.standings(use);
  }
}

describe('the standings', () => {
  const builder = new BlockBuilder(network);
  const first = builder.next(builder.genesis, { miner: alex });
  const second = builder.next(first, { miner: ming });
  const third = builder.next(second, { miner: ming });
  const fourth = builder.next(third, { miner: wu });
  const mined = (standings: Standings) => standings.top('mined', 9, null).map(({ value }) => value);

  test('read all accounts once, and then only those that blocks have changed', async () => {
    const node = await openNode(await loadSqlJs(), network);
    await feed(node, [first]);
    const queries = new CountedQueries(node.store.sql);
    const standings = new Standings(node.chain, queries);
    expect(queries.readings).toBe(0);
    expect(mined(standings)).toEqual([1]);
    await feed(node, [second, third]);
    expect(mined(standings)).toEqual([2, 1]);
    expect(queries.readings).toBe(1);
  });

  test('that nobody asks for are forgotten after many changes, and read again', async () => {
    const node = await openNode(await loadSqlJs(), network);
    await feed(node, [first]);
    const queries = new CountedQueries(node.store.sql);
    let listeners = 0;
    const subscribe: typeof node.chain.subscribe = (listener) => {
      listeners++;
      const stop = node.chain.subscribe(listener);
      return () => (listeners--, stop());
    };
    const standings = new Standings({ subscribe }, queries, 1);
    expect(mined(standings)).toEqual([1]);
    await feed(node, [second, third]);
    expect(listeners).toBe(1);
    await feed(node, [fourth]);
    expect(listeners).toBe(0);
    expect(mined(standings)).toEqual([2, 1, 1]);
    expect([queries.readings, listeners]).toEqual([2, 1]);
  });
});
