import { databaseName } from '../storage/database-name.ts';
import { StoredRecord } from '../util/stored-record.ts';
import type { SavedMark } from '../api/service.ts';

const PREFIX = 'tabchain-saved:';
const BLOCK_ID = /^[0-9a-f]{64}$/;

/**
 * What the disk has acknowledged of each account's chain, kept apart from it: in localStorage. A database that was lost, or put back to what it
 * was on another day, is whole in itself; only this tells that there was more.
 */
export class SavedMarks {
  readonly #networkId: string;

  constructor(networkId: string) {
    this.#networkId = networkId;
  }

  #record(address: string): StoredRecord {
    return new StoredRecord(() => localStorage, PREFIX + databaseName(this.#networkId, address));
  }

  /** Null where nothing is known, or what is stored is no mark. */
  get(address: string): SavedMark | null {
    const { sequence, height, tip } = this.#record(address).read();
    if (!isCount(sequence) || !isCount(height) || typeof tip !== 'string' || !BLOCK_ID.test(tip)) return null;
    return { sequence, height, tip };
  }

  /** Null forgets it, with the account. Where it cannot be stored, an older mark tells less, and nothing that is wrong. */
  set(address: string, mark: SavedMark | null): void {
    const record = this.#record(address);
    if (mark === null) record.remove();
    else record.change({ ...mark });
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
