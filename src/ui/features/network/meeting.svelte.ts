import type { HandText, TabchainApi } from '../../../api/api.ts';

/** The invitations of this tab and its replies. They outlive their page, because a person looks around while the other person scans. */
export class Meeting {
  /** The last invitation; null before the first. */
  invitation = $state.raw<HandText | null>(null);
  /** Why there is no invitation. */
  error = $state.raw<unknown>(null);
  /** Ids of the invitations that have linked this tab with another. */
  #used = $state.raw<readonly string[]>([]);
  readonly #api: TabchainApi;
  #busy = false;

  constructor(api: TabchainApi) {
    this.#api = api;
  }

  /** Makes an invitation in place of the last. */
  async invite(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    [this.invitation, this.error] = [null, null];
    try {
      this.invitation = await this.#api.invite();
    } catch (error) {
      this.error = error;
    } finally {
      this.#busy = false;
    }
  }

  /** Notes that an invitation has linked this tab. */
  use(id: string): void {
    this.#used = [...this.#used, id];
  }

  /** Whether this invitation, or the invitation of this reply, has linked this tab. A link to another tab does not count. */
  hasLinked(made: HandText | null): boolean {
    return made !== null && this.#used.includes(made.id);
  }
}
