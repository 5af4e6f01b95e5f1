import type { Chain, ChainChange } from '../../chain/chain.ts';
import { addressText, type Address } from '../../crypto/address.ts';
import { recipientOf, senderOf } from '../../protocol/transaction.ts';
import type { PeopleQueries, StandingRow } from '../../storage/sql/people.ts';

/** After so many changed accounts that nobody asked about, reading all accounts again is cheaper than keeping the list of changes. */
const MAX_CHANGED = 20_000;
/** Accounts for which memory is taken at once. */
const ROOM = 1_024;

/** A place in a list, largest value first, then lowest id first. */
export interface Place {
  readonly value: number;
  readonly id: number;
}

/** Whether `a` comes before `b`. */
export function precedes(a: Place, b: Place): boolean {
  return a.value > b.value || (a.value === b.value && a.id < b.id);
}

/**
 * Balances, counts of mined blocks and counts of payments of all accounts, in memory: 25 bytes each. An index of the database would change with every block of
 * every import, so that one page can be sorted. This reads the accounts once, when that page first asks, and then only those that blocks
 * have changed.
 */
export class Standings {
  readonly #chain: Pick<Chain, 'subscribe'>;
  readonly #queries: PeopleQueries;
  readonly #maxChanged: number;
  #balances = new Float64Array(0);
  #mined = new Float64Array(0);
  #payments = new Float64Array(0);
  #named = new Uint8Array(0);
  #count = 0;
  /** Accounts that changed since they were last read. */
  readonly #changed = new Set<Address>();
  /** Null while nothing is in memory. */
  #unsubscribe: (() => void) | null = null;

  constructor(chain: Pick<Chain, 'subscribe'>, queries: PeopleQueries, maxChanged = MAX_CHANGED) {
    this.#chain = chain;
    this.#queries = queries;
    this.#maxChanged = maxChanged;
  }

  /** The first `limit` accounts after `after`: those with the largest balances, the most blocks, or the most payments. */
  top(by: 'balance' | 'mined' | 'payments', limit: number, after: Place | null): Place[] {
    this.#refresh();
    const values = { balance: this.#balances, mined: this.#mined, payments: this.#payments }[by];
    const best: Place[] = [];
    for (let id = 1; id <= this.#count; id++) {
      const place = { value: values[id]!, id };
      if (after && !precedes(after, place)) continue;
      if (best.length === limit && !precedes(place, best[limit - 1]!)) continue;
      let at = best.length;
      while (at > 0 && precedes(place, best[at - 1]!)) at--;
      best.splice(at, 0, place);
      if (best.length > limit) best.pop();
    }
    return best;
  }

  /** The first `limit` accounts without a name after an id. */
  unnamed(after: number, limit: number): number[] {
    this.#refresh();
    const ids: number[] = [];
    for (let id = after + 1; id <= this.#count && ids.length < limit; id++) if (!this.#named[id]) ids.push(id);
    return ids;
  }

  #refresh(): void {
    if (this.#unsubscribe === null) {
      this.#unsubscribe = this.#chain.subscribe((change) => this.#note(change));
      this.#count = this.#queries.count();
      this.#queries.standings((row) => this.#set(row));
    } else if (this.#changed.size > 0) {
      // A rollback removes the newest accounts, and the next new accounts get their ids.
      this.#count = this.#queries.count();
      for (const row of this.#queries.standingsOf([...this.#changed].map(addressText))) this.#set(row);
    }
    this.#changed.clear();
  }

  #set({ id, balance, mined, payments, named }: StandingRow): void {
    if (id >= this.#balances.length) this.#grow(Math.max(id + ROOM, Math.ceil(id * 1.25)));
    this.#balances[id] = balance;
    this.#mined[id] = mined;
    this.#payments[id] = payments;
    this.#named[id] = Number(named);
  }

  #grow(size: number): void {
    const [balances, mined, payments, named] = [this.#balances, this.#mined, this.#payments, this.#named];
    (this.#balances = new Float64Array(size)).set(balances);
    (this.#mined = new Float64Array(size)).set(mined);
    (this.#payments = new Float64Array(size)).set(payments);
    (this.#named = new Uint8Array(size)).set(named);
  }

  #note({ connected, disconnected }: ChainChange): void {
    for (const { header, transactions } of [...connected, ...disconnected]) {
      this.#changed.add(header.miner);
      for (const { transaction } of transactions) {
        this.#changed.add(senderOf(transaction));
        const recipient = recipientOf(transaction);
        if (recipient !== null) this.#changed.add(recipient);
      }
    }
    if (this.#changed.size > this.#maxChanged) this.#forget();
  }

  #forget(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#changed.clear();
    [this.#balances, this.#mined, this.#payments] = [new Float64Array(0), new Float64Array(0), new Float64Array(0)];
    this.#named = new Uint8Array(0);
  }
}
