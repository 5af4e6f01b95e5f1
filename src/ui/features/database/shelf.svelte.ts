import { StoredRecord } from '../../../util/stored-record.ts';
import { readHistory, readSaved, remembered, saved, type SavedQuery, type SaveProblem } from './shelf.ts';

/** Two records, so that a long history never takes the room of what the user saved by name. */
const historyRecord = new StoredRecord(() => localStorage, 'tabchain.query-history');
const savedRecord = new StoredRecord(() => localStorage, 'tabchain.saved-queries');

/** The queries that this device keeps. Each change reads the record first, because another tab may have changed it. */
export class Shelf {
  history = $state.raw<readonly string[]>(readHistory(historyRecord.read()));
  saved = $state.raw<readonly SavedQuery[]>(readSaved(savedRecord.read()));

  remember(sql: string): void {
    this.#setHistory(remembered(readHistory(historyRecord.read()), sql));
  }

  clearHistory(): void {
    this.#setHistory([]);
  }

  /** @returns why the query was not saved; null if it was */
  save(name: string, sql: string): SaveProblem | null {
    const queries = saved(readSaved(savedRecord.read()), name, sql);
    if (typeof queries === 'string') return queries;
    this.#setSaved(queries);
    return null;
  }

  remove(name: string): void {
    this.#setSaved(readSaved(savedRecord.read()).filter((each) => each.name !== name));
  }

  #setHistory(history: readonly string[]): void {
    this.history = history;
    historyRecord.change({ history });
  }

  #setSaved(queries: readonly SavedQuery[]): void {
    this.saved = queries;
    savedRecord.change({ saved: queries });
  }
}
