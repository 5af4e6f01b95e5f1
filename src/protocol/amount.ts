import { TabchainError } from '../util/errors.ts';

/** One coin has 10^6 of the smallest units. */
const FRACTION_DIGITS = 6;

/** Upper bound of all coins ever, in smallest units: every balance is exact in JavaScript and in SQL. */
export const MAX_SUPPLY = Number.MAX_SAFE_INTEGER;

/** Decimal coins without trailing zeros: 12500000 → "12.5". Negative amounts (changes) keep their sign. */
export function formatCoins(units: number): string {
  const sign = units < 0 ? '-' : '';
  const digits = String(Math.abs(units)).padStart(FRACTION_DIGITS + 1, '0');
  const whole = digits.slice(0, -FRACTION_DIGITS);
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, '');
  return sign + whole + (fraction ? '.' + fraction : '');
}

/** Signs that Chinese and Japanese input methods type, with their meaning. No other sign is mapped: NFKC would read "5²" as 52. */
const FULL_WIDTH: Readonly<Record<string, string>> = { '，': ',', '．': '.', '。': '.', '｡': '.', '－': '-', '−': '-' };
/** Invisible characters around copied text. Characters that reverse the direction of digits are not included. */
const UNSEEN_ENDS = /^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$/g;

/**
 * Smallest units of a decimal amount of coins that a person or script gives. All inputs of amounts use this function. It does not use
 * binary fractions. A comma is a decimal point where it has no other meaning ("0,5"). It separates thousands where a point follows or
 * where there are several commas ("1,250.75"). A text with two readings is refused.
 * @throws TabchainError `amount-invalid` (no decimal number), `amount-ambiguous` ("1,234": `details` has both readings),
 *   `amount-too-precise` (more than six decimals), `amount-too-large`
 */
export function parseCoins(coins: string | number): number {
  const text = typeof coins === 'number' ? numberText(coins) : withPoint(plainDigits(coins));
  const match = /^(-?)(\d{1,20})(?:\.(\d{0,40}))?$|^(-?)\.(\d{1,40})$/.exec(text);
  if (!match) throw notAnAmount();
  const negative = (match[1] ?? match[4]) === '-';
  const fraction = (match[3] ?? match[5] ?? '').replace(/0+$/, '');
  if (fraction.length > FRACTION_DIGITS) {
    throw new TabchainError('amount-too-precise', `An amount has at most ${FRACTION_DIGITS} decimals.`, { decimals: FRACTION_DIGITS });
  }
  const units = BigInt((match[2] ?? '0') + fraction.padEnd(FRACTION_DIGITS, '0'));
  if (units > BigInt(MAX_SUPPLY)) throw new TabchainError('amount-too-large', 'There will never be that many coins.');
  return negative && units > 0n ? -Number(units) : Number(units);
}

function plainDigits(text: string): string {
  return text
    .replace(UNSEEN_ENDS, '')
    .replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - 0xff10))
    .replace(/[，．。｡－−]/g, (sign) => FULL_WIDTH[sign]!);
}

/** `text` with its comma replaced by a point, or with all commas removed. @throws TabchainError `amount-ambiguous`, `amount-invalid` */
function withPoint(text: string): string {
  if (!text.includes(',')) return text;
  if (/^-?[1-9]\d{0,2},\d{3}$/.test(text)) {
    const readings = { decimal: text.replace(',', '.'), whole: text.replace(',', '') };
    throw new TabchainError(
      'amount-ambiguous',
      `"${text}" can mean ${readings.decimal} or ${readings.whole}: write one of these.`,
      readings,
    );
  }
  if (/^-?\d{0,20},\d{1,40}$/.test(text)) return text.replace(',', '.');
  if (/^-?[1-9]\d{0,2}(,\d{3})+(\.\d{1,40})?$/.test(text)) return text.replaceAll(',', '');
  throw notAnAmount();
}

function notAnAmount(): TabchainError {
  return new TabchainError('amount-invalid', 'An amount is a plain decimal number such as 12.5, with nothing between its digits.');
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw notAnAmount();
  const text = String(value);
  // A number such as 1e-7 is written out, so that it is refused as too precise, not as unreadable.
  return /e/i.test(text) ? value.toFixed(20).replace(/0+$/, '') : text;
}
