import type { HandText, TabchainApi } from '../../../api/api.ts';

/** The invitation of this tab. It outlives its page, because a person looks around while the other person scans. */
export class Meeting {
  /** The last invitation; null before the first. */
  invitation = $state.raw<HandText | null>(null);
  /** When it was made. */
  madeAt = $state(0);
  /** Why there is no invitation. */
  error = $state.raw<unknown>(null);
  readonly #api: TabchainApi;
  #busy = false;

  constructor(api: TabchainApi) {
    this.#api = api;
  }

  /** Makes an invitation in place of the last. */
  async invite(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    [this.invitation, this.error, this.madeAt] = [null, null, Date.now()];
    try {
      this.invitation = await this.#api.invite();
    } catch (error) {
      this.error = error;
    } finally {
      this.#busy = false;
    }
  }
}
