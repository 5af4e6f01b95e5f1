import type { WireError } from '../util/errors.ts';
import type { QueryResult } from '../api/api.ts';

export type QueryParams = readonly (string | number | null)[] | Record<string, string | number | null>;

export type QueryRequest =
  /** The next piece of the database; has no answer. */
  | { type: 'part'; part: Uint8Array }
  /** All pieces are there. */
  | { type: 'open'; id: number }
  | { type: 'query'; id: number; sql: string; params: QueryParams | null };

export interface QueryReply {
  id: number;
  result?: QueryResult;
  error?: WireError;
}
