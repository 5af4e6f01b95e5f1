import type { Page } from 'playwright-core';
import { formatNetworkLink, type Network } from '../../src/protocol/network.ts';
import { Chromium, type ChromiumOptions } from '../browser/harness/chromium.ts';
import { Feeder, prepareFeeding, whenDurable, type FeedChain } from '../browser/harness/feeder.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { readyMs } from './page-load.ts';

const ACCOUNT = { name: 'reader', passphrase: 'correct horse battery' };
/** Time for key derivation and, on plain http, a search for primes in a script. */
const REGISTER_TIMEOUT_MS = 120_000;

/** A tab of the product in its own browser, fed with a chain. The tab has an account, and so a database on disk. */
export class FedTab {
  readonly browser: Chromium;
  tab: Tab<Page>;

  private constructor(browser: Chromium, tab: Tab<Page>) {
    this.browser = browser;
    this.tab = tab;
  }

  /**
   * Opens the tab on the list of blocks, the page that changes most while blocks come.
   * @param url of the server, without a fragment
   */
  static async open(url: string, network: Network, options?: ChromiumOptions): Promise<FedTab> {
    const browser = await Chromium.launch(options);
    try {
      const tab = await openTab(browser, url + formatNetworkLink(network));
      await tab.call('register', ACCOUNT);
      await tab.page.getByRole('link', { name: 'Blocks', exact: true }).first().click();
      return new FedTab(browser, tab);
    } catch (error) {
      await browser.dispose();
      throw error;
    }
  }

  /**
   * Loads a chain into the page, once per tab.
   * @returns a function that feeds the chain: milliseconds from the first byte of the first block until all blocks are on disk
   */
  async prepare(chain: FeedChain): Promise<() => Promise<number>> {
    const { page, problems } = this.tab;
    const feeder = await Feeder.prepare(page, chain);
    return async () => {
      await feeder.open();
      const elapsedMs = await whenDurable(page, chain);
      await feeder.close();
      if (problems.length > 0) throw new Error(`The tab has problems:\n${problems.join('\n')}`);
      return elapsedMs;
    };
  }

  /** Milliseconds from the start of a reload until the node is ready, which opens the account's database again. */
  async reload(): Promise<number> {
    await this.tab.page.reload({ waitUntil: 'commit' });
    return readyMs(this.tab.page);
  }

  /** Restarts the browser on the same profile and opens the account, so that no earlier work is left in memory. */
  async restart(): Promise<void> {
    const url = this.tab.page.url();
    await this.browser.stop();
    await this.browser.start();
    this.tab = await openTab(this.browser, url);
    await this.tab.call('login', ACCOUNT);
  }

  close(): Promise<void> {
    return this.browser.dispose();
  }
}

async function openTab(browser: Chromium, url: string): Promise<Tab<Page>> {
  const tab = await browser.newTab('reader');
  tab.page.setDefaultTimeout(REGISTER_TIMEOUT_MS);
  await prepareFeeding(tab.page);
  await tab.open(url);
  return tab;
}
