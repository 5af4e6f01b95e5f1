import { en, type Messages } from './en.ts';
import { errorsEn, type ErrorDetails } from './errors.en.ts';
import { errorsZhHant } from './errors.zh-Hant.ts';
import { zhHant } from './zh-Hant.ts';

export const LANGUAGES = ['zh-Hant', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export const CATALOGUES: Readonly<Record<Language, Messages>> = { en, 'zh-Hant': zhHant };

type Texts = Readonly<Record<string, (details: ErrorDetails) => string>>;
const ERROR_TEXTS: Readonly<Record<Language, Texts>> = { en: errorsEn, 'zh-Hant': errorsZhHant };

export function isLanguage(text: string | null | undefined): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The language for a browser's preference (BCP 47): any Chinese → Traditional Chinese, all else English. */
export function languageFor(preferred: string): Language {
  return /^zh\b/i.test(preferred) ? 'zh-Hant' : 'en';
}

/** `code` of anything thrown; errors cross threads as plain objects, so the class says nothing here. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'internal';
}

/** What to tell the person about `error`: the text of its code, else its own message. */
export function errorText(language: Language, error: unknown): string {
  const thrown = error as { message?: unknown; details?: ErrorDetails } | null;
  const message = typeof thrown?.message === 'string' ? thrown.message : '';
  const code = codeOf(error);
  const texts = ERROR_TEXTS[language];
  if (!Object.hasOwn(texts, code)) return message || texts['internal']!({});
  return texts[code]!(thrown?.details ?? {});
}

/** The text of a bare code, as events and status carry it. */
export function codeText(language: Language, code: string, fallback = code): string {
  return errorText(language, { code, message: fallback });
}
