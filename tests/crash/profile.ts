import type { Page } from 'playwright-core';
import type { PersistedStatus, Status, TabchainApi } from '../../src/api/api.ts';
import { formatNetworkLink } from '../../src/protocol/network.ts';
import { Chromium } from '../browser/harness/chromium.ts';
import { Feeder, prepareFeeding } from '../browser/harness/feeder.ts';
import { TestServer } from '../browser/harness/server.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import type { BaseChain } from './base-chain.ts';

export const PASSPHRASE = 'correct horse battery';

/** The process to kill. After `storage` the tab must recover by itself; then the tab is killed as well. */
export type Victim = 'renderer' | 'browser' | 'storage';

/** Longest time until the node writes again after its storage was killed. */
const RECOVERY_MS = 20_000;

/** Longest time to import and write the longest chain. */
const FEEDING_MS = 20 * 60_000;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a node reported to be on disk, and the work of its chain at that time: that of the tip or slightly more. */
export interface Acknowledged extends PersistedStatus {
  work: string;
}

/** A browser profile with one tab, which is killed again and again. */
export class Profile {
  readonly base: BaseChain;
  readonly url: string;
  readonly #server: TestServer;
  readonly #browser: Chromium;
  #tab: Tab<Page> | null = null;
  #acknowledged: Acknowledged | null = null;

  private constructor(base: BaseChain, server: TestServer, browser: Chromium) {
    this.base = base;
    this.#server = server;
    this.#browser = browser;
    this.url = server.url + formatNetworkLink(base.feed.network);
  }

  /** Opens a fresh profile with an account that has the base chain on disk. */
  static async open(base: BaseChain, account: string): Promise<Profile> {
    const profile = new Profile(base, await TestServer.start(), await Chromium.launch());
    try {
      await profile.#feed(account);
      await profile.openTab();
    } catch (error) {
      await profile.close();
      throw error;
    }
    return profile;
  }

  async #feed(account: string): Promise<void> {
    const tab = await this.#browser.newTab('fed');
    await prepareFeeding(tab.page);
    await tab.open(this.url);
    await tab.call('register', { name: account, passphrase: PASSPHRASE });
    const { feed } = this.base;
    const feeder = await Feeder.prepare(tab.page, feed);
    await feeder.open();
    const isStored = ([s]: Status[]): boolean => s!.tip === feed.chain.tip().id && s!.persisted.tip === s!.tip;
    await waitUntil([tab], 'the base chain on disk', isStored, FEEDING_MS);
    await feeder.close();
    await tab.close();
  }

  async close(): Promise<void> {
    await this.#browser.dispose();
    await this.#server.kill();
  }

  get tab(): Tab<Page> {
    return this.#tab!;
  }

  /** Replaces the tab, if any, by a new one: a guest until it logs in. */
  async openTab(): Promise<void> {
    await this.#tab?.close().catch(() => undefined);
    this.#tab = await this.#browser.openTab('crash', this.url);
  }

  async login(name: string): Promise<void> {
    await this.tab.call('login', { name, passphrase: PASSPHRASE });
  }

  /** What the node has reported to be on disk since {@link watch}. */
  get acknowledged(): Acknowledged | null {
    return this.#acknowledged;
  }

  /** Records what the node reports to be on disk from now on. Call once per tab. */
  async watch(): Promise<void> {
    const { page } = this.tab;
    this.#acknowledged = null;
    await page.exposeFunction('acknowledged', (acknowledged: Acknowledged) => {
      if (acknowledged.height >= 0) this.#acknowledged = acknowledged;
    });
    await page.evaluate(tell);
  }

  /** Kills a process; afterwards the tab is gone. */
  async kill(victim: Victim): Promise<void> {
    if (victim === 'storage') await this.#killStorage();
    await this.#browser.kill(victim === 'browser' ? 'browser' : 'renderer');
    if (victim !== 'browser') return;
    this.#tab = null;
    await this.#browser.start();
  }

  /** Restarts a browser that has ended by itself. */
  async restart(): Promise<void> {
    this.#tab = null;
    await this.#browser.stop();
    await this.#browser.start();
  }

  /** Kills the storage process and waits until the surviving tab's blocks are on disk again. */
  async #killStorage(): Promise<void> {
    await this.#browser.kill('storage');
    const { height } = await this.tab.status();
    const deadlineMs = Date.now() + RECOVERY_MS;
    while ((this.#acknowledged?.height ?? -1) < height && Date.now() < deadlineMs) await sleep(50);
  }
}

interface WatchedPage {
  tabchain: TabchainApi;
  acknowledged(acknowledged: Acknowledged): Promise<void>;
}

/** Runs in the page: reports what is on disk as soon as it is known. */
function tell(): void {
  const page = globalThis as unknown as WatchedPage;
  void (async () => {
    for (;;) {
      const { persisted, work } = await page.tabchain.status();
      await page.acknowledged({ ...persisted, work });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
}
