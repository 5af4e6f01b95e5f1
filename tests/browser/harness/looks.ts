import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Messages } from '../../../src/ui/i18n/en/messages.ts';
import { fetchPack, LANGUAGES, type Language } from '../../../src/ui/i18n/languages.ts';
import { speak } from './speak.ts';
import type { Tab } from './tab.ts';

/** The screens of a lesson: a projector, the teacher's laptop, a pupil's phone. */
export const SCREENS = [
  ['wall', 1920, 1080],
  ['laptop', 1280, 800],
  ['phone', 360, 740],
] as const;

/** Looks at a tab in each language on a screen of this size, in light colours for English and in dark colours for the others. */
export async function inEachLanguage(
  tab: Tab<Page>,
  [width, height]: readonly [width: number, height: number],
  look: (language: Language, t: Messages) => Promise<void>,
): Promise<void> {
  await tab.page.setViewportSize({ width, height });
  for (const language of LANGUAGES) {
    await speak(tab, language);
    await tab.page.emulateMedia({ colorScheme: language === 'en' ? 'light' : 'dark' });
    await look(language, (await fetchPack(language)).messages);
  }
}

/** No page is wider than its screen. @param what the page, for the failure's message */
export async function expectNoSidewaysScroll({ page }: Tab<Page>, what: string): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), what).toBe(true);
}
