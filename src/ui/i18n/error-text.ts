import type { ErrorCode } from '../../util/error-codes.ts';
import { asErrorCode, type ErrorDetails } from '../../util/errors.ts';
import type { ErrorTexts } from './language-pack.ts';

/** `code` of anything thrown. Errors cross threads as plain objects, so their class is lost. */
export function codeOf(error: unknown): ErrorCode {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? asErrorCode(code) : 'internal';
}

/** Figures of anything thrown. */
export function detailsOf(error: unknown): ErrorDetails {
  return (error as { details?: ErrorDetails } | null)?.details ?? {};
}

/** The text of `error` for the user: the text of its code, or its own message if the code has no text. */
export function errorText(texts: ErrorTexts, error: unknown): string {
  const given = (error as { message?: unknown } | null)?.message;
  const message = typeof given === 'string' ? given : '';
  const code = codeOf(error);
  if (!Object.hasOwn(texts, code)) return message || texts.internal({});
  return texts[code](detailsOf(error));
}
