import type { Page } from 'playwright-core';
import { Chromium } from '../browser/harness/chromium.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import { PASSPHRASE } from './profile.ts';

/** Longest time to transfer the base chain. */
const SYNC_MS = 20 * 60_000;

/** A second browser with its own chain, disconnected except on request. It is never killed. */
export class Neighbour {
  readonly #browser: Chromium;
  readonly tab: Tab<Page>;

  private constructor(browser: Chromium, tab: Tab<Page>) {
    this.#browser = browser;
    this.tab = tab;
  }

  /** Opens a neighbour that takes over the chain of `from` and then disconnects. */
  static async open(url: string, from: Tab<Page>): Promise<Neighbour> {
    const browser = await Chromium.launch();
    const neighbour = new Neighbour(browser, await browser.openTab('neighbour', url));
    await neighbour.agreeWith(from);
    await neighbour.tab.call('register', { name: 'neighbour', passphrase: PASSPHRASE });
    await neighbour.disconnect();
    return neighbour;
  }

  close(): Promise<void> {
    return this.#browser.dispose();
  }

  connect(): Promise<void> {
    return this.tab.call('connect');
  }

  disconnect(): Promise<void> {
    return this.tab.call('disconnect');
  }

  /** Connects and waits until both have the same tip. */
  async agreeWith(other: Tab<Page>): Promise<void> {
    await this.connect();
    await waitUntil([this.tab, other], 'both on one tip', ([a, b]) => a!.tip === b!.tip && a!.peers.length > 0, SYNC_MS);
  }

  /** Mines until its chain has more work. */
  async mineBeyond(work: bigint): Promise<void> {
    if (BigInt((await this.tab.status()).work) > work) return;
    await this.tab.call('mine', true, { threads: 1 });
    await waitUntil([this.tab], 'a heavier chain next door', ([status]) => BigInt(status!.work) > work);
    await this.tab.call('mine', false);
  }
}
