import { onDestroy } from 'svelte';
import type { App } from '../../state/app.svelte.ts';

/** The code of this page's network while a component shows the code. Make it while the component is set up; the code ends with the component. */
export class ShownCode {
  /** Six letters; null while no code is shown. */
  code = $state<string | null>(null);
  readonly #app: App;
  /** The component may be left before the node has the code. */
  #left = false;

  constructor(app: App) {
    this.#app = app;
    onDestroy(() => {
      this.#left = true;
      if (this.code !== null) void this.hide();
    });
  }

  /** @throws the errors of `showCode()` */
  async show(): Promise<void> {
    this.code = await this.#app.api.showCode();
    if (this.#left) await this.hide();
  }

  async hide(): Promise<void> {
    this.code = null;
    await this.#app.api.hideCode();
  }
}
