import { TabchainError } from '../util/errors.ts';

/** Smallest units in one coin. */
export const UNITS_PER_COIN = 1_000_000;
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

/**
 * Smallest units of a decimal amount of coins as a person or script gives it. Never goes through binary fractions.
 * @throws TabchainError `amount-invalid` (not a plain decimal number), `amount-too-precise` (more than six decimals), `amount-too-large`
 */
export function parseCoins(coins: string | number): number {
  const text = typeof coins === 'number' ? numberText(coins) : coins.trim();
  const match = /^(-?)(\d{1,20})(?:\.(\d{0,40}))?$|^(-?)\.(\d{1,40})$/.exec(text);
  if (!match) throw new TabchainError('amount-invalid', 'An amount is a plain decimal number such as 12.5.');
  const negative = (match[1] ?? match[4]) === '-';
  const fraction = (match[3] ?? match[5] ?? '').replace(/0+$/, '');
  if (fraction.length > FRACTION_DIGITS) {
    throw new TabchainError('amount-too-precise', `An amount has at most ${FRACTION_DIGITS} decimals.`, { decimals: FRACTION_DIGITS });
  }
  const units = BigInt((match[2] ?? '0') + fraction.padEnd(FRACTION_DIGITS, '0'));
  if (units > BigInt(MAX_SUPPLY)) throw new TabchainError('amount-too-large', 'There will never be that many coins.');
  return negative && units > 0n ? -Number(units) : Number(units);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TabchainError('amount-invalid', 'An amount is a plain decimal number such as 12.5.');
  const text = String(value);
  // 1e-7 and the like: spelled out, so that it is refused as too precise rather than as unreadable.
  return /e/i.test(text) ? value.toFixed(20).replace(/0+$/, '') : text;
}
