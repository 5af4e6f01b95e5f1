import { formatCoins, parseCoins } from '../protocol/amount.ts';
import { isMemoText, MAX_MEMO_BYTES } from '../protocol/memo.ts';
import { utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/**
 * An amount that a request asks for, in the form that every device reads alike; empty for none.
 * @throws TabchainError `amount-…`
 */
export function requestedAmount(text: string): string {
  if (text.trim() === '') return '';
  const units = parseCoins(text);
  if (units > 0) return formatCoins(units);
  throw new TabchainError('amount-not-positive', 'The amount must be more than zero.');
}

/** The memo of a request; empty for none. @throws TabchainError `memo-too-long`, `memo-invalid` */
export function requestedMemo(text: string): string {
  const memo = text.trim();
  if (utf8(memo).length > MAX_MEMO_BYTES) {
    throw new TabchainError('memo-too-long', `A memo has at most ${MAX_MEMO_BYTES} bytes of UTF-8.`, { maximum: MAX_MEMO_BYTES });
  }
  if (!isMemoText(memo)) throw new TabchainError('memo-invalid', 'A memo may not hold control or text direction characters.');
  return memo;
}
