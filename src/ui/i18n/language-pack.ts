import type { ErrorCode } from '../../util/error-codes.ts';
import type { ErrorDetails } from '../../util/errors.ts';
import type { Messages } from './en/messages.ts';
import type { WorkbenchTexts } from './en/workbench.ts';

/** For each error code, what happened and what to do. Figures come from the error's details, which may be missing. */
export type ErrorTexts = Readonly<Record<ErrorCode, (details: ErrorDetails) => string>>;

/** All texts of a language. Each language has a folder here, and languages.ts lists the folder. */
export interface LanguagePack {
  readonly messages: Messages;
  readonly errors: ErrorTexts;
  /** The page of the database. */
  readonly workbench: WorkbenchTexts;
  /** Explanations by "table" and "table.column"; null where the English explanations of `schema.sql` serve. */
  readonly schema: Readonly<Record<string, string>> | null;
}
