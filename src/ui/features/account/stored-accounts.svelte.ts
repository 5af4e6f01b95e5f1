import type { StoredAccount } from '../../../api/api.ts';
import type { App } from '../../state/app.svelte.ts';
import { liveQuery, type Loaded } from '../../state/loaded.svelte.ts';

/** The accounts in this browser. Make one while a component is set up; fetching ends with the component. */
export class StoredAccounts {
  readonly #all: Loaded<StoredAccount[]>;
  readonly loaded: boolean = $derived.by(() => this.#all.value !== undefined);
  /** Accounts to log in to. */
  readonly kept: readonly StoredAccount[] = $derived.by(() => this.#all.value?.filter(({ earlier }) => !earlier) ?? []);
  /** Accounts whose names only the chain of an earlier version knows. */
  readonly earlier: readonly StoredAccount[] = $derived.by(() => this.#all.value?.filter(({ earlier }) => earlier) ?? []);

  constructor(app: App) {
    this.#all = liveQuery(
      app,
      () => null,
      (api) => api.accounts(),
    );
  }
}
