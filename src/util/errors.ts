import type { ErrorCode } from './error-codes.ts';

/** Plain values for the placeholders of a translated message; never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/**
 * Every failure that a caller can meet is a `TabchainError` with a stable `code`. Tests, log lines and the
 * translated messages of the interface use the code, never the English text.
 */
export class TabchainError extends Error {
  override readonly name = 'TabchainError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /**
   * @param code stable, kebab-case, e.g. `amount-not-positive`
   * @param message one English sentence: the failure and the remedy
   * @param details plain JSON values for the message's translation; never a secret
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** An error as sent between threads, because structured clone drops subclass fields. */
export interface WireError {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
}

/** Flattens any thrown value for `postMessage`; unknown errors become `internal`. */
export function toWireError(error: unknown): WireError {
  if (error instanceof TabchainError) return { code: error.code, message: error.message, details: { ...error.details } };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, details: {} };
}

/** The inverse of {@link toWireError} on the receiving thread. */
export function fromWireError(wire: WireError): TabchainError {
  return new TabchainError(wire.code, wire.message, wire.details);
}

/** The code of any thrown value; `internal` if it has none. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof TabchainError ? error.code : 'internal';
}

/**
 * Types a code that arrives as text, e.g. from a database that another version wrote. A code that this version does not know stays
 * unchanged, and the interface then shows the error's own message.
 */
export function asErrorCode(text: string): ErrorCode {
  return text as ErrorCode;
}

/** Stays on in production: a broken invariant must stop the node, not corrupt the chain. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new TabchainError('invariant-broken', message);
}
