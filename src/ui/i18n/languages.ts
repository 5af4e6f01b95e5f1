import { english } from './en/index.ts';
import type { LanguagePack } from './language-pack.ts';
import { traditionalChinese } from './zh-Hant/index.ts';

/** The languages of the page, in the order of the language switch. */
const PACKS = { 'zh-Hant': traditionalChinese, en: english } as const satisfies Readonly<Record<string, LanguagePack>>;

export type Language = keyof typeof PACKS;

/** For a browser that prefers none of these languages. */
const FALLBACK: Language = 'en';

export const LANGUAGES = Object.keys(PACKS) as readonly Language[];

export function packOf(language: Language): LanguagePack {
  return PACKS[language];
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** The language for a browser's preference (BCP 47). */
export function languageFor(preferred: string): Language {
  return LANGUAGES.find((language) => PACKS[language].answers.test(preferred)) ?? FALLBACK;
}
