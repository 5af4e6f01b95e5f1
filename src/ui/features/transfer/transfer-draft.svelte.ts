import type { AccountInfo, FeeHint, FeeLevel, TabchainApi, TransferPreview, TransferRequest } from '../../../api/api.ts';
import { MAX_MEMO_BYTES } from '../../../api/limits.ts';
import { utf8Length } from '../../kit/format.ts';
import { codeOf } from '../../i18n/error-text.ts';
import type { Payment } from '../../address.ts';
import { FormErrors } from '../../kit/form-errors.svelte.ts';
import type { ErrorCode } from '../../../util/error-codes.ts';

export type TransferField = 'to' | 'amount' | 'fee' | 'memo' | 'form';

/** The field that an error code belongs to. */
export function transferFieldOf(code: string): TransferField {
  if (/^(recipient|address|name|link|network)-/.test(code)) return 'to';
  if (/^(amount|balance)-/.test(code)) return 'amount';
  if (code.startsWith('fee-')) return 'fee';
  if (code.startsWith('memo-')) return 'memo';
  return 'form';
}

/** Failures that more typing cannot repair are shown at once. The others wait until the user leaves the field: "0" may become "0.5". */
const LASTING = new Set<ErrorCode>(['balance-insufficient', 'amount-too-large', 'amount-too-precise', 'memo-invalid', 'memo-cannot-seal']);

/** What the user sees before paying, and the request that pays it. One value, so neither changes without the other. */
export interface CheckedTransfer {
  readonly preview: Readonly<TransferPreview>;
  readonly request: Readonly<TransferRequest>;
}

/** A transfer that the user is writing: its fields and the node's answers. */
export class TransferDraft {
  to = $state('');
  amount = $state('');
  /** Null until the user types; while null, the transfer pays the fee of {@link level}. */
  fee = $state<string | null>(null);
  level = $state<FeeLevel['level']>('next');
  /** The fees for this memo; empty until the node has answered. */
  levels = $state.raw<readonly FeeLevel[]>([]);
  memo = $state('');
  sealed = $state(false);
  hint = $state.raw<FeeHint | null>(null);
  preview = $state.raw<TransferPreview | null>(null);
  /** The recipient, found before there is an amount. */
  recipient = $state.raw<AccountInfo | null>(null);
  /** The most that can be sent with this fee and memo, when the amount is more than that. */
  most = $state.raw<string | null>(null);
  /** The check that waits for the user's yes; null while the user fills in the fields. */
  checked = $state.raw<CheckedTransfer | null>(null);
  /** Fields that the user has left once; these show errors before the review. */
  left = $state<Record<TransferField, boolean>>({ to: false, amount: false, fee: false, memo: false, form: true });
  busy = $state(false);
  readonly errors = new FormErrors<TransferField>(transferFieldOf);
  readonly memoBytes = $derived(utf8Length(this.memo));
  readonly #api: TabchainApi;
  #check = 0;

  constructor(api: TabchainApi) {
    this.#api = api;
  }

  /** The fields as typed; only the node interprets them. */
  get request(): TransferRequest {
    const fee = (this.fee ?? this.#levelFee() ?? '').trim();
    return {
      to: this.to.trim(),
      amount: this.amount.trim(),
      ...(fee === '' ? {} : { fee }),
      ...(this.memo === '' ? {} : { memo: this.memo }),
      ...(this.sealed ? { sealed: true } : {}),
    };
  }

  get isEmpty(): boolean {
    return [this.to, this.amount, this.fee ?? '', this.memo].every((text) => text.trim() === '');
  }

  /** The fee of a level other than the node's suggestion. */
  #levelFee(): string | undefined {
    return this.level === 'next' ? undefined : this.levels.find(({ level }) => level === this.level)?.fee;
  }

  chooseLevel(level: FeeLevel['level']): void {
    this.level = level;
    this.fee = null;
  }

  /** Fetches the fees for this memo. Keeps the former where the memo is refused, because the preview reports that. */
  async findLevels(): Promise<void> {
    const { memo, sealed } = this;
    const levels = await this.#api.feeLevels({ memo, sealed }).catch(() => null);
    if (levels !== null && memo === this.memo && sealed === this.sealed) this.levels = levels;
  }

  get feeShown(): string {
    return this.fee ?? this.#levelFee() ?? this.preview?.fee ?? this.hint?.suggested ?? '';
  }

  /** The fee of a transfer with this memo once there is a preview; before that, of a transfer without memo. */
  get feeAdvice(): { suggested: string; minimum: string } | null {
    if (this.preview === null) return this.hint;
    return { suggested: this.preview.suggestedFee, minimum: this.preview.minimumFee };
  }

  get memoTooLong(): boolean {
    return this.memoBytes > MAX_MEMO_BYTES;
  }

  /** The error of `field`; null until it is time to show the error. */
  errorOf(field: TransferField): unknown {
    const error = this.errors.of(field);
    return this.left[field] || LASTING.has(codeOf(error)) ? error : null;
  }

  /** Fills the form from a payment link and drops a check that is shown, because the check no longer matches the form. */
  fill({ to, amount, memo }: Payment): void {
    this.#reset();
    this.to = to;
    this.amount = amount;
    this.memo = memo;
    // The user need not enter, so never leaves, a field that a link has filled.
    this.left = { to: true, amount: amount !== '', fee: false, memo: memo !== '', form: true };
  }

  /** Asks the node for a preview of this transfer; the answer to an older request is dropped. */
  async look(): Promise<TransferPreview | null> {
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
      if (check !== this.#check) return null;
      this.#take(preview, null);
      return preview;
    } catch (error) {
      // A mistake in another field must not hide the recipient.
      const recipient = transferFieldOf(codeOf(error)) === 'to' ? null : await this.#api.account(request.to).catch(() => null);
      if (check !== this.#check) return null;
      this.#take(null, recipient);
      this.errors.show(error);
      if (codeOf(error) === 'balance-insufficient') await this.#findMost();
      return null;
    }
  }

  #take(preview: TransferPreview | null, recipient: AccountInfo | null): void {
    this.preview = preview;
    this.recipient = recipient;
    this.most = null;
    this.errors.clear();
    if (preview !== null && !preview.canSeal) this.sealed = false;
  }

  async #findMost(): Promise<void> {
    const check = this.#check;
    const { to: _to, amount: _amount, ...rest } = this.request;
    const most = await this.#api.maximumAmount(rest).catch(() => null);
    if (check === this.#check && most !== '0') this.most = most;
  }

  /** Shows the user what the transfer pays. Nothing is sent before {@link send}. */
  async review(): Promise<void> {
    this.left = { to: true, amount: true, fee: true, memo: true, form: true };
    const missing = this.to.trim() === '' ? 'recipient-invalid' : this.amount.trim() === '' ? 'amount-invalid' : null;
    if (missing !== null) return this.errors.showCode(missing);
    this.busy = true;
    try {
      const asked = this.request;
      const preview = await this.look();
      if (preview === null || JSON.stringify(asked) !== JSON.stringify(this.request)) return;
      const { memo, sealed } = asked;
      const { amount, fee, to } = preview;
      const request = { to: to.address, amount, fee, ...(memo === undefined ? {} : { memo }), ...(sealed ? { sealed } : {}) };
      this.checked = Object.freeze({ preview: Object.freeze(preview), request: Object.freeze(request) });
    } finally {
      this.busy = false;
    }
  }

  /** Back to the fields. */
  change(): void {
    this.checked = null;
  }

  /** Signs and announces exactly what `checked` shows, even if its names changed. Does nothing for a check that is no longer shown. */
  async send(checked: CheckedTransfer): Promise<string | null> {
    if (this.busy || checked !== this.checked) return null;
    this.busy = true;
    try {
      const { txid } = await this.#api.transfer(checked.request);
      this.#reset();
      return txid;
    } catch (error) {
      this.checked = null;
      this.errors.show(error);
      return null;
    } finally {
      this.busy = false;
    }
  }

  #reset(): void {
    this.#check++;
    this.checked = null;
    this.to = '';
    this.amount = '';
    this.fee = null;
    this.level = 'next';
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
