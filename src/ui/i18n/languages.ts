import { TabchainError } from '../../util/errors.ts';
import type { LanguagePack } from './language-pack.ts';

/** What the page knows of a language before its texts. */
export interface LanguageInfo {
  /** The language's name in the language itself. */
  readonly name: string;
  /** For numbers and times (BCP 47). */
  readonly locale: string;
  readonly relativeTimes: 'short' | 'long';
  /** The preferences of a browser (BCP 47) that this language answers. */
  readonly answers: RegExp;
  /** Fetches the texts. A visit needs those of a single language. */
  readonly fetch: () => Promise<LanguagePack>;
}

/** The languages of the page, in the order of the choice. */
const INFOS = {
  'zh-Hant': {
    name: '繁體中文',
    locale: 'zh-TW',
    relativeTimes: 'long',
    // Readers of Simplified Chinese read this more easily than English.
    answers: /^zh\b/i,
    fetch: async () => (await import('./zh-Hant/index.ts')).traditionalChinese,
  },
  en: {
    name: 'English',
    locale: 'en',
    relativeTimes: 'short',
    answers: /^en\b/i,
    fetch: async () => (await import('./en/index.ts')).english,
  },
  ja: {
    name: '日本語',
    locale: 'ja',
    relativeTimes: 'long',
    answers: /^ja\b/i,
    fetch: async () => (await import('./ja/index.ts')).japanese,
  },
} as const satisfies Readonly<Record<string, LanguageInfo>>;

export type Language = keyof typeof INFOS;

/** For a browser that prefers none of these languages. */
const FALLBACK: Language = 'en';

export const LANGUAGES = Object.keys(INFOS) as readonly Language[];

export function infoOf(language: Language): LanguageInfo {
  return INFOS[language];
}

/** The texts of `language`. @throws TabchainError `language-unavailable` if they do not arrive */
export async function fetchPack(language: Language): Promise<LanguagePack> {
  try {
    return await INFOS[language].fetch();
  } catch (error) {
    const { name } = INFOS[language];
    throw new TabchainError('language-unavailable', `The texts in ${name} did not arrive: ${String(error)}`, { name });
  }
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** The language for a browser's preference (BCP 47). */
export function languageFor(preferred: string): Language {
  return LANGUAGES.find((language) => INFOS[language].answers.test(preferred)) ?? FALLBACK;
}
