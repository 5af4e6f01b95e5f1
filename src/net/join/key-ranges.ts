/**
 * Ranges of accounts' keys, for fetching a snapshot over several peers at once. Keys are texts of 64 hexadecimal digits, which sort like
 * their bytes.
 */
export interface KeyRange {
  /** The accounts of the range up to this key are here. The next request begins here. */
  readonly after: string;
  /** The last key of the range. */
  readonly end: string;
}

const DIGITS = 64;
/** Every account's key lies above: no one can find an address with the hash 0. */
const LOWEST_KEY = '0'.repeat(DIGITS);
const HIGHEST_KEY = 'f'.repeat(DIGITS);

export const ALL_KEYS: KeyRange = { after: LOWEST_KEY, end: HIGHEST_KEY };

/** Most ranges: more peers than a tab has links need no more. */
export const MAX_RANGES = 16;

/** Neighbouring ranges of equal length. Accounts' keys are hashes, so the ranges hold about as many accounts each. */
export function splitRange({ after, end }: KeyRange, count = MAX_RANGES): KeyRange[] {
  const [low, high] = [BigInt(`0x${after}`), BigInt(`0x${end}`)];
  const step = (high - low) / BigInt(count);
  if (step === 0n) return [{ after, end }];
  const starts = Array.from({ length: count }, (_, index) => keyText(low + BigInt(index) * step));
  return starts.map((start, index) => ({ after: start, end: starts[index + 1] ?? end }));
}

function keyText(key: bigint): string {
  return key.toString(16).padStart(DIGITS, '0');
}

/** The part of all keys that lies in these ranges, 0 to 1. */
export function shareOfKeys(ranges: readonly KeyRange[]): number {
  // 13 digits are 52 bits, which a number holds exactly.
  const place = (key: string): number => Number.parseInt(key.slice(0, 13), 16) / 16 ** 13;
  return ranges.reduce((sum, { after, end }) => sum + place(end) - place(after), 0);
}

/** What is left of a begun recent chain. */
export interface JoinProgress {
  /** Proven cumulative work of the tip above the base. */
  readonly work: bigint;
  /** The ranges that are not complete, ascending. */
  readonly ranges: readonly KeyRange[];
}

/** Longer texts are not from this program: each range takes 136 characters. */
const MAX_PROGRESS_LENGTH = 4_096;

export function progressText({ work, ranges }: JoinProgress): string {
  return JSON.stringify({ work: String(work), ranges: ranges.map(({ after, end }) => [after, end]) });
}

/** The inverse of {@link progressText}; null for any other text, because other programs can write to the disk, too. */
export function parseProgress(text: string): JoinProgress | null {
  if (text.length > MAX_PROGRESS_LENGTH) return null;
  let fields: { work?: unknown; ranges?: unknown } | null;
  try {
    fields = JSON.parse(text) as typeof fields;
  } catch {
    return null;
  }
  const { work, ranges } = fields ?? {};
  if (typeof work !== 'string' || !/^\d{1,78}$/.test(work) || !Array.isArray(ranges) || ranges.length > MAX_RANGES) return null;
  const read = ranges.map((range: unknown): KeyRange => {
    const [after, end] = Array.isArray(range) ? (range as unknown[]).map(String) : [];
    return { after: after ?? '', end: end ?? '' };
  });
  const isSound = read.every(({ after, end }, index) => isKey(after) && isKey(end) && after < end && (read[index - 1]?.end ?? '') <= after);
  return isSound ? { work: BigInt(work), ranges: read } : null;
}

function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
