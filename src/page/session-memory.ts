import type { MiningOptions } from '../api/api.ts';

/**
 * What one tab remembers over a reload: the account it had open, and how it was mining. Closed tabs forget; a duplicated tab remembers
 * the same, so opening still has to take the account's lock.
 */
export class SessionMemory {
  readonly #key: string;
  readonly #miningKey: string;

  constructor(networkId: string) {
    this.#key = `tabchain:${networkId}:open`;
    this.#miningKey = `tabchain:${networkId}:mining`;
  }

  /** The address, null when none (or the storage is closed to us). */
  get(): string | null {
    return read(this.#key);
  }

  set(address: string | null): void {
    write(this.#key, address);
  }

  /** How this tab was mining, null when it was not. The node checks the numbers. */
  getMining(): MiningOptions | null {
    return readMiningOptions(read(this.#miningKey));
  }

  setMining(options: MiningOptions | null): void {
    write(this.#miningKey, options && JSON.stringify(options));
  }
}

/** What a stored text says, without what is of a wrong kind; null where it says nothing. */
export function readMiningOptions(text: string | null): MiningOptions | null {
  try {
    const stored: unknown = JSON.parse(text ?? 'null');
    if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null;
    return Object.fromEntries(Object.entries(stored).filter(([key, value]) => KINDS[key] === typeof value));
  } catch {
    return null;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  threads: 'number',
  throttle: 'number',
  gpu: 'boolean',
  easeOnBattery: 'boolean',
  easeWhenHidden: 'boolean',
} satisfies Record<keyof MiningOptions, string>;

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Private mode may refuse: then a reload asks who you are, and mining stops with it.
  }
}
