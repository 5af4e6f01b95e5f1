import type { TabchainApi } from '../../api/api.ts';
import type { App } from './app.svelte.ts';

/**
 * A value fetched from the node. The last value stays while a newer value is being fetched.
 * Fetches never overlap: of the calls that arrive during a fetch, only the last runs afterwards.
 */
export class Loaded<T> {
  value = $state.raw<T | undefined>(undefined);
  error = $state.raw<unknown>(undefined);
  loading = $state(false);
  #next: (() => Promise<T>) | null = null;
  /** Grows with each new subject; values fetched for an earlier subject are dropped. */
  #subject = 0;
  #fetching = false;

  async load(fetch: () => Promise<T>): Promise<void> {
    this.#next = fetch;
    if (this.#fetching) return;
    this.#fetching = true;
    this.loading = true;
    while (this.#next !== null) {
      const current: () => Promise<T> = this.#next;
      this.#next = null;
      const subject = this.#subject;
      try {
        const value = await current();
        if (subject !== this.#subject) continue;
        this.value = value;
        this.error = undefined;
      } catch (error) {
        if (subject === this.#subject) this.error = error;
      }
    }
    this.loading = false;
    this.#fetching = false;
  }

  /** Forgets the value, so the page does not show the previous subject's value for a moment. */
  clear(): void {
    this.#subject++;
    this.value = undefined;
    this.error = undefined;
  }
}

/**
 * A value that follows the chain: fetched again with each revision and each new `subject`.
 * Call it while a component is set up; fetching ends with the component.
 */
export function liveQuery<S, T>(app: App, subject: () => S, fetch: (api: TabchainApi, subject: S) => Promise<T>): Loaded<T> {
  const loaded = new Loaded<T>();
  // Each status brings new objects; only another subject is a reason to fetch.
  const current = $derived(subject());
  let last: S | undefined;
  $effect(() => {
    if (app.revision < 0) return;
    if (last !== current) loaded.clear();
    last = current;
    const wanted = current;
    void loaded.load(() => fetch(app.api, wanted));
  });
  return loaded;
}
