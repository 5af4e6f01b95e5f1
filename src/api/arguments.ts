import { TabchainError } from '../util/errors.ts';

/** Checks of arguments, because consoles and scripts may pass any value. All functions here throw TabchainError `argument-invalid`. */

const DEFAULT_LIMIT = 50;
/** Entries of one page of a list; more than a user reads at once. */
const MAX_LIMIT = 500;
/** Length of an escaped payment link with a memo; ids and names are shorter. */
const MAX_TEXT = 1_000;

export function argumentInvalid(field: string, expected: string): TabchainError {
  return new TabchainError('argument-invalid', `The argument "${field}" must be ${expected}.`, { field });
}

export function optionsArgument<T extends object>(value: T | undefined): T | Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null) throw argumentInvalid('options', 'an object such as { limit: 10 }');
  return value;
}

/** The fields of an object whose form the caller checks field by field; nothing has no fields. */
export function fieldsArgument(value: unknown): Readonly<Record<string, unknown>> {
  return optionsArgument((value ?? undefined) as Record<string, unknown> | undefined) as Record<string, unknown>;
}

export function textArgument(value: unknown, field: string): string {
  if (typeof value !== 'string' || value.length > MAX_TEXT) throw argumentInvalid(field, `a text of at most ${MAX_TEXT} characters`);
  return value;
}

export function integerArgument(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw argumentInvalid(field, 'a whole number');
  return value as number;
}

export function limitArgument(limit: unknown): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  const number = integerArgument(limit, 'limit');
  if (number < 1 || number > MAX_LIMIT) throw argumentInvalid('limit', `from 1 to ${MAX_LIMIT}`);
  return number;
}

export function cursorArgument(before: unknown): number {
  if (typeof before !== 'string' || !/^\d{1,15}$/.test(before)) throw argumentInvalid('before', 'the cursor of an entry');
  return Number(before);
}

/** A height given as number or decimal text; null for anything else. */
export function heightOf(value: unknown): number | null {
  if (typeof value === 'number') return integerArgument(value, 'height');
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : null;
}
