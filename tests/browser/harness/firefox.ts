import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { Tab } from './tab.ts';

export const FIREFOX_PATH = process.env['FIREFOX_PATH'] ?? '/usr/bin/firefox-esr';

/** Whether this machine has Firefox; without it, Firefox tests are skipped. */
export const hasFirefox = existsSync(FIREFOX_PATH);

/** One Firefox ESR with a fresh profile, driven over WebDriver BiDi (Playwright drives only its own patched Firefox). */
export class Firefox {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<Firefox> {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX_PATH,
      headless: true,
      acceptInsecureCerts: true,
      extraPrefsFirefox: {
        'app.update.enabled': false,
        'datareporting.policy.dataSubmissionEnabled': false,
        'intl.accept_languages': 'en-GB',
      },
    });
    return new Firefox(browser);
  }

  async newTab(name: string): Promise<Tab<Page>> {
    const page = await this.#browser.newPage();
    // Puppeteer's default of 30 s is too short on two cores that mine.
    page.setDefaultTimeout(120_000);
    await page.setViewport({ width: 1280, height: 800 });
    const tab = new Tab(name, page);
    page.on('pageerror', (error) => tab.problems.push(`uncaught: ${error instanceof Error ? error.message : String(error)}`));
    page.on('console', (message) => {
      if (message.type() === 'error') tab.problems.push(`console: ${message.text()}`);
    });
    return tab;
  }

  /** Opens a tab on `url` and waits until its node is ready. */
  async openTab(name: string, url: string): Promise<Tab<Page>> {
    const tab = await this.newTab(name);
    await tab.open(url);
    return tab;
  }

  /** Closes the browser and deletes its profile. */
  dispose(): Promise<void> {
    return this.#browser.close();
  }
}
