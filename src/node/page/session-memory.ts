/**
 * What one tab remembers over a reload: the account it had open. Closed tabs forget; a duplicated tab remembers the same,
 * so opening still has to take the account's lock.
 */
export class SessionMemory {
  readonly #key: string;

  constructor(networkId: string) {
    this.#key = `tabchain:${networkId}:open`;
  }

  /** The address, null when none (or the storage is closed to us). */
  get(): string | null {
    try {
      return sessionStorage.getItem(this.#key);
    } catch {
      return null;
    }
  }

  set(address: string | null): void {
    try {
      if (address === null) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, address);
    } catch {
      // Private mode may refuse: then a reload asks who you are.
    }
  }
}
