import type { ErrorCode } from '../../../src/util/error-codes.ts';
import type { Prng } from '../../sim/engine/prng.ts';
import type { Stored, StoredDatabase, StoredRecord, StoredStore } from './stored.ts';

/** A change to a browser's storage, and what the page must then tell its person. */
export interface Alteration {
  /** The kind of record, for counting. */
  readonly kind: string;
  /** Description of the change. */
  readonly what: string;
  readonly stored: Stored;
  /** Codes that name this damage. */
  readonly codes: readonly ErrorCode[];
  /** The page must report the damage even if nothing visible differs. */
  readonly mustTell: boolean;
}

/** The material of alterations. */
export interface Scene {
  readonly newest: Stored;
  /** The same browser some blocks earlier. */
  readonly older: Stored;
  /** Name of the chain's database. */
  readonly chain: string;
  readonly keys: string;
  readonly rng: Prng;
}

export function named(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'string' && value.length > 20) return `a text of ${value.length}`;
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}

export function databaseOf({ databases }: Stored, name: string): StoredDatabase {
  const found = databases.find((each) => each.name === name);
  if (!found) throw new Error(`There is no database ${name}.`);
  return found;
}

export function storeOf(stored: Stored, database: string, store: string): StoredStore {
  const found = databaseOf(stored, database).stores.find((each) => each.name === store);
  if (!found) throw new Error(`There is no store ${store} in ${database}.`);
  return found;
}

/** The same storage with the database `name` replaced by `next`, or removed if null. */
export function withDatabase(stored: Stored, name: string, next: StoredDatabase | null): Stored {
  const others = stored.databases.filter((each) => each.name !== name);
  return { ...stored, databases: next ? [...others, next] : others };
}

export function withRecords(stored: Stored, database: string, store: string, records: readonly StoredRecord[]): Stored {
  const old = databaseOf(stored, database);
  const stores = old.stores.map((each) => (each.name === store ? { ...each, records } : each));
  return withDatabase(stored, database, { ...old, stores });
}
