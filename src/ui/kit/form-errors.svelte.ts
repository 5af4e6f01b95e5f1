import type { ErrorCode } from '../../util/error-codes.ts';
import { codeOf } from '../i18n/error-text.ts';

/** The one failure that a form shows, at its field. Kept as an error, not as text, because the language may change. */
export class FormErrors<F extends string> {
  #current = $state.raw<{ field: F; error: unknown } | null>(null);
  readonly #fieldOf: (code: ErrorCode) => F;

  constructor(fieldOf: (code: ErrorCode) => F) {
    this.#fieldOf = fieldOf;
  }

  /** The error of `field`; null where another field failed, or none. */
  of(field: F): unknown {
    return this.#current?.field === field ? this.#current.error : null;
  }

  show(error: unknown): void {
    this.#current = { field: this.#fieldOf(codeOf(error)), error };
  }

  /** Shows a failure that the form itself found. */
  showCode(code: ErrorCode): void {
    this.show({ code });
  }

  clear(): void {
    this.#current = null;
  }
}
