import type { ExperimentResult, QueryResult } from '../../../api/api.ts';
import { groupCoins } from '../../kit/format.ts';

/** A payment in the chain whose amount the tamper lab alters. */
export interface OldPayment {
  readonly txid: string;
  readonly height: number;
  /** Decimal coins. */
  readonly coins: string;
  readonly from: string;
  readonly to: string;
}

/** The newest payments of everybody, because a student may not have paid yet. */
export const LATEST_PAYMENTS = `SELECT txid, height, coins, coalesce(sender_name, sender_address), coalesce(recipient_name, recipient_address)
FROM transfers ORDER BY id DESC LIMIT 20`;

/** The rows of {@link LATEST_PAYMENTS}. */
export function paymentsIn(rows: QueryResult['rows']): OldPayment[] {
  return rows.map(([txid, height, coins, from, to]) => ({
    txid: String(txid),
    height: Number(height),
    coins: String(coins),
    from: String(from),
    to: String(to),
  }));
}

/** Whether at least one peer has refused an offer, and none has found it valid. */
export function isRefused({ answers }: Pick<ExperimentResult, 'answers'>): boolean {
  return answers.length > 0 && answers.every(({ code }) => code !== null);
}

/** The codes of the answers, each once with its number: "balance-insufficient × 2". */
export function codesOf({ answers }: Pick<ExperimentResult, 'answers'>): string {
  const codes = answers.flatMap(({ code }) => code ?? []);
  return [...new Set(codes)].map((code) => `${code} × ${codes.filter((each) => each === code).length}`).join(', ');
}

/** A typed amount with digit groups; the text itself where it is no plain number. */
export function grouped(typed: string): string {
  return /^\d+(\.\d+)?$/.test(typed) ? groupCoins(typed) : typed;
}
