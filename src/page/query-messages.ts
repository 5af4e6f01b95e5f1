import type { QueryParams, QueryResult } from '../api/api.ts';

/** The calls of the query worker. The pieces of the database arrive before, each in a note. */
export interface QueryService {
  /** Opens the copy of the own database, after its last piece. */
  open(): Promise<void>;
  /** Opens somebody else's file. @throws TabchainError `file-too-large`, `file-not-sqlite`, `file-unreadable`, `file-damaged` */
  openFile(file: Blob): Promise<void>;
  query(sql: string, params: QueryParams | null): Promise<QueryResult>;
}
