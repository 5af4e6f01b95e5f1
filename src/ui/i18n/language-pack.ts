import type { ErrorCode } from '../../util/error-codes.ts';
import type { ErrorDetails } from '../../util/errors.ts';
import type { Messages } from './en/messages.ts';

/** For each error code, what happened and what to do. Figures come from the error's details, which may be missing. */
export type ErrorTexts = Readonly<Record<ErrorCode, (details: ErrorDetails) => string>>;

/** Everything that a language needs. Each language has a folder here, and languages.ts lists the folder. */
export interface LanguagePack {
  /** The language's name in the language itself. */
  readonly name: string;
  /** For numbers and times (BCP 47). */
  readonly locale: string;
  readonly relativeTimes: 'short' | 'long';
  /** The preferences of a browser (BCP 47) that this language answers. */
  readonly answers: RegExp;
  readonly messages: Messages;
  readonly errors: ErrorTexts;
}
