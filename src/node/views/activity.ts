import type { AccountActivity, Counterparty } from '../../api/api.ts';
import { formatCoins } from '../../protocol/amount.ts';
import { ActivityQueries, type MovementRow } from '../../storage/sql/activity.ts';
import { placeOfKey } from '../../storage/sql/blocks.ts';
import type { AccountRow } from '../../storage/sql/queries.ts';
import type { LedgerContents } from '../ledger.ts';

/** Entries of a history that one answer reads: some milliseconds. */
const MAX_ENTRIES = 1_000;
/** More points than a chart has pixels to tell apart on a phone. */
const MAX_POINTS = 200;
const MAX_COUNTERPARTIES = 20;

/** What the newest entries of an account's history add up to; null for an unknown account. */
export function accountActivity({ store }: LedgerContents, account: AccountRow | null): AccountActivity | null {
  if (!account) return null;
  const { address, balance } = account;
  const queries = new ActivityQueries(store.sql);
  const found = queries.movements(address, MAX_ENTRIES + 1);
  const movements = found.slice(0, MAX_ENTRIES);
  return {
    address,
    entries: movements.length,
    complete: found.length <= MAX_ENTRIES,
    balances: balancesOf(movements, balance, queries),
    ...counterpartiesOf(movements, queries),
  };
}

/** Counts back from the present balance, so the curve needs no older entries. */
function balancesOf(movements: readonly MovementRow[], present: number, queries: ActivityQueries): AccountActivity['balances'] {
  const points: { key: number; units: number }[] = [];
  let units = present;
  for (const { key, change } of movements) {
    const last = points.at(-1);
    // One point for each block: the balance after the block's last entry.
    if (!last || placeOfKey(last.key).height > placeOfKey(key).height) points.push({ key, units });
    units -= change;
  }
  const shown = thinned(points.reverse(), MAX_POINTS - 1);
  const first = points[0];
  const times = queries.times([...shown, ...(first ? [first] : [])].map(({ key }) => key));
  const before = first && { key: first.key, units };
  return [...(before ? [before] : []), ...shown].map(({ key, units: each }) => {
    const { height } = placeOfKey(key);
    return { height, time: times.get(height)!, balance: formatCoins(each) };
  });
}

/** At most `most` of the points, evenly chosen, with the last. */
function thinned<T>(points: readonly T[], most: number): T[] {
  const count = Math.min(most, points.length);
  return Array.from({ length: count }, (_, index) => points[Math.floor(((index + 1) * points.length) / count) - 1]!);
}

function counterpartiesOf(
  movements: readonly MovementRow[],
  queries: ActivityQueries,
): Pick<AccountActivity, 'counterparties' | 'otherCounterparties'> {
  const sums = new Map<number, { paid: number; received: number; transfers: number; last: number }>();
  for (const { key, change, other, amount } of movements) {
    if (other === null) continue;
    const sum = sums.get(other) ?? { paid: 0, received: 0, transfers: 0, last: key };
    sum[change < 0 ? 'paid' : 'received'] += amount;
    sum.transfers++;
    sums.set(other, sum);
  }
  const most = [...sums]
    .sort(([, a], [, b]) => b.paid + b.received - (a.paid + a.received) || b.last - a.last)
    .slice(0, MAX_COUNTERPARTIES);
  const parties = queries.parties(most.map(([id]) => id));
  const times = queries.times(most.map(([, { last }]) => last));
  const counterparties = most.map(([id, { paid, received, transfers, last }]): Counterparty => {
    const { height } = placeOfKey(last);
    return {
      party: parties.get(id)!,
      paid: formatCoins(paid),
      received: formatCoins(received),
      transfers,
      last: { height, time: times.get(height)! },
    };
  });
  return { counterparties, otherCounterparties: sums.size - counterparties.length };
}
