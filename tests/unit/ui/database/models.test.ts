import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellPath } from '../../../../src/ui/features/database/cell-links.ts';
import { explained, isPlan, planOf, readsOf } from '../../../../src/ui/features/database/plan.ts';
import { chartOf } from '../../../../src/ui/features/database/result-chart.ts';
import { toJson, widthsOf, windowOf } from '../../../../src/ui/features/database/rows.ts';
import {
  MAX_CHARACTERS,
  MAX_HISTORY,
  MAX_NAME,
  MAX_SAVED,
  readHistory,
  readSaved,
  remembered,
  saved,
  type SavedQuery,
} from '../../../../src/ui/features/database/shelf.ts';
import { isQuoted } from '../../../../src/ui/features/database/sql.ts';

const table = (columns: string[], ...rows: (string | number | null)[][]) => ({ columns, rows });

describe('a plan', () => {
  const rows = [
    [2, 0, 0, 'CO-ROUTINE ranked'],
    [5, 2, 0, 'SCAN blocks'],
    [9, 2, 0, 'USE TEMP B-TREE FOR ORDER BY'],
    [20, 0, 0, 'SEARCH a USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN'],
    [30, 0, 0, 'CORRELATED SCALAR SUBQUERY 3'],
    [33, 30, 0, 'SEARCH t USING COVERING INDEX transactions_by_sender (sender=?)'],
    [40, 0, 0, 'SCAN x USING INDEX "odd name"'],
    [50, 0, 0, 'SEARCH g USING AUTOMATIC COVERING INDEX (ms>?)'],
    [60, 0, 0, 'A step of another version'],
  ] as [number, number, number, string][];

  it('is a tree with the kind, subject and index of each step', () => {
    const plan = planOf(rows);
    expect(plan.map(({ kind, subject, index }) => [kind, subject, index])).toEqual([
      ['subquery', 'ranked', ''],
      ['key', 'a', ''],
      ['repeated', '', ''],
      ['scan-index', 'x', '"odd'],
      ['auto', 'g', ''],
      ['other', '', ''],
    ]);
    expect(plan[0]!.children.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['scan', 'blocks'],
      ['sort', 'ORDER BY'],
    ]);
    expect(plan[2]!.children[0]).toMatchObject({ kind: 'search', subject: 't', index: 'transactions_by_sender' });
    expect(readsOf(plan)).toEqual({ scans: 2, searches: 3 });
  });

  it('of any rows is a bounded tree', () => {
    const row = fc.tuple(fc.nat(40), fc.nat(40), fc.constant(0), fc.string());
    fc.assert(
      fc.property(fc.array(row, { maxLength: 400 }), (given) => {
        const depthOf = (steps: ReturnType<typeof planOf>): number => Math.max(0, ...steps.map(({ children }) => 1 + depthOf(children)));
        const countOf = (steps: ReturnType<typeof planOf>): number => steps.reduce((sum, { children }) => sum + 1 + countOf(children), 0);
        const plan = planOf(given);
        expect(depthOf(plan)).toBeLessThanOrEqual(31);
        expect(countOf(plan)).toBe(Math.min(300, given.length));
      }),
    );
    const chain = Array.from({ length: 200 }, (_, i) => [i + 1, i, 0, 'SCAN a'] as [number, number, number, string]);
    expect(readsOf(planOf(chain)).scans).toBe(200);
  });

  it('is asked for once', () => {
    expect(explained('SELECT 1')).toBe('EXPLAIN QUERY PLAN\nSELECT 1');
    expect(explained('  explain query plan SELECT 1')).toBe('  explain query plan SELECT 1');
    expect([isPlan({ columns: ['id', 'parent', 'notused', 'detail'] }), isPlan({ columns: ['id'] })]).toEqual([true, false]);
  });
});

describe('a chart', () => {
  it('has curves over different numbers, in their order', () => {
    expect(
      chartOf(
        table(['height', 'seconds', 'who', 'size'], [4, 1, 'a', 9], [2, null, 'b', 9], [3, -2.5, 'c', 8], [1, 3, 'd', 7], [9, 1, 'e', 1]),
      ),
    ).toEqual({
      kind: 'lines',
      names: ['seconds', 'size'],
      isTime: false,
      points: [
        { x: 1, values: [3, 7] },
        { x: 3, values: [-2.5, 8] },
        { x: 4, values: [1, 9] },
        { x: 9, values: [1, 1] },
      ],
    });
  });

  it('reads dates as times in UTC', () => {
    const hours = ['2026-01-01 05:00', '2026-01-01 03:00', '2026-01-01 04:00:30', '2026-01-02'].map((hour, i) => [hour, i]);
    expect(chartOf(table(['hour', 'blocks'], ...hours))).toMatchObject({
      isTime: true,
      points: [{ x: Date.UTC(2026, 0, 1, 3), values: [1] }, {}, {}, {}],
    });
  });

  it('has bars over names, repeated numbers and few rows', () => {
    expect(chartOf(table(['name', 'coins'], ['alex', 3], [null, 1]))).toEqual({
      kind: 'bars',
      names: ['coins'],
      bars: [
        { label: 'alex', values: [3] },
        { label: 'NULL', values: [1] },
      ],
      left: 0,
    });
    expect(chartOf(table(['n', 'm'], [1, 1], [1, 2], [2, 3], [3, 4]))?.kind).toBe('bars');
    expect(chartOf(table(['n', 'm'], ...Array.from({ length: 50 }, (_, i) => [`${i}`, i])))).toMatchObject({ left: 10 });
  });

  it('is missing without numbers beside the first column', () => {
    expect([table(['a'], [1]), table(['a', 'b'], [1, 'x']), table(['a', 'b'], [1, null]), table(['a', 'b'])].map(chartOf)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('a long table', () => {
  it('draws what is on screen, whatever is scrolled', () => {
    const px = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(px, fc.nat(2_000), fc.nat(10_000), fc.integer({ min: 1, max: 200 }), (scroll, view, rows, columns) => {
        const { from, to } = windowOf(scroll, view, 33, rows, columns);
        expect([from >= 0, to <= rows, to - from <= Math.ceil(view / 33) + 42]).toEqual([true, true, true]);
        const [top, bottom] = [Math.floor(scroll / 33), Math.ceil((scroll + view) / 33)];
        for (const row of [top, bottom - 1]) if (row >= 0 && row < rows && bottom > top) expect(from <= row && row < to).toBe(true);
      }),
    );
    expect(windowOf(-50, 330, 33, 1_000, 4)).toEqual({ from: 0, to: 30 });
    expect(windowOf(33 * 500, 330, 33, 1_000, 200)).toEqual({ from: 496, to: 514 });
  });

  it('gives each column a fixed width, by its name and its first rows', () => {
    expect(widthsOf(table(['id', 'a longer name', '備註'], ['x'.repeat(500), 1, '四個中文字在此'], ['', 1, '']))).toEqual([34, 13, 14]);
  });

  it('is saved as JSON that reads back, with a name for each column', () => {
    const json = toJson(table(['a', 'a', '__proto__', 'a_2'], [1, 'x"\n', null, 0.5]));
    expect(Object.entries((JSON.parse(json) as object[])[0]!)).toEqual([
      ['a', 1],
      ['a_2', 'x"\n'],
      ['__proto__', null],
      ['a_2_2', 0.5],
    ]);
    expect(JSON.parse(toJson(table(['a'])))).toEqual([]);
  });
});

describe('a cell', () => {
  const hex = 'ab'.repeat(32);
  const address = `tab1${'q'.repeat(38)}`;
  it.each([
    ['height', 12, '/blocks/12'],
    ['last_block', 0, '/blocks/0'],
    ['anything', address, `/account/${address}`],
    ['txid', hex, `/tx/${hex}`],
    ['id', hex, `/blocks/${hex}`],
    ['sender_name', 'alex', '/account/alex'],
    ['height', -1, null],
    ['height', 1.5, null],
    ['coins', 12, null],
    ['state_root', hex, null],
    ['name', 'javascript:alert(1)', null],
    ['name', '../settings', null],
    ['name', null, null],
    ['id', 7, null],
  ])('%s %s leads to %s', (column, value, path) => {
    expect(cellPath(column, value)).toBe(path);
  });
});

describe('the queries that a device keeps', () => {
  it('are the newest, each once, and bounded', () => {
    expect(remembered(['b', 'a'], 'a')).toEqual(['a', 'b']);
    const text = fc.string({ minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 120 }), text, (given, sql) => {
        const history = given.reduce<string[]>(remembered, []);
        const next = remembered(history, sql);
        expect([next[0], next.length <= MAX_HISTORY, new Set(next).size]).toEqual([sql, true, next.length]);
        expect(readHistory({ history: next })).toEqual(next);
      }),
    );
    expect(remembered(['a'.repeat(MAX_CHARACTERS)], 'b')).toEqual(['b']);
    expect(remembered(['a'], 'b'.repeat(MAX_CHARACTERS + 1))).toEqual([]);
  });

  it('have names, and one of the same name is replaced', () => {
    const one = saved([], '  Rich  ', 'SELECT 1') as SavedQuery[];
    expect(one).toEqual([{ name: 'Rich', sql: 'SELECT 1' }]);
    expect(saved(one, 'Rich', 'SELECT 2')).toEqual([{ name: 'Rich', sql: 'SELECT 2' }]);
    expect(saved(one, 'n'.repeat(500), 'SELECT 2')).toMatchObject([{ name: 'n'.repeat(MAX_NAME) }, {}]);
    expect([saved(one, ' ', 'SELECT 1'), saved(one, 'x', ' ')]).toEqual(['empty', 'empty']);
    expect(saved(one, 'x', 's'.repeat(MAX_CHARACTERS + 1))).toBe('long');
    expect(saved(one, 'x', 's'.repeat(MAX_CHARACTERS))).toBe('full');
    const many = Array.from({ length: MAX_SAVED }, (_, i) => ({ name: `${i}`, sql: 'x' }));
    expect(saved(many, 'more', 'x')).toBe('full');
    expect(readSaved({ saved: many })).toEqual(many);
  });

  it.each([null, 5, 'text', [null, 1, {}, { name: 1, sql: 'x' }, { name: 'x' }], { length: 3 }, [['a']]].map((stored) => [stored]))(
    'are none in a record that holds %j',
    (stored) => {
      expect([readHistory({ history: stored }).length, readSaved({ saved: stored })]).toEqual([0, []]);
    },
  );
});

it('a position is quoted inside texts, names and comments, also in those without an end', () => {
  const sql = `SELECT 'a''b', "c" -- d\nFROM e /* f */ WHERE g = 'h`;
  const inside = ['a', 'b', 'c', 'd', 'f', 'h'];
  for (const letter of 'abcdefgh') expect(isQuoted(sql, sql.lastIndexOf(letter)), letter).toBe(inside.includes(letter));
  expect([isQuoted(sql, 0), isQuoted(sql, sql.length), isQuoted("SELECT 'a'", 10), isQuoted('-- x', 4)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
