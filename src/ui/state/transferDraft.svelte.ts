import type { AccountInfo, FeeHint, TabchainApi, TransferPreview, TransferRequest } from '../../node/api.ts';
import { MEMO_MAX_BYTES } from '../forms.ts';
import { utf8Length } from '../format.ts';
import { codeOf } from '../i18n/language.ts';
import { FormErrors } from './formErrors.svelte.ts';

export type TransferField = 'to' | 'amount' | 'fee' | 'memo' | 'form';

/** The field that an error code speaks of. */
export function transferFieldOf(code: string): TransferField {
  if (/^(recipient|address|name)-/.test(code)) return 'to';
  if (/^(amount|balance)-/.test(code)) return 'amount';
  if (code.startsWith('fee-')) return 'fee';
  if (code.startsWith('memo-')) return 'memo';
  return 'form';
}

/** Failures that typing on cannot mend are shown at once; the others wait until the field is left: "0" may become "0.5". */
const LASTING = new Set(['balance-insufficient', 'amount-too-large', 'amount-too-precise', 'memo-invalid', 'memo-cannot-seal']);

/** A transfer being written: its fields, what the node thinks of it, and what came of it. */
export class TransferDraft {
  to = $state('');
  amount = $state('');
  /** Null until the person types: then the node's own suggestion is paid. */
  fee = $state<string | null>(null);
  memo = $state('');
  sealed = $state(false);
  hint = $state.raw<FeeHint | null>(null);
  preview = $state.raw<TransferPreview | null>(null);
  /** The recipient, found before there is an amount. */
  recipient = $state.raw<AccountInfo | null>(null);
  /** Fields the person has left once: they may complain before "Send". */
  left = $state<Record<TransferField, boolean>>({ to: false, amount: false, fee: false, memo: false, form: true });
  sending = $state(false);
  readonly errors = new FormErrors<TransferField>(transferFieldOf);
  readonly memoBytes = $derived(utf8Length(this.memo));
  readonly #api: TabchainApi;
  #check = 0;

  constructor(api: TabchainApi, to = '', amount = '', memo = '') {
    this.#api = api;
    this.to = to;
    this.amount = amount;
    this.memo = memo;
  }

  get request(): TransferRequest {
    const fee = (this.fee ?? '').trim();
    return {
      to: this.to.trim(),
      amount: this.amount.trim(),
      ...(fee === '' ? {} : { fee }),
      ...(this.memo === '' ? {} : { memo: this.memo }),
      ...(this.sealed ? { sealed: true } : {}),
    };
  }

  get feeShown(): string {
    return this.fee ?? this.preview?.fee ?? this.hint?.suggested ?? '';
  }

  /** Of a transfer with this memo, once there is a preview; of one without memo before. */
  get feeAdvice(): { suggested: string; minimum: string } | null {
    if (this.preview === null) return this.hint;
    return { suggested: this.preview.suggestedFee, minimum: this.preview.minimumFee };
  }

  get memoTooLong(): boolean {
    return this.memoBytes > MEMO_MAX_BYTES;
  }

  /** What is wrong with `field`, if it is time to say so. */
  errorOf(field: TransferField): unknown {
    const error = this.errors.of(field);
    return this.left[field] || LASTING.has(codeOf(error)) ? error : null;
  }

  /** Asks the node what this transfer would do; the answer of an older question is thrown away. */
  async check(): Promise<TransferPreview | null> {
    const check = ++this.#check;
    const request = this.request;
    if (request.to === '') {
      this.#take(null, null);
      return null;
    }
    try {
      if (request.amount === '') {
        const recipient = await this.#api.account(request.to);
        if (check === this.#check) this.#take(null, recipient);
        return null;
      }
      const preview = await this.#api.previewTransfer(request);
      if (check === this.#check) this.#take(preview, null);
      return preview;
    } catch (error) {
      if (check !== this.#check) return null;
      this.#take(null, null);
      this.errors.show(error);
      return null;
    }
  }

  #take(preview: TransferPreview | null, recipient: AccountInfo | null): void {
    this.preview = preview;
    this.recipient = recipient;
    this.errors.clear();
    if (preview !== null && !preview.canSeal) this.sealed = false;
  }

  /** Signs and announces. Pays the address that the preview showed, whatever its name means by now. */
  async send(): Promise<string | null> {
    this.left = { to: true, amount: true, fee: true, memo: true, form: true };
    const missing = this.to.trim() === '' ? 'recipient-invalid' : this.amount.trim() === '' ? 'amount-invalid' : null;
    if (missing !== null) {
      this.errors.showCode(missing);
      return null;
    }
    this.sending = true;
    try {
      const preview = await this.check();
      if (preview === null) return null;
      const { txid } = await this.#api.transfer({ ...this.request, to: preview.to.address, fee: preview.fee });
      this.#reset();
      return txid;
    } catch (error) {
      this.errors.show(error);
      return null;
    } finally {
      this.sending = false;
    }
  }

  #reset(): void {
    this.#check++;
    this.to = '';
    this.amount = '';
    this.fee = null;
    this.memo = '';
    this.sealed = false;
    this.left = { to: false, amount: false, fee: false, memo: false, form: true };
    this.#take(null, null);
  }

  async useMaximum(): Promise<void> {
    const { to: _to, amount: _amount, ...rest } = this.request;
    try {
      this.amount = await this.#api.maximumAmount(rest);
    } catch (error) {
      this.left.fee = true;
      this.left.amount = true;
      this.errors.show(error);
    }
  }
}
