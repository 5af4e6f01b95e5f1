import type { Database } from 'sql.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { bound, readQuery } from '../../../../src/page/query-reader.ts';
import { explained, isPlan, planOf, readsOf } from '../../../../src/ui/features/database/plan.ts';
import { FIRST, numberOf, questionAt, QUESTIONS, type QuestionKey } from '../../../../src/ui/features/database/questions.ts';
import { chartOf } from '../../../../src/ui/features/database/result-chart.ts';
import { exportChain, grantNetwork } from '../../../interop/exported-chain.ts';
import { loadSqlJs } from '../../chain/support.ts';

const LENGTH = 40;

describe('the questions of the notebook, on a chain with payments, memos, grants and a lost branch', () => {
  let db: Database;
  const ask = (key: QuestionKey) => readQuery(db, questionAt(numberOf(key)).sql, null);
  const objects = (key: QuestionKey) => {
    const { columns, rows } = ask(key);
    return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
  };
  const value = (sql: string) => readQuery(db, sql, null).rows[0]![0];

  beforeAll(async () => {
    const sqlJs = await loadSqlJs();
    db = new sqlJs.Database((await exportChain(sqlJs, grantNetwork(), LENGTH)).file);
    bound(db);
  });

  it('are thirty, all different, and the first is answered when the page opens', () => {
    expect(QUESTIONS).toHaveLength(30);
    expect(new Set(QUESTIONS.map(({ sql }) => sql)).size).toBe(30);
    expect(FIRST).toBe(QUESTIONS[0]);
    expect([questionAt(-1), questionAt(30)]).toEqual([QUESTIONS[29], FIRST]);
  });

  it.each(QUESTIONS)('$key has rows, and a plan that can be drawn', ({ key, sql }) => {
    const { rows, columns, truncated } = ask(key);
    expect([rows.length > 0, truncated, new Set(columns).size]).toEqual([true, false, columns.length]);
    const plan = readQuery(db, explained(sql), null);
    expect(isPlan(plan)).toBe(true);
    const { scans, searches } = readsOf(planOf(plan.rows));
    expect(scans + searches).toBeGreaterThan(0);
  });

  it('give what they promise', () => {
    expect(objects('newest')[0]).toMatchObject({ height: LENGTH, confirmations: 1 });
    expect(objects('names').map(({ name }) => name)).toEqual(['alex', 'lin', 'ming', 'wu']);
    const balances = objects('richest').map(({ coins }) => coins as number);
    expect(balances).toEqual([...balances].sort((a, b) => b - a));
    expect(objects('payments')[0]).toMatchObject({ sender_name: 'alex', recipient_name: 'wu', memo: 'last' });
    expect(objects('memos').map(({ memo }) => memo)).toEqual(['last']);
    expect(objects('idle').length).toBe(
      Math.min(20, Number(value('SELECT count(*) FROM blocks WHERE transaction_count = 0 AND height > 0'))),
    );
    expect(objects('totals')).toEqual([expect.objectContaining({ blocks: LENGTH + 1, height: LENGTH })]);
    expect(objects('kinds').map(({ kind, transactions }) => [kind, transactions])).toEqual([
      ['registration', 4],
      ['transfer', 6],
    ]);
    expect(objects('generous').map(({ sender_name: name, payments }) => [name, payments])).toEqual([
      ['alex', 4],
      ['ming', 2],
    ]);
    expect(objects('different')).toEqual([{ payments: 6, senders: 2, recipients: 4 }]);
    expect(objects('supply')[0]).toMatchObject({ equal: 1 });
    expect(
      objects('silent')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['lin', 'wu']);
    expect(objects('everyone')[0]).toMatchObject({ blocks: 0 });
    expect(objects('classes').reduce((sum, { blocks }) => sum + (blocks as number), 0)).toBe(LENGTH);
    expect(objects('units')[0]).toMatchObject({ amount: 3, whole_coins: 0, coins: 3e-6, text: '0.000003' });
  });

  it('compute windows and recursion as the tables say', () => {
    const seconds = objects('intervals').map(({ seconds: each }) => each);
    expect(seconds[0]).toBe(value('SELECT (max(time) - (SELECT time FROM blocks WHERE height = 39)) / 1000.0 FROM blocks'));
    expect(seconds.at(-1)).toBeNull();
    expect(objects('growth').at(-1)).toEqual({ height: LENGTH, transactions_so_far: 10 });
    expect(
      objects('largest')
        .filter(({ sender_name: name }) => name === 'alex')
        .map(({ place }) => place),
    ).toEqual([1, 2, 3]);
    expect(objects('balance').at(-1)!['balance']).toBe(value('SELECT balance / 1e6 FROM accounts WHERE id = 1'));
    expect(objects('runs').every(({ blocks_in_a_row: n, first_block: a, last_block: b }) => n === Number(b) - Number(a) + 1)).toBe(true);
    expect(objects('histogram')).toHaveLength(12);
    const [first] = objects('trail');
    expect(first).toMatchObject({ steps: 0, address: value('SELECT address FROM accounts WHERE id = 1') });
    expect(objects('trail').length).toBeGreaterThan(1);
  });

  it('have charts where a lesson speaks of one', () => {
    expect(['intervals', 'smooth', 'growth', 'balance'].map((key) => chartOf(ask(key as QuestionKey))?.kind)).toEqual(
      Array(4).fill('lines'),
    );
    expect(chartOf(ask('histogram'))).toMatchObject({ kind: 'bars', names: ['blocks'], left: 0 });
  });
});
