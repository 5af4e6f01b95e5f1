import { databaseName } from '../storage/database-name.ts';
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

  #key(address: string): string {
    return PREFIX + databaseName(this.#networkId, address);
  }

  /** Null where nothing is known, or what is stored is no mark. */
  get(address: string): SavedMark | null {
    try {
      const { sequence, height, tip } = JSON.parse(localStorage.getItem(this.#key(address)) ?? 'null') as Partial<Record<string, unknown>>;
      if (!isCount(sequence) || !isCount(height) || typeof tip !== 'string' || !BLOCK_ID.test(tip)) return null;
      return { sequence, height, tip };
    } catch {
      return null;
    }
  }

  /** Null forgets it, with the account. */
  set(address: string, mark: SavedMark | null): void {
    try {
      if (mark === null) localStorage.removeItem(this.#key(address));
      else localStorage.setItem(this.#key(address), JSON.stringify(mark));
    } catch {
      // Storage is forbidden or full: an older mark tells less, and nothing that is wrong.
    }
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
