import type { Component } from 'svelte';

/** A page whose code is fetched when somebody first opens it. */
export class Later<P extends Record<string, unknown> = Record<string, never>> {
  /** Null until its code has arrived. */
  component = $state.raw<Component<P> | null>(null);
  /** Why its code did not arrive. */
  error = $state.raw<unknown>(null);
  readonly #fetch: () => Promise<{ default: Component<P> }>;
  #loading: Promise<void> | null = null;

  constructor(fetch: () => Promise<{ default: Component<P> }>) {
    this.#fetch = fetch;
  }

  /** Resolves when the code is here or cannot be fetched; never rejects. */
  load(): Promise<void> {
    this.#loading ??= this.#fetch().then(
      (module) => void ([this.component, this.error] = [module.default, null]),
      (error: unknown) => void ([this.#loading, this.error] = [null, error]),
    );
    return this.#loading;
  }
}
