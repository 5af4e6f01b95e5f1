import type { Page } from 'playwright-core';
import type { Language } from '../../../src/ui/i18n/languages.ts';
import type { Tab } from './tab.ts';

/** Shows the page in `language`, by the choice below the menu, also where a narrow window hides the menu. */
export async function speak({ page }: Tab<Page>, language: Language): Promise<void> {
  await page.locator('aside select').evaluate((select, value) => {
    (select as HTMLSelectElement).value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }, language);
  await page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' });
}
