import type { HistoryEntry, TabchainApi } from '../../../api/api.ts';

export type DirectionFilter = 'all' | 'in' | 'out' | 'registration' | 'mined';

export interface HistoryFilter {
  search: string;
  direction: DirectionFilter;
  mined: boolean;
}

export interface HistoryPage {
  entries: HistoryEntry[];
  /** Cursor for the next page, null at the end. */
  next: string | null;
}

/** Entries on one screen. */
const PAGE_ENTRIES = 25;
const FETCH_ENTRIES = 100;
/** A filter that matches nothing must not read the whole chain in one call. */
const MAX_FETCHES = 20;
/** Most rows of one CSV file; spreadsheets open this many without trouble. */
export const CSV_MAX_ROWS = 50_000;

function matches(entry: HistoryEntry, direction: DirectionFilter): boolean {
  if (direction === 'all') return true;
  return entry.direction === direction || (entry.direction === 'self' && (direction === 'in' || direction === 'out'));
}

/**
 * One page of own history after the cursor `before` (null: from the newest entry). The node searches; this function filters by
 * direction, so a page may take several fetches.
 */
export async function historyPage(
  api: TabchainApi,
  filter: HistoryFilter,
  before: string | null,
  pageEntries = PAGE_ENTRIES,
): Promise<HistoryPage> {
  const entries: HistoryEntry[] = [];
  let cursor = before;
  for (let fetches = 0; fetches < MAX_FETCHES; fetches++) {
    const batch = await api.history({
      limit: FETCH_ENTRIES,
      mined: filter.mined || filter.direction === 'mined',
      ...(filter.search === '' ? {} : { search: filter.search }),
      ...(cursor === null ? {} : { before: cursor }),
    });
    for (const entry of batch) {
      if (entries.length === pageEntries) return { entries, next: cursor };
      if (matches(entry, filter.direction)) entries.push(entry);
      cursor = entry.cursor;
    }
    if (batch.length < FETCH_ENTRIES) return { entries, next: null };
  }
  return { entries, next: cursor };
}

/** All entries that the filter lets through, newest first, at most {@link CSV_MAX_ROWS}. */
export async function wholeHistory(api: TabchainApi, filter: HistoryFilter): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let before: string | null = null;
  do {
    const page: HistoryPage = await historyPage(api, filter, before, FETCH_ENTRIES);
    entries.push(...page.entries);
    before = page.next;
  } while (before !== null && entries.length < CSV_MAX_ROWS);
  return entries;
}
