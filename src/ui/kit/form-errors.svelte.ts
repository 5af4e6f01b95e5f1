import { codeOf } from '../i18n/error-text.ts';

/** The one failure a form shows, at the field where it belongs. Kept as error, not text: the language may change. */
export class FormErrors<F extends string> {
  #current = $state.raw<{ field: F; error: unknown } | null>(null);
  readonly #fieldOf: (code: string) => F;

  constructor(fieldOf: (code: string) => F) {
    this.#fieldOf = fieldOf;
  }

  /** Whether `field` is the one that failed, and how. */
  of(field: F): unknown {
    return this.#current?.field === field ? this.#current.error : null;
  }

  show(error: unknown): void {
    this.#current = { field: this.#fieldOf(codeOf(error)), error };
  }

  /** For failures that the form finds itself. */
  showCode(code: string): void {
    this.show({ code });
  }

  clear(): void {
    this.#current = null;
  }
}
