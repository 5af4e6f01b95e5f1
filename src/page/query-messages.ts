import type { QueryResult } from '../api/api.ts';

export type QueryParams = readonly (string | number | null)[] | Record<string, string | number | null>;

/** The calls of the query worker. The pieces of the database arrive before, each in a note. */
export interface QueryService {
  /** Opens the database, after the last piece. */
  open(): Promise<void>;
  query(sql: string, params: QueryParams | null): Promise<QueryResult>;
}
