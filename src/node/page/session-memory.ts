import type { MiningOptions } from '../api.ts';

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

  /** How this tab was mining, null when it was not. The node checks what it is given. */
  getMining(): MiningOptions | null {
    try {
      const options: unknown = JSON.parse(read(this.#miningKey) ?? 'null');
      return typeof options === 'object' ? options : null;
    } catch {
      return null;
    }
  }

  setMining(options: MiningOptions | null): void {
    write(this.#miningKey, options && JSON.stringify(options));
  }
}

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
