/** Answers of the search and of SQL; a part of `api.ts`. */

/** The page that a search leads to. */
export type SearchHit =
  | { kind: 'block'; id: string; height: number }
  | { kind: 'transaction'; txid: string }
  | { kind: 'account'; address: string; name: string | null }
  | { kind: 'none' };

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
