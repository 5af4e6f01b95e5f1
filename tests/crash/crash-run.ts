import initSqlJs, { type SqlJsStatic } from 'sql.js';
import type { Page } from 'playwright-core';
import type { PersistedStatus, TabchainApi } from '../../src/node/api.ts';
import { parseNetworkLink } from '../../src/protocol/network.ts';
import { createBigIntVerifier } from '../../src/crypto/rsa/verifier.ts';
import { canonicalDump } from '../../src/storage/dump.ts';
import { Sql } from '../../src/storage/sql/database.ts';
import { Chromium } from '../browser/harness/chromium.ts';
import { testNetworkLink } from '../browser/harness/network-link.ts';
import { TestServer } from '../browser/harness/server.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { blocksOf, replay } from '../sim/checks/replay.ts';

const ACCOUNT = { name: 'alex', passphrase: 'correct horse battery' };

/** Several blocks a second: as many writes to be cut in two. */
const BLOCK_TIME_MS = 200;

/** The time from mining to the kill. */
const MIN_LIFE_MS = 150;
const MAX_LIFE_MS = 2_500;

/** So long the node may need to write again after its storage was killed. */
const RECOVERY_MS = 20_000;

/** What is killed. After `storage` the tab has to go on by itself; then it is killed as well. */
export type Victim = 'renderer' | 'browser' | 'storage';

export interface Round {
  readonly victim: Victim;
  /** What the node had said to be on disk before the kill. */
  readonly acknowledged: number;
  /** What was there afterwards. */
  readonly found: number;
  /** Blocks that were said to be on disk, and are not. */
  readonly lost: number;
  /** What is wrong with what was found. */
  readonly faults: readonly string[];
}

/** One browser profile with one account that mines and pays, and is killed over and over again. */
export class CrashRun {
  readonly #server: TestServer;
  readonly #browser: Chromium;
  readonly #sqlJs: SqlJsStatic;
  readonly #url: string;
  #tab: Tab<Page> | null = null;
  #acknowledged: PersistedStatus | null = null;

  private constructor(server: TestServer, browser: Chromium, sqlJs: SqlJsStatic) {
    this.#server = server;
    this.#browser = browser;
    this.#sqlJs = sqlJs;
    this.#url = server.url + testNetworkLink('crash', { blockTimeMs: BLOCK_TIME_MS });
  }

  static async open(): Promise<CrashRun> {
    const server = await TestServer.start();
    const run = new CrashRun(server, await Chromium.launch(), await initSqlJs());
    await run.#openTab();
    await run.#tab!.call('register', ACCOUNT);
    return run;
  }

  async close(): Promise<void> {
    await this.#browser.dispose();
    await this.#server.kill();
  }

  async #openTab(): Promise<void> {
    this.#tab = await this.#browser.openTab('crash', this.#url);
  }

  /** @param chance in [0, 1): when the kill comes */
  async round(victim: Victim, chance: number): Promise<Round> {
    const page = this.#tab!.page;
    this.#acknowledged = null;
    await page.exposeFunction('acknowledged', (persisted: PersistedStatus) => (this.#acknowledged = persisted));
    await this.#tab!.call('mine', true, { threads: 1 });
    await page.evaluate(tell);
    await page.evaluate(pay);
    await new Promise((resolve) => setTimeout(resolve, MIN_LIFE_MS + chance * (MAX_LIFE_MS - MIN_LIFE_MS)));
    if (victim === 'storage') await this.#killStorage();
    const acknowledged = this.#acknowledged as PersistedStatus | null;
    await this.#browser.kill(victim === 'browser' ? 'browser' : 'renderer');
    if (victim === 'browser') await this.#browser.start();
    else await page.close().catch(() => undefined);
    await this.#openTab();
    await this.#tab!.call('login', ACCOUNT);
    return this.#examine(victim, acknowledged);
  }

  /** The tab lives on, and what it mines reaches the disk again. */
  async #killStorage(): Promise<void> {
    await this.#browser.kill('storage');
    const { height } = await this.#tab!.status();
    const deadlineMs = Date.now() + RECOVERY_MS;
    while ((this.#acknowledged?.height ?? -1) < height + 1 && Date.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #examine(victim: Victim, acknowledged: PersistedStatus | null): Promise<Round> {
    const tab = this.#tab!;
    const { persisted, network } = await tab.status();
    const faults: string[] = persisted.error === null ? [] : [`the disk says ${persisted.error}`];
    const height = acknowledged?.height ?? -1;
    const block = height < 0 ? null : await tab.call('block', height);
    const isThere = height < 0 || (persisted.height >= height && block?.id === acknowledged?.tip);
    faults.push(...(await this.#audit(await tab.call('exportDatabase'), network.link)));
    return { victim, acknowledged: height, found: persisted.height, lost: isThere ? 0 : Math.max(1, height - persisted.height), faults };
  }

  /** The file is sound, and its rows are those of an independent execution of its blocks. */
  async #audit(bytes: Uint8Array, link: string): Promise<string[]> {
    const database = new this.#sqlJs.Database(bytes);
    try {
      const [check] = database.exec('PRAGMA integrity_check');
      const faults = check!.values
        .flat()
        .filter((line) => line !== 'ok')
        .map(String);
      const sql = new Sql(database);
      const parameters = parseNetworkLink(link);
      const again = await replay(this.#sqlJs, parameters, createBigIntVerifier(), blocksOf(sql, parameters));
      if (again.dump !== canonicalDump(sql)) faults.push('the rows are not those of its blocks');
      return [...faults, ...again.faults];
    } catch (error) {
      return [String(error)];
    } finally {
      database.close();
    }
  }
}

interface BusyPage {
  tabchain: TabchainApi;
  acknowledged(persisted: PersistedStatus): Promise<void>;
}

/** Runs in the page: tells what is on disk as soon as it is known. */
function tell(): void {
  const page = globalThis as unknown as BusyPage;
  void (async () => {
    for (;;) {
      await page.acknowledged((await page.tabchain.status()).persisted);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
}

/** Runs in the page: sends coins in a circle. */
function pay(): void {
  const page = globalThis as unknown as BusyPage;
  void (async () => {
    for (let i = 0; ; i++) {
      const { account } = await page.tabchain.status();
      if (account) await page.tabchain.transfer({ to: account.address, amount: '0.5', memo: `payment ${i}` }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  })();
}
