import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { formatNetworkLink } from '../../../src/protocol/network.ts';
import { Chromium } from '../../browser/harness/chromium.ts';
import type { Tab } from '../../browser/harness/tab.ts';
import { readyMs } from '../page-load.ts';
import type { ChainFile } from './chain-file.ts';
import type { StoreFileWindow } from './store-file.ts';

const ACCOUNT = { name: 'server', passphrase: 'correct horse battery' };
/** Storing and opening a database of a million blocks on a busy machine. */
const TIMEOUT_MS = 600_000;
/** A path of the product's origin without a page of the product. */
const EMPTY_PAGE = 'empty-page-of-the-benchmark';

/** A tab of the product in its own browser, whose account has the database of a chain. */
export class ServingTab {
  readonly tab: Tab<Page>;
  readonly #browser: Chromium;
  /** Milliseconds from the navigation until the node had opened the database. */
  readonly openingMs: number;

  private constructor(browser: Chromium, tab: Tab<Page>, openingMs: number) {
    this.#browser = browser;
    this.tab = tab;
    this.openingMs = openingMs;
  }

  /** @param url of the server, without a fragment */
  static async open(url: string, chain: ChainFile): Promise<ServingTab> {
    const browser = await Chromium.launch();
    try {
      const link = url + formatNetworkLink(chain.network);
      const tab = await browser.openTab('server', link);
      tab.page.setDefaultTimeout(TIMEOUT_MS);
      await tab.call('register', ACCOUNT);
      await store(tab.page, url, chain);
      await tab.page.goto(link, { waitUntil: 'commit' });
      const openingMs = await readyMs(tab.page);
      const { height, tip } = await tab.status();
      if (height !== chain.height || tip !== chain.tip)
        throw new Error(`The serving tab has only ${height} blocks: ${tab.problems.join('\n')}`);
      return new ServingTab(browser, tab, openingMs);
    } catch (error) {
      await browser.dispose();
      throw error;
    }
  }

  /** Throws where the tab had problems. */
  check(): void {
    if (this.tab.problems.length > 0) throw new Error(`The serving tab has problems:\n${this.tab.problems.join('\n')}`);
  }

  close(): Promise<void> {
    return this.#browser.dispose();
  }
}

/** Leaves the product's page, so that nobody else uses the account's database, and replaces it by the chain's file. */
async function store(page: Page, url: string, { path, height, tip }: ChainFile): Promise<void> {
  await page.route(`**/${EMPTY_PAGE}`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><input type="file">' }));
  await page.goto(url + EMPTY_PAGE);
  await page.addScriptTag({ content: await script() });
  await page.setInputFiles('input', path);
  await page.evaluate((end) => (window as unknown as StoreFileWindow).storeFile(end), { height, tip });
}

/** store-file.ts with all that it imports, as a classic script. */
async function script(): Promise<string> {
  const entry = fileURLToPath(new URL('store-file.ts', import.meta.url));
  const [output] = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022', lib: { entry, formats: ['iife'], name: 'bench' } },
  })) as Rolldown.RolldownOutput[];
  return (output!.output[0] as Rolldown.OutputChunk).code;
}
