import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { Tab } from './tab.ts';

/** `HEADED=1` shows the windows. */
const HEADLESS = !process.env['HEADED'];

export const CHROMIUM_PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Containers have no user namespaces for the sandbox; the other flags keep the browser from contacting servers outside the tests. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Playwright's flags against the throttling of hidden tabs, which people's browsers do not have. */
const THROTTLING_OFF = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export interface ChromiumOptions {
  /** Throttle hidden tabs as a person's browser does. Default false. */
  throttled?: boolean;
  flags?: string[];
  /** Default 1280 × 800. */
  viewport?: { width: number; height: number };
  /** Has a touch screen and no mouse, like a phone. Default false. */
  touch?: boolean;
  /** Default "en-GB". */
  locale?: string;
  /** Blocks all storage of pages, like a person's setting "block all cookies". Default false. */
  siteDataBlocked?: boolean;
  /**
   * Allows service workers. Default false: the page's own worker would answer in place of the server, and the tests that stop a request
   * would not see the request.
   */
  serviceWorkers?: boolean;
  /** Uses little more processor time than other programs leave over. Default false. */
  yielding?: boolean;
  /** Default {@link CHROMIUM_PATH}. */
  executable?: string;
}

/**
 * Starts a program at a tenth of the others' weight; at the lowest weight, it would not even start on a busy machine. Linux shares
 * processors first among sessions and then among the processes of each, so the browser's whole session, made by Playwright, gets the low
 * weight.
 */
const YIELDING_LAUNCHER = `#!/bin/sh
echo 10 2>/dev/null > /proc/self/autogroup || true
exec nice -n 10 '${CHROMIUM_PATH}' "$@"
`;

/** One Chromium with one profile. Its tabs share storage; two Chromiums share nothing. */
export class Chromium {
  readonly #profile: string;
  readonly #options: ChromiumOptions;
  #context: BrowserContext | null = null;
  #lastWindow: Promise<unknown> = Promise.resolve();

  private constructor(options: ChromiumOptions) {
    this.#profile = mkdtempSync(join(tmpdir(), 'tabchain-chromium-'));
    this.#options = options;
    if (options.siteDataBlocked) blockSiteData(this.#profile);
  }

  /** Launches a fresh browser with an empty profile. */
  static async launch(options: ChromiumOptions = {}): Promise<Chromium> {
    const browser = new Chromium(options);
    await browser.start();
    return browser;
  }

  /**
   * Opens an empty tab in a window of its own, whose `page` is a Playwright page.
   * @param where `apart`: private, which shares nothing with other tabs; `beside`: shares the storage of that private tab
   */
  async newTab(name: string, where: { apart?: boolean; beside?: Tab<Page> } = {}): Promise<Tab<Page>> {
    if (this.#context === null) throw new Error('This browser is not running.');
    const tab = new Tab(name, await this.#inTurn(() => this.#newPage(this.#context!, where)));
    tab.page.on('pageerror', (error) => tab.problems.push(`uncaught: ${error.stack ?? error.message}`));
    tab.page.on('crash', () => tab.problems.push('the tab crashed'));
    tab.page.on('console', (message) => {
      if (message.type() === 'error') tab.problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    return tab;
  }

  async #newPage(context: BrowserContext, { apart, beside }: { apart?: boolean; beside?: Tab<Page> }): Promise<Page> {
    if (apart) return (await context.browser()!.newContext({ serviceWorkers: 'block' })).newPage();
    return beside ? newWindow(beside.page.context(), beside.page) : newWindow(context);
  }

  /** One window at a time, because each waits for the next page that opens. */
  #inTurn(open: () => Promise<Page>): Promise<Page> {
    const page = this.#lastWindow.then(open);
    this.#lastWindow = page.catch(() => undefined);
    return page;
  }

  /** Opens a tab on `url` and waits until its node is ready. */
  async openTab(name: string, url: string): Promise<Tab<Page>> {
    const tab = await this.newTab(name);
    await tab.open(url);
    return tab;
  }

  /** Closes the browser and keeps the profile for {@link start}. */
  async stop(): Promise<void> {
    await this.#context?.close();
    this.#context = null;
  }

  /** Starts the browser on its profile. */
  async start(): Promise<void> {
    const { throttled = false, flags = [], viewport = { width: 1280, height: 800 }, locale = 'en-GB' } = this.#options;
    const { executable = CHROMIUM_PATH, touch = false, serviceWorkers = false } = this.#options;
    this.#context = await chromium.launchPersistentContext(this.#profile, {
      executablePath: this.#options.yielding ? yieldingLauncher(this.#profile) : executable,
      headless: HEADLESS,
      args: [...FLAGS, ...flags],
      viewport,
      locale,
      ...(touch ? { hasTouch: true, isMobile: true } : {}),
      acceptDownloads: true,
      serviceWorkers: serviceWorkers ? 'allow' : 'block',
      ignoreHTTPSErrors: true,
      ...(throttled ? { ignoreDefaultArgs: THROTTLING_OFF } : {}),
    });
  }

  /**
   * Kills all processes of a kind at once, as a power cut or a system without memory would. After `renderer` the tabs are gone and the
   * browser stays; after `storage` the tabs stay and IndexedDB restarts; after `browser` all is gone, and {@link start} must follow.
   */
  async kill(kind: 'browser' | 'renderer' | 'storage'): Promise<void> {
    const context = this.#context;
    if (context === null) throw new Error('This browser is not running.');
    const processInfo = await processesOf(context);
    const all = processInfo.map(({ id }) => id);
    const meant = processInfo.filter(({ type }) => type === kind || type.startsWith(`${kind}.`)).map(({ id }) => id);
    for (const id of meant) process.kill(id, 'SIGKILL');
    if (kind !== 'browser') return;
    this.#context = null;
    // Remaining processes hold the profile's locks until they notice.
    for (const id of all) while (isRunning(id)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /**
   * Suspends all processes: no socket is read, and all calls to pages wait. With `renderer`, suspends only the pages.
   * @returns a function that resumes them
   */
  async standStill(kind: 'all' | 'renderer' = 'all'): Promise<() => void> {
    if (this.#context === null) throw new Error('This browser is not running.');
    const meant = (await processesOf(this.#context)).filter(({ type }) => kind === 'all' || type === kind);
    const ids = meant.map(({ id }) => id);
    for (const id of ids) process.kill(id, 'SIGSTOP');
    return () => {
      for (const id of ids) if (isRunning(id)) process.kill(id, 'SIGCONT');
    };
  }

  /** Closes the browser and deletes the profile. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function yieldingLauncher(profile: string): string {
  const path = join(profile, 'yielding-chromium');
  writeFileSync(path, YIELDING_LAUNCHER, { mode: 0o755 });
  return path;
}

/** Chromium's content setting 2 is "block". */
function blockSiteData(profile: string): void {
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
}

/**
 * Opens an empty page in a window of its own. Behind another tab of its window, a page would draw once a second, and each click would wait
 * for two drawings.
 */
async function newWindow(context: BrowserContext, beside?: Page): Promise<Page> {
  const session = await context.browser()!.newBrowserCDPSession();
  const browserContextId = beside && (await contextIdOf(beside));
  const [page] = await Promise.all([
    context.waitForEvent('page'),
    session.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...(browserContextId && { browserContextId }) }),
  ]);
  await session.detach();
  return page;
}

async function contextIdOf(page: Page): Promise<string | undefined> {
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  await session.detach();
  return targetInfo.browserContextId;
}

async function processesOf(context: BrowserContext): Promise<{ id: number; type: string }[]> {
  const session = await context.browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo;
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
