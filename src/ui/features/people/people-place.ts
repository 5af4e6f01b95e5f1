import type { PeopleOptions, PeopleOrder, PeoplePage, TabchainApi } from '../../../api/api.ts';

export const ORDERS: readonly PeopleOrder[] = ['name', 'balance', 'blocks', 'payments', 'seen'];

/** What the address says about the list. */
export interface Shown {
  /** Beginning of the names. */
  q: string;
  order: PeopleOrder;
  /** Cursors of this page and of the pages before; empty on the first page. */
  pages: readonly string[];
}

export function shownOf(query: URLSearchParams): Shown {
  return {
    q: (query.get('q') ?? '').trim(),
    order: ORDERS.find((order) => order === query.get('by')) ?? 'name',
    pages: query.get('pages')?.split(' ').filter(Boolean) ?? [],
  };
}

/** Calls for one page. Where the newest blocks name few accounts, the node answers with parts of a page, or with empty parts. */
const MAX_CALLS = 50;

/** A page of the list, filled from several answers of the node where one answer has too few rows. */
export async function peopleAt(api: Pick<TabchainApi, 'people'>, options: PeopleOptions & { limit: number }): Promise<PeoplePage> {
  let page = await api.people(options);
  for (let calls = 1; page.next !== null && page.people.length < options.limit && calls < MAX_CALLS; calls++) {
    const more = await api.people({ ...options, after: page.next, limit: options.limit - page.people.length });
    // The chain may have changed between two answers.
    const known = new Set(page.people.map(({ address }) => address));
    page = { ...more, people: [...page.people, ...more.people.filter(({ address }) => !known.has(address))] };
  }
  return page;
}
