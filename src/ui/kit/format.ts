import { infoOf, type Language } from '../i18n/languages.ts';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** The exact coin amount with digit groups and a minus sign (U+2212): "-1250.75" → "−1,250.75". */
export function groupCoins(coins: string): string {
  const match = /^([+-]?)(\d+)(\.\d+)?$/.exec(coins);
  if (match === null) return coins;
  const [, sign = '', whole = '', fraction = ''] = match;
  return (sign === '-' ? '−' : sign) + whole.replace(/\B(?=(\d{3})+$)/g, ',') + fraction;
}

/** An id or address without its middle: "tab1q9x…7f3k". */
export function shorten(text: string, head = 8, tail = 4): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}

/** Length in UTF-8 bytes, as the protocol counts a memo. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** `value` in three significant digits with an SI prefix: 1234567 → "1.23" and "M". */
export function scaled(value: number): { value: string; prefix: string } {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
  let rest = value;
  let step = 0;
  while (rest >= 999.5 && step < prefixes.length - 1) {
    rest /= 1000;
    step++;
  }
  const digits = step === 0 ? (rest < 10 && !Number.isInteger(rest) ? 1 : 0) : rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0;
  return { value: rest.toFixed(digits), prefix: prefixes[step]! };
}

function inBytes(n: number): string {
  const { value, prefix } = scaled(n);
  return `${value} ${prefix}`;
}

/** Formats that depend on the language. All times are Unix milliseconds. */
export interface Formats {
  integer(n: number): string;
  /** Three significant digits. */
  decimal(n: number): string;
  /** A part of 1 as percent, with three significant digits. */
  percent(part: number): string;
  coins(coins: string): string;
  hashrate(hashesPerSecond: number): { value: string; unit: string };
  /** A count, given as a decimal string because it may exceed 2^53, in three digits. */
  bigCount(decimal: string): string;
  bytes(n: number): string;
  byteRate(bytesPerSecond: number): string;
  /** Rounded to its largest sensible unit. */
  duration(seconds: number): string;
  ago(timeMs: number, nowMs: number): string;
  dateTime(timeMs: number): string;
}

/** The largest unit in which `seconds` is at least one. */
function unitOf(seconds: number): { count: number; unit: 'second' | 'minute' | 'hour' | 'day' } {
  const s = Math.round(seconds);
  if (s < MINUTE_SECONDS) return { count: s, unit: 'second' };
  if (s < HOUR_SECONDS) return { count: Math.round(s / MINUTE_SECONDS), unit: 'minute' };
  if (s < DAY_SECONDS) return { count: Math.round(s / HOUR_SECONDS), unit: 'hour' };
  return { count: Math.round(s / DAY_SECONDS), unit: 'day' };
}

/** The formats of `language`. Creating them is slow, so create them once. */
export function createFormats(language: Language): Formats {
  const { locale, relativeTimes } = infoOf(language);
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const decimal = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumSignificantDigits: 3 });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: relativeTimes });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const units = new Map(
    (['second', 'minute', 'hour', 'day'] as const).map((unit) => [
      unit,
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }),
    ]),
  );
  return {
    integer: (n) => integer.format(n),
    decimal: (n) => decimal.format(n),
    percent: (part) => percent.format(part),
    coins: groupCoins,
    hashrate: (rate) => {
      const { value, prefix } = scaled(rate);
      return { value, unit: `${prefix}H/s` };
    },
    bigCount: (decimal) => {
      const { value, prefix } = scaled(Number(decimal));
      return prefix === '' ? value : `${value} ${prefix}`;
    },
    bytes: (n) => `${inBytes(n)}B`,
    byteRate: (rate) => `${inBytes(Math.round(rate))}B/s`,
    duration: (seconds) => {
      const { count, unit } = unitOf(Math.max(1, seconds));
      return units.get(unit)!.format(count);
    },
    ago: (timeMs, nowMs) => {
      const { count, unit } = unitOf(Math.max(0, (nowMs - timeMs) / 1000));
      return relative.format(-count, unit);
    },
    dateTime: (timeMs) => dateTime.format(timeMs),
  };
}
