/** A Storage in memory; if `broken`, it fails as if the disk were full. */
export class MemoryStorage implements Storage {
  readonly items = new Map<string, string>();
  broken = false;
  #check(): void {
    if (this.broken) throw new DOMException('full', 'QuotaExceededError');
  }
  get length(): number {
    this.#check();
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#check();
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.#check();
    this.items.delete(key);
  }
  clear(): void {
    this.items.clear();
  }
}
