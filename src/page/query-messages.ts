import type { QueryResult } from '../api/api.ts';

export type QueryParams = readonly (string | number | null)[] | Record<string, string | number | null>;

/** What the query worker does. The pieces of the database come before, each in a note. */
export interface QueryService {
  /** All pieces are there. */
  open(): Promise<void>;
  query(sql: string, params: QueryParams | null): Promise<QueryResult>;
}
