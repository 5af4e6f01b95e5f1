import { describe, expect, it } from 'vitest';
import type { HistoryEntry, HistoryOptions, TabchainApi } from '../../../src/api/api.ts';
import { historyPage, wholeHistory } from '../../../src/ui/features/history/history-pages.ts';

const TOTAL = 730;
const DIRECTIONS = ['in', 'out', 'out', 'mined', 'out', 'out', 'out'] as const;
const entries = Array.from(
  { length: TOTAL },
  (_, i) => ({ txid: String(i), direction: DIRECTIONS[i % 7], cursor: `c${i}` }) as HistoryEntry,
);

/** A node's history as the API describes it: cursors, limit, mined blocks on request. */
const api = {
  history: async ({ limit = 50, before, mined = false }: HistoryOptions = {}) => {
    const from = before === undefined ? 0 : entries.findIndex((entry) => entry.cursor === before) + 1;
    return entries
      .slice(from)
      .filter((entry) => mined || entry.direction !== 'mined')
      .slice(0, limit);
  },
} as unknown as TabchainApi;

describe('historyPage', () => {
  it.each(['all', 'in', 'out', 'mined'] as const)('pages of %s hold every entry once, in order', async (direction) => {
    const filter = { search: '', direction, mined: false };
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof historyPage>> = await historyPage(api, filter, before);
      expect(page.entries.length).toBeLessThanOrEqual(25);
      if (page.next !== null) expect(page.entries).toHaveLength(25);
      seen.push(...page.entries.map((entry) => entry.txid));
      before = page.next;
    } while (before !== null);
    const wanted = entries.filter((entry) => (direction === 'all' ? entry.direction !== 'mined' : entry.direction === direction));
    expect(seen).toEqual(wanted.map((entry) => entry.txid));
    expect((await wholeHistory(api, filter)).map((entry) => entry.txid)).toEqual(seen);
  });

  it('ends if nothing matches', async () => {
    expect(await historyPage(api, { search: '', direction: 'registration', mined: false }, null)).toEqual({ entries: [], next: null });
  });
});
