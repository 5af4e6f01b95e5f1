/** Answers of the search and of SQL; a part of `api.ts`. */

/** A thing that a search finds. */
export type SearchMatch =
  | { kind: 'block'; id: string; height: number }
  | { kind: 'transaction'; txid: string }
  | { kind: 'account'; address: string; name: string | null };

/**
 * Why a search found nothing:
 * - `height`: no block has this height yet; `height-below`: this tab keeps no block so low
 * - `id`: no transaction, and none of the newest 10,000 blocks, has an id that begins so
 * - `short`: the beginning of an id needs at least four digits
 * - `address`: a valid address that the chain does not mention; `address-start`: no address on the chain begins so
 * - `address-invalid`: the text looks like an address, but has a wrong or missing character
 * - `other-network`: a link to another network
 * - `name`: nobody has registered the name
 * - `text`: none of all these
 */
export type SearchMiss =
  'height' | 'height-below' | 'id' | 'short' | 'address' | 'address-start' | 'address-invalid' | 'other-network' | 'name' | 'text';

/** What a search leads to. `several`: at most eight matches; `more` says whether others were left out. */
export type SearchHit = SearchMatch | { kind: 'several'; matches: SearchMatch[]; more: boolean } | { kind: 'none'; because: SearchMiss };

/** Values of a statement's parameters: by position, or by name with or without ":". */
export type QueryParams = readonly (string | number | null)[] | Record<string, string | number | null>;

export interface QueryResult {
  columns: string[];
  /** Row-major; blobs as lower-case hexadecimal, integers beyond 2^53 as decimal strings. */
  rows: (string | number | null)[][];
  ms: number;
  /** Whether rows are missing: an answer has at most 10,000 rows and 8 Mi characters. */
  truncated: boolean;
  /** Position and length in bytes of each value of more than 1 MiB; `rows` has only its first 1,000 characters. */
  cut: { row: number; column: number; bytes: number }[];
}

/** A table or view of the database, as `schema.sql` explains it. */
export interface RelationInfo {
  name: string;
  kind: 'table' | 'view';
  /** English. */
  meaning: string;
  columns: ColumnInfo[];
}

export interface ColumnInfo {
  name: string;
  /** The declared type; empty for a column of a view. */
  type: string;
  /** English. */
  meaning: string;
  /** "table.column" of the place that gives the meaning: columns with the same key mean the same. */
  key: string;
}
