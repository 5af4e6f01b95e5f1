import { fieldsIn, StoredRecord } from '../util/stored-record.ts';
import type { MiningOptions } from '../api/api.ts';

/**
 * What one tab keeps over a reload: the open account and the mining options. Closing the tab forgets both. A duplicated tab has the
 * same memory, so opening must still take the account's lock.
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

  /** The address of the open account; null when none is open, or storage is forbidden. */
  get(): string | null {
    const { account } = this.#record.read();
    return typeof account === 'string' ? account : null;
  }

  set(address: string | null): void {
    this.#record.change({ account: address });
  }

  /** The mining options of this tab; null when the tab was not mining. The node checks the numbers. */
  getMining(): MiningOptions | null {
    return readMiningOptions(this.#record.read()['mining']);
  }

  setMining(options: MiningOptions | null): void {
    this.#record.change({ mining: options });
  }
}

/** The options in a stored value, without fields of a wrong type; null if the value is no object. */
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
