import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const ACCOUNT = { name: 'alex', passphrase: 'correct horse battery' };

/** A browser without storage for the page: everything works while the tab is open, and the page says what that means. */
describe.sequential('without storage', () => {
  let server: TestServer;
  let url: string;
  let browser: Chromium | null = null;

  beforeAll(async () => {
    server = await TestServer.start();
    url = server.url + testNetworkLink('no-storage', { blockTimeMs: 1_000 });
  });
  afterEach(() => browser?.dispose());
  afterAll(() => server?.kill());

  async function registerAndMine(tab: Tab<Page>): Promise<void> {
    await tab.open(url);
    const account = await tab.call('register', ACCOUNT);
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'coins in memory', ([s]) => s!.account?.registration === 'confirmed' && Number(s!.balance) > 0);
    await tab.call('mine', false);
    await tab.call('transfer', { to: account.address, amount: '1', memo: 'to myself' });
    expect((await tab.status()).persisted).toMatchObject({ memoryOnly: true, error: 'storage-unavailable' });
    await tab.page.getByText('The chain cannot be saved to disk:').waitFor();
  }

  test('with all site data blocked an account lives in the tab, and its key file brings it back', async () => {
    browser = await Chromium.launch({ siteDataBlocked: true });
    const tab = await browser.newTab('blocked');
    await registerAndMine(tab);
    const { account } = await tab.status();
    expect(account).toMatchObject({ keyKept: false, keyFileSaved: false });
    await tab.page.getByText('your key and its coins are lost unless you save').waitFor();
    await tab.screenshot('no-storage-blocked');
    expect(await tab.call('accounts')).toMatchObject([{ name: 'alex', address: account!.address }]);
    await tab.call('logout');
    await tab.call('login', ACCOUNT);
    const pem = await tab.call('keyFile');
    await tab.reload();
    expect((await tab.status()).account).toBeNull();
    expect(await tab.call('accounts')).toEqual([]);
    const again = await tab.call('importKeyFile', { pem, passphrase: ACCOUNT.passphrase });
    expect(again).toMatchObject({ address: account!.address, keyKept: false });
    await tab.call('forgetAccount', { address: again.address, passphrase: ACCOUNT.passphrase });
    expect(await tab.call('accounts')).toEqual([]);
    expect(tab.problems).toEqual([]);
  });

  test('without IndexedDB the key is kept in localStorage and the chain in memory', async () => {
    browser = await Chromium.launch();
    const tab = await browser.newTab('no IndexedDB');
    await tab.page.route('**/*.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        body: `Object.defineProperty(globalThis, 'indexedDB', { value: undefined });\n${await response.text()}`,
      });
    });
    await registerAndMine(tab);
    expect((await tab.status()).account).toMatchObject({ keyKept: true });
    await tab.reload();
    expect((await tab.status()).account).toMatchObject({ name: 'alex', locked: true });
    await tab.call('login', ACCOUNT);
    await tab.call('forgetAccount', { address: (await tab.status()).account!.address, passphrase: ACCOUNT.passphrase });
    expect(tab.problems).toEqual([]);
  });
});
