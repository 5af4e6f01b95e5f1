import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { OtherVersion } from './harness/other-version.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const ACCOUNT = { name: 'alex', passphrase: 'correct horse battery' };

/** The server of the page goes away, comes back with a newer page, and nothing is lost. */
describe.sequential('without the server of the page', () => {
  const link = testNetworkLink('offline', { blockTimeMs: 1_000 });
  let server: TestServer;
  let browser: Chromium;
  let tab: Tab<Page>;
  let newer: OtherVersion | null = null;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch({ serviceWorkers: true });
    tab = await browser.openTab('alex', server.url + link);
    await tab.call('register', ACCOUNT);
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'a stored chain', ([s]) => s!.account?.registration === 'confirmed' && s!.persisted.height > 2);
    await tab.call('mine', false);
    await tab.call('keyFileSaved');
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
    newer?.dispose();
  });

  test('the page is kept on the device', async () => {
    const worker = () => tab.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state);
    await expect.poll(worker, { timeout: 60_000 }).toBe('activated');
    const kept = await tab.page.evaluate(async () => {
      const [name] = (await caches.keys()).filter((key) => key.includes('precache'));
      return (await (await caches.open(name!)).keys()).map(({ url }) => new URL(url).pathname);
    });
    expect(kept).toContain('/index.html');
    expect(kept.some((path) => path.endsWith('.wasm'))).toBe(true);
    expect(kept).not.toContain('/links.json');
    expect(kept).not.toContain('/version.json');
  });

  test('a reload opens page, account and chain, and the tab mines on', async () => {
    const { height } = await tab.call('status');
    await server.kill();
    await tab.page.reload();
    await tab.call('ready');
    await tab.call('login', ACCOUNT);
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'a block without a server', ([s]) => s!.height > height && s!.persisted.height > height);
    await tab.call('mine', false);
    // Pages whose code was never loaded while the server was there open, too.
    await go(tab, '/database');
    await tab.page.getByRole('heading', { level: 1, name: 'Database' }).waitFor();
    // So do the texts of a language that nobody has read.
    await speak(tab, 'zh-Hant');
    await tab.page.getByRole('heading', { level: 1, name: '資料庫' }).waitFor();
    await speak(tab, 'en');
    await go(tab, '/meet');
    await tab.page.getByRole('heading', { level: 1 }).waitFor();
    await tab.screenshot('offline');
  });

  test('the server is back with a newer page: the tab says so, and a reload brings the page and loses nothing', async () => {
    const { height } = await tab.call('status');
    newer = new OtherVersion([{ path: 'src/ui/i18n/en/messages.ts', from: "skip: 'Skip to the content'", to: "skip: 'Skip ahead'" }]);
    await server.restart(newer.project);
    const reload = tab.page.getByRole('status').getByRole('button', { name: 'Reload', exact: true });
    // A person returns to the tab.
    await expect
      .poll(
        async () => {
          await tab.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
          return reload.isVisible();
        },
        { timeout: 90_000, interval: 2_000 },
      )
      .toBe(true);
    await tab.screenshot('newer-page');
    await reload.click();
    await tab.page.getByRole('link', { name: 'Skip ahead' }).waitFor({ state: 'attached' });
    const status = await tab.call('ready');
    expect(status.height).toBeGreaterThanOrEqual(height);
    expect(status.account?.name).toBe(ACCOUNT.name);
    expect(tab.problems.filter((problem) => !/ERR_CONNECTION_REFUSED|WebSocket/.test(problem))).toEqual([]);
  });
});
