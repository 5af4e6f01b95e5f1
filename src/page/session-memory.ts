import { fieldsIn, StoredRecord } from '../util/stored-record.ts';
import type { MiningOptions } from '../api/api.ts';

/**
 * What one tab remembers over a reload: the account it had open, and how it was mining. Closed tabs forget; a duplicated tab remembers
 * the same, so opening still has to take the account's lock.
 */
export class SessionMemory {
  readonly #record: StoredRecord;

  constructor(networkId: string) {
    const prefix = `tabchain:${networkId}`;
    this.#record = new StoredRecord(() => sessionStorage, `${prefix}:tab`, {
      keys: [`${prefix}:open`, `${prefix}:mining`],
      fieldsOf: ([account, mining]) => ({ account, mining: fieldsIn(mining ?? null) }),
    });
  }

  /** The address, null when none (or the storage is closed to us). */
  get(): string | null {
    const { account } = this.#record.read();
    return typeof account === 'string' ? account : null;
  }

  set(address: string | null): void {
    this.#record.change({ account: address });
  }

  /** How this tab was mining, null when it was not. The node checks the numbers. */
  getMining(): MiningOptions | null {
    return readMiningOptions(this.#record.read()['mining']);
  }

  setMining(options: MiningOptions | null): void {
    this.#record.change({ mining: options });
  }
}

/** What a stored value says, without what is of a wrong kind; null where it says nothing. */
function readMiningOptions(stored: unknown): MiningOptions | null {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null;
  return Object.fromEntries(Object.entries(stored).filter(([key, value]) => KINDS[key] === typeof value));
}

const KINDS: Readonly<Record<string, string>> = {
  threads: 'number',
  throttle: 'number',
  gpu: 'boolean',
  easeOnBattery: 'boolean',
  easeWhenHidden: 'boolean',
} satisfies Record<keyof MiningOptions, string>;
