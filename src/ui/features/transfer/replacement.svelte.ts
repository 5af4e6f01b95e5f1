import type { ReplacementPreview, ReplacementRequest, TabchainApi } from '../../../api/api.ts';

/** A change of a waiting payment that the user is choosing. */
export class Replacement {
  cancel = $state(false);
  /** Null until the user types; while null, the node chooses the fee. */
  fee = $state<string | null>(null);
  preview = $state.raw<ReplacementPreview | null>(null);
  error = $state.raw<unknown>(null);
  busy = $state(false);
  readonly txid: string;
  readonly #api: TabchainApi;
  #look = 0;

  constructor(api: TabchainApi, txid: string) {
    this.#api = api;
    this.txid = txid;
  }

  get request(): ReplacementRequest {
    const fee = (this.fee ?? '').trim();
    return { txid: this.txid, cancel: this.cancel, ...(fee === '' ? {} : { fee }) };
  }

  get feeShown(): string {
    return this.fee ?? this.preview?.fee ?? '';
  }

  /** Asks the node what the change does; the answer to an older request is dropped. A refusal keeps what was known of the payment. */
  async look(): Promise<void> {
    const look = ++this.#look;
    try {
      const preview = await this.#api.previewReplacement(this.request);
      if (look === this.#look) [this.preview, this.error] = [preview, null];
    } catch (error) {
      if (look === this.#look) this.error = error;
    }
  }

  /** Sends the change that the user has chosen. @returns id of the new transfer; null if nothing was sent */
  async send(): Promise<string | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      // The user may have pressed Enter before the preview of the last key arrived.
      await this.look();
      const { preview, error } = this;
      if (preview === null || error !== null) return null;
      const { txid } = await this.#api.replaceTransfer({ txid: this.txid, cancel: preview.cancel, fee: preview.fee });
      return txid;
    } catch (thrown) {
      this.error = thrown;
      return null;
    } finally {
      this.busy = false;
    }
  }
}
