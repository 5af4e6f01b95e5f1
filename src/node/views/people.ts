import type { PeopleOptions, PeopleOrder, PeoplePage, PersonInfo } from '../../api/api.ts';
import { argumentInvalid, limitArgument, optionsArgument, textArgument } from '../../api/arguments.ts';
import type { Chain } from '../../chain/chain.ts';
import { formatCoins } from '../../protocol/amount.ts';
import { placeOfKey } from '../../storage/sql/blocks.ts';
import { PeopleQueries } from '../../storage/sql/people.ts';
import { tidyHandle } from '../../util/typed-text.ts';
import type { LedgerContents } from '../ledger.ts';
import { precedes, Standings, type Place } from './standings.ts';

const ORDERS: readonly PeopleOrder[] = ['name', 'balance', 'blocks', 'payments', 'seen'];
/** What the standings call each order by a number. */
const STANDINGS = { balance: 'balance', blocks: 'mined', payments: 'payments' } as const;
/** How a list is sorted by time. */
interface SeenLimits {
  /** Of so few accounts, each is looked up. Of more, the chain is walked down. */
  readonly lookedUp: number;
  /** Transactions, and rewards, that one call walks down. */
  readonly walked: number;
}

const SEEN_LIMITS: SeenLimits = { lookedUp: 2_000, walked: 2_000 };
/** Walks of one call: some tens of milliseconds, if the newest blocks name few accounts. */
const MAX_WALKS = 10;
/** Below and above every character of a name. */
const [BELOW, ABOVE] = ['!', '~'];

/** One for each chain in use. */
const standings = new WeakMap<Chain, Standings>();

/** A page of a list, before its rows are read. */
interface Ids {
  readonly ids: readonly number[];
  readonly next: string | null;
}

/** @throws TabchainError `argument-invalid` */
export function peoplePage(
  { chain, store }: Pick<LedgerContents, 'chain' | 'store'>,
  given?: PeopleOptions,
  limits = SEEN_LIMITS,
): PeoplePage {
  const options = optionsArgument(given);
  const { order = 'name', after } = options;
  const limit = limitArgument(options.limit);
  if (!ORDERS.includes(order)) throw argumentInvalid('order', ORDERS.join(', '));
  const prefix = options.prefix === undefined ? '' : tidyHandle(textArgument(options.prefix, 'prefix'));
  const people = new People(chain, new PeopleQueries(store.sql), limits);
  const cursor = after === undefined ? null : textArgument(after, 'after');
  const { ids, next } = people.ids(prefix === '' ? order : 'name', prefix, cursor, limit);
  return { people: people.infos(ids), next, total: people.total };
}

class People {
  readonly #queries: PeopleQueries;
  readonly #standings: Standings;
  readonly #limits: SeenLimits;

  constructor(chain: Chain, queries: PeopleQueries, limits: SeenLimits) {
    this.#queries = queries;
    this.#limits = limits;
    this.#standings = standings.get(chain) ?? new Standings(chain, queries);
    standings.set(chain, this.#standings);
  }

  get total(): number {
    return this.#queries.count();
  }

  ids(order: PeopleOrder, prefix: string, cursor: string | null, limit: number): Ids {
    if (order === 'name') return this.#byName(prefix, cursor, limit);
    const after = cursor === null ? null : placeOf(cursor);
    if (order === 'seen') return this.total <= this.#limits.lookedUp ? this.#bySeen(after, limit) : this.#walked(after, limit);
    return page(this.#standings.top(STANDINGS[order], limit + 1, after), limit);
  }

  infos(ids: readonly number[]): PersonInfo[] {
    const rows = this.#queries.rows(ids);
    const heights = rows.flatMap(({ seen }) => (seen === null ? [] : placeOfKey(seen).height));
    const times = this.#queries.times([...new Set(heights)]);
    return rows.map(({ address, name, balance, mined, payments, seen }) => {
      const height = seen === null ? null : placeOfKey(seen).height;
      return {
        address,
        name,
        balance: formatCoins(balance),
        blocksMined: mined,
        payments,
        seen: height === null ? null : { height, time: times.get(height)! },
      };
    });
  }

  /** The cursor is the last name, or the last id of an account without a name. */
  #byName(prefix: string, cursor: string | null, limit: number): Ids {
    const unnamedAfter = /^#(\d{1,10})$/.exec(cursor ?? '')?.[1];
    if (unnamedAfter !== undefined && prefix === '') return this.#unnamed([], Number(unnamedAfter), limit);
    const from = cursor === null ? prefix : cursor + BELOW;
    const ids = this.#queries.named(from, prefix + ABOVE, limit + 1);
    if (ids.length > limit) return { ids: ids.slice(0, limit), next: this.#queries.nameOf(ids[limit - 1]!) };
    return prefix === '' ? this.#unnamed(ids, 0, limit) : { ids, next: null };
  }

  /** Fills a page with accounts without a name. */
  #unnamed(begun: readonly number[], after: number, limit: number): Ids {
    const ids = [...begun, ...this.#standings.unnamed(after, limit + 1 - begun.length)];
    const last = begun.length === limit ? after : ids[limit - 1];
    return { ids: ids.slice(0, limit), next: ids.length > limit ? `#${last}` : null };
  }

  #bySeen(after: Place | null, limit: number): Ids {
    const ids = Array.from({ length: this.total }, (_, index) => index + 1);
    const places = [...this.#queries.seenOf(ids)].map(([id, value]) => ({ id, value }));
    const later = places.filter((place) => !after || precedes(after, place)).sort((a, b) => b.value - a.value || a.id - b.id);
    return page(later, limit);
  }

  /** Walks down the chain. Each account is found at its newest transaction or reward. */
  #walked(after: Place | null, limit: number): Ids {
    const found: Place[] = [];
    let from = after?.value ?? Number.MAX_SAFE_INTEGER;
    for (let walks = 0; walks < MAX_WALKS; walks++) {
      const { steps, down } = this.#queries.walk(from, this.#limits.walked);
      const places = steps.flatMap(({ key, ids }) => [...ids].sort((a, b) => a - b).map((id) => ({ value: key, id })));
      const newest = this.#queries.seenOf([...new Set(places.map(({ id }) => id))]);
      found.push(...places.filter((place) => newest.get(place.id) === place.value && (!after || precedes(after, place))));
      if (found.length > limit || down === null) return page(found, limit);
      from = down - 1;
    }
    return { ids: found.map(({ id }) => id), next: cursorOf({ value: from, id: 0 }) };
  }
}

function page(places: readonly Place[], limit: number): Ids {
  const shown = places.slice(0, limit);
  return { ids: shown.map(({ id }) => id), next: places.length > limit ? cursorOf(shown.at(-1)!) : null };
}

const cursorOf = ({ value, id }: Place): string => `${value}.${id}`;

/** @throws TabchainError `argument-invalid` */
function placeOf(cursor: string): Place {
  const match = /^(-?\d{1,16})\.(\d{1,10})$/.exec(cursor);
  if (!match) throw argumentInvalid('after', '`next` of the page before');
  return { value: Number(match[1]), id: Number(match[2]) };
}
