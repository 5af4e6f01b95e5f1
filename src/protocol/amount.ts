import { TabchainError } from '../util/errors.ts';

/** One coin has 10^6 of the smallest units. */
const FRACTION_DIGITS = 6;

/** Total supply ever, in smallest units: every balance is exact in JavaScript and in SQL. */
export const MAX_SUPPLY = Number.MAX_SAFE_INTEGER;

/** Decimal coins without trailing zeros: 12500000 → "12.5". Negative amounts (changes) keep their sign. */
export function formatCoins(units: number): string {
  const sign = units < 0 ? '-' : '';
  const digits = String(Math.abs(units)).padStart(FRACTION_DIGITS + 1, '0');
  const whole = digits.slice(0, -FRACTION_DIGITS);
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, '');
  return sign + whole + (fraction ? '.' + fraction : '');
}

/** As Chinese and Japanese input methods type them, each with its one meaning. Nothing else is mapped: NFKC would read "5²" as 52. */
const FULL_WIDTH: Readonly<Record<string, string>> = { '，': ',', '．': '.', '。': '.', '｡': '.', '－': '-', '−': '-' };
/** What comes along with copied text and is not seen. Marks that turn the direction of digits around are not among it. */
const UNSEEN_ENDS = /^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$/g;

/**
 * Smallest units of a decimal amount of coins as a person or script gives it: the one reading of amounts, wherever they come in. Never goes
 * through binary fractions. A comma is a decimal point where it can be nothing else ("0,5"), and a separator of thousands where a point
 * follows it or it stands twice ("1,250.75"); what has two readings has none.
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

/** `text` with a point for its comma, or without commas, where they have one meaning. */
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
  // 1e-7 and the like: spelled out, so that it is refused as too precise rather than as unreadable.
  return /e/i.test(text) ? value.toFixed(20).replace(/0+$/, '') : text;
}
