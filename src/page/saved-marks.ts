import { databaseName } from '../storage/database-name.ts';
import { StoredRecord } from '../util/stored-record.ts';
import type { SavedMark } from '../api/service.ts';

const PREFIX = 'tabchain-saved:';
const BLOCK_ID = /^[0-9a-f]{64}$/;

/**
 * The last save of each account's chain that the disk has acknowledged, kept in localStorage, apart from the database. A database that was
 * lost or rolled back to an earlier day is consistent in itself; only this mark shows that there was more.
 */
export class SavedMarks {
  readonly #networkId: string;

  constructor(networkId: string) {
    this.#networkId = networkId;
  }

  #record(address: string): StoredRecord {
    return new StoredRecord(() => localStorage, PREFIX + databaseName(this.#networkId, address));
  }

  /** Null if no valid mark is stored. */
  get(address: string): SavedMark | null {
    const { sequence, height, tip } = this.#record(address).read();
    if (!isCount(sequence) || !isCount(height) || typeof tip !== 'string' || !BLOCK_ID.test(tip)) return null;
    return { sequence, height, tip };
  }

  /** Null removes the mark. If the mark cannot be stored, the older mark stays, which proves less, but is still true. */
  set(address: string, mark: SavedMark | null): void {
    const record = this.#record(address);
    if (mark === null) record.remove();
    else record.change({ ...mark });
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
