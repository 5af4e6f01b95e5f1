import type { WireError } from '../../util/errors.ts';
import type { QueryResult } from '../api.ts';

export type QueryParams = readonly (string | number | null)[] | Record<string, string | number | null>;

export type QueryRequest =
  { type: 'load'; id: number; bytes: Uint8Array } | { type: 'query'; id: number; sql: string; params: QueryParams | null };

export interface QueryReply {
  id: number;
  result?: QueryResult;
  error?: WireError;
}
